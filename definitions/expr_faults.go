package definitions

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
)

// faults says what CEL found in the words of the process language.
func (env *Env) faults(issues *cel.Issues, tree *ast.AST, source string) ExprErrors {
	var faults ExprErrors
	for _, issue := range issues.Errors() {
		fault := &ExprError{Line: max(issue.Location.Line(), 1), Column: max(issue.Location.Column()+1, 1)}
		env.explain(fault, issue, tree)
		faults = append(faults, fault)
	}
	// An expression with a syntax error makes the parser stumble on; the first
	// fault is the one to mend.
	if tree == nil && len(faults) > 1 {
		faults = faults[:1]
	}
	return faults
}

var (
	undefinedField  = regexp.MustCompile(`^undefined field '(.*)'$`)
	undeclaredName  = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload      = regexp.MustCompile(`^found no matching overload for '([^']+)' applied to '(.*)'$`)
	mixedList       = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'$`)
	operandsOfBoth  = regexp.MustCompile(`^\((.*), (.*)\)$`)
	operandOfUnary  = regexp.MustCompile(`^\(([^,]*)\)$`)
	operatorOfCall  = regexp.MustCompile(`^_([^_]+)_$`)
	unexpectedToken = regexp.MustCompile(`'([^']*)'`)
)

func (env *Env) explain(fault *ExprError, issue *cel.Error, tree *ast.AST) {
	fault.Message = issue.Message
	if m := undefinedField.FindStringSubmatch(issue.Message); m != nil {
		operand := operandOf(tree, issue.ExprID)
		fault.Message = env.explainField(m[1], operand)
		if operand != nil && operand.Kind() == ast.IdentKind {
			// CEL points at the dot, or within has() at the parenthesis; the field is what is wrong.
			at := tree.SourceInfo().GetStartLocation(operand.ID())
			fault.Line, fault.Column = at.Line(), at.Column()+len(operand.AsIdent())+2
		}
	} else if m := undeclaredName.FindStringSubmatch(issue.Message); m != nil {
		fault.Message = env.explainName(m[1])
	} else if m := noOverload.FindStringSubmatch(issue.Message); m != nil {
		fault.Message = explainOverload(m[1], m[2])
	} else if m := mixedList.FindStringSubmatch(issue.Message); m != nil {
		fault.Message = fmt.Sprintf("%s is expected here, not %s", typeWord(m[1]), typeWord(m[2]))
	} else if rest, isSyntax := strings.CutPrefix(issue.Message, "Syntax error: "); isSyntax {
		fault.Message = "syntax error: " + rest + syntaxHint(rest)
	}
}

// operandOf is what stands before the dot of a selection.
func operandOf(tree *ast.AST, id int64) (operand ast.Expr) {
	if tree == nil {
		return nil
	}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() == id && e.Kind() == ast.SelectKind {
			operand = e.AsSelect().Operand()
		}
	}))
	return operand
}

func (env *Env) explainField(field string, operand ast.Expr) string {
	if operand == nil || operand.Kind() != ast.IdentKind {
		return "there is no field " + quote(field)
	}
	owner := operand.AsIdent()
	if owner == "deal" && env.objects["contact"] == nil && slices.Contains(ReservedFields, field) {
		return fmt.Sprintf("deal.%s cannot be used in a computed field: it may read the deal's fields and nothing else", field)
	}
	return fmt.Sprintf("%s has no field %s%s", owner, quote(field), oneOf(field, env.objects[owner].names()))
}

func (env *Env) explainName(name string) string {
	owners := slices.Sorted(maps.Keys(env.objects))
	if slices.Contains([]string{"qualification", "contact", "stage", "deal", "mail"}, name) {
		return fmt.Sprintf("%s is not known in this place; expected one of: %s", quote(name), strings.Join(owners, ", "))
	}
	for _, owner := range owners {
		if env.objects[owner][name] != nil {
			return fmt.Sprintf("unknown name %s; did you mean %s.%s?", quote(name), owner, name)
		}
	}
	if env.cel.HasFunction(name) {
		return fmt.Sprintf("%s is not used in this way: it follows what it is about, as in contact.name.%s()", quote(name), name)
	}
	known := append(owners, "has", "date", "size", "timestamp", "duration", "lower", "upper", "trim", "contains", "matches")
	return "unknown name " + quote(name) + didYouMean(name, known)
}

func explainOverload(function, operands string) string {
	operator := function
	if m := operatorOfCall.FindStringSubmatch(function); m != nil {
		operator = m[1]
	}
	switch function {
	case "@in":
		operator = "in"
	case "_?_:_":
		return "the two sides of ? : are of different types " + operands
	case "_[_]":
		return "nothing can be looked up by [ ] here"
	case "!_", "-_":
		operator = function[:1]
	}
	if m := operandsOfBoth.FindStringSubmatch(operands); m != nil && !strings.Contains(m[1]+m[2], ", ") {
		a, b := typeWord(m[1]), typeWord(m[2])
		hint := ""
		switch {
		case (a == "a date" && b == "text") || (a == "text" && b == "a date"):
			hint = `: write a date as date("2026-01-31")`
		case (a == "a number" && b == "text") || (a == "text" && b == "a number"):
			hint = ": write a number without quotes"
		}
		return fmt.Sprintf("%s does not go between %s and %s%s", operator, a, b, hint)
	}
	if m := operandOfUnary.FindStringSubmatch(operands); m != nil {
		return fmt.Sprintf("%s does not take %s", operator, typeWord(m[1]))
	}
	return fmt.Sprintf("%s does not take %s", operator, operands)
}

// typeWord is a CEL type in the words of the process language.
func typeWord(t string) string {
	switch t {
	case "int", "double", "uint":
		return "a number"
	case "string":
		return "text"
	case "bool":
		return "yes or no"
	case "timestamp", "google.protobuf.Timestamp":
		return "a date"
	case "duration", "google.protobuf.Duration":
		return "a length of time"
	case "null", "null_type":
		return "null"
	}
	if name, ours := strings.CutPrefix(t, typeOf("")); ours {
		return name
	}
	switch {
	case strings.HasPrefix(t, "list"):
		return "a list"
	case strings.HasPrefix(t, "map"):
		return "a map"
	}
	return t
}

// syntaxHint recognises what people write who know another language.
func syntaxHint(message string) string {
	for _, m := range unexpectedToken.FindAllStringSubmatch(message, -1) {
		switch strings.ToLower(strings.TrimSpace(m[1])) {
		case "and":
			return ": write && for and"
		case "or":
			return ": write || for or"
		case "not":
			return ": write ! for not"
		case "=", "<>":
			return ": write == for equal, != for different"
		}
		if strings.HasPrefix(m[1], "=") {
			return ": write == for equal"
		}
	}
	return ""
}
