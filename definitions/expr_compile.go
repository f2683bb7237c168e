package definitions

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Kind is what an expression must give.
type Kind uint8

// The kinds.
const (
	BoolKind Kind = iota
	NumberKind
	TextKind
	DateKind
)

// accepts reports whether a CEL type is of the kind.
func (k Kind) accepts(t *cel.Type) bool {
	switch k {
	case BoolKind:
		return t.IsExactType(cel.BoolType)
	case NumberKind:
		return t.IsExactType(cel.DoubleType) || t.IsExactType(cel.IntType)
	case TextKind:
		return t.IsExactType(cel.StringType)
	default:
		return t.IsExactType(cel.TimestampType)
	}
}

func (k Kind) String() string { return [...]string{"yes or no", "a number", "text", "a date"}[k] }

// kindOfField is what a computed field's expression must give.
func kindOfField(fieldType string) Kind {
	switch fieldType {
	case TypeBool:
		return BoolKind
	case TypeNumber, TypeMoney:
		return NumberKind
	case TypeDate:
		return DateKind
	default:
		return TextKind
	}
}

// ExprError is one fault of an expression, at a place in its source.
type ExprError struct {
	Line, Column int // from 1; the column in runes
	Message      string
}

func (e *ExprError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// ExprErrors are all faults of one expression. It is what CompileExpr returns
// as its error.
type ExprErrors []*ExprError

func (es ExprErrors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// CompileExpr compiles the source to an expression that gives what is wanted.
// Every error is ExprErrors.
func CompileExpr(env *Env, source string, want Kind) (*Expr, error) {
	if strings.TrimSpace(source) == "" {
		return nil, ExprErrors{{1, 1, "the expression is empty: write a condition such as deal.amount > 0"}}
	}
	parsed, issues := env.cel.Parse(source)
	if issues.Err() != nil {
		return nil, env.faults(issues, nil, source)
	}
	evenLists(parsed.NativeRep())
	checked, issues := env.cel.Check(parsed)
	if issues.Err() != nil {
		return nil, env.faults(issues, parsed.NativeRep(), source)
	}
	tree := checked.NativeRep()
	if faults := env.checkLiterals(tree); len(faults) > 0 {
		return nil, faults
	}
	if t := checked.OutputType(); !want.accepts(t) {
		return nil, ExprErrors{{1, 1, fmt.Sprintf("the expression gives %s, %s is expected here", typeWord(t.String()), want)}}
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	fields, loops := survey(tree)
	if loops {
		// Counting the cost slows an evaluation, and without a loop it is bounded by the length of the source.
		options = append(options, cel.CostLimit(evaluationLimit), cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost))
	}
	program, err := env.cel.Program(checked, options...)
	if err != nil {
		return nil, ExprErrors{{1, 1, err.Error()}}
	}
	return &Expr{Source: source, program: program, fields: fields}, nil
}

// evenLists turns the whole numbers of list literals into fractions, so that
// [1, 2.5] is a list of numbers.
func evenLists(tree *ast.AST) {
	factory := ast.NewExprFactory()
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.ListKind {
			return
		}
		for _, element := range e.AsList().Elements() {
			if element.Kind() != ast.LiteralKind {
				continue
			}
			if n, ok := element.AsLiteral().(types.Int); ok {
				element.SetKindCase(factory.NewLiteral(element.ID(), types.Double(n)))
			}
		}
	}))
}

// survey lists the deal's fields that an expression reads, and says whether it loops.
func survey(tree *ast.AST) (fields []string, loops bool) {
	seen := map[string]bool{}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.ComprehensionKind {
			loops = true
		}
		if field, ok := dealField(e); ok && !seen[field] {
			seen[field] = true
			fields = append(fields, field)
		}
	}))
	return fields, loops
}

// dealField is the field of an expression deal.<field>.
func dealField(e ast.Expr) (string, bool) {
	if e.Kind() != ast.SelectKind {
		return "", false
	}
	s := e.AsSelect()
	if s.Operand().Kind() != ast.IdentKind || s.Operand().AsIdent() != "deal" {
		return "", false
	}
	return s.FieldName(), true
}

// checkLiterals finds values that the types allow and that can never be meant:
// an option that a choice does not have, a date that is none, null.
func (env *Env) checkLiterals(tree *ast.AST) ExprErrors {
	var faults ExprErrors
	report := func(e ast.Expr, message string) {
		at := tree.SourceInfo().GetStartLocation(e.ID())
		faults = append(faults, &ExprError{at.Line(), at.Column() + 1, message})
	}
	option := func(choice, value ast.Expr) {
		field, _ := dealField(choice)
		options, isChoice := env.choices[field]
		text, isText := literalText(value)
		if isChoice && isText && text != "" && !slices.Contains(options, text) {
			report(value, fmt.Sprintf("%s is no option of deal.%s%s", quote(text), field, oneOf(text, options)))
		}
	}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.LiteralKind && e.AsLiteral() == types.NullValue {
			report(e, "nothing is ever null here: write has(deal.field) to ask whether a field is filled")
		}
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.Equals, operators.NotEquals:
			option(args[0], args[1])
			option(args[1], args[0])
		case operators.In:
			if args[1].Kind() == ast.ListKind {
				for _, element := range args[1].AsList().Elements() {
					option(args[0], element)
				}
			}
		case "date":
			if text, ok := literalText(args[0]); ok {
				if _, err := parseDate(text, env.zone); err != nil {
					report(args[0], err.Error())
				}
			}
		}
	}))
	return faults
}

func literalText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
