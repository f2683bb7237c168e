package definitions

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// CompileError is one fault that compiling found: the path of the value in the
// Spec, such as stages[2].exit[0].require, and the place within it.
type CompileError struct {
	Path         string
	Line, Column int // within the value, from 1; the column in runes
	Code         Code
	Message      string
}

func (e CompileError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Message)
}

// Compile makes a version of a process ready to run for the company: defaults
// filled in, ladders resolved, expressions and letters compiled. The Spec stays
// as it is. With any fault there is no process. A company of nil is one
// without people, in UTC.
func Compile(spec *Spec, company *Company) (*Process, []CompileError) {
	source, err := spec.JSON()
	if err != nil {
		return nil, []CompileError{{Line: 1, Column: 1, Code: CodeExpression, Message: err.Error()}}
	}
	own, err := ParseSpec(source)
	if err != nil {
		return nil, []CompileError{{Line: 1, Column: 1, Code: CodeExpression, Message: err.Error()}}
	}
	c := &compiler{p: &Process{
		Spec: *own, Hash: hashOf(source), Company: company, source: source,
		letters: map[string]letterTemplates{}, templates: map[string]*template.Template{},
	}}
	c.fillDefaults()
	c.compileFields()
	c.compileQualification()
	c.compileStages()
	c.compileLetters()
	if len(c.faults) > 0 {
		slices.SortStableFunc(c.faults, func(a, b CompileError) int { return strings.Compare(a.Path, b.Path) })
		return nil, c.faults
	}
	return c.p, nil
}

// JSON is the canonical JSON of the Spec that the process was compiled from,
// with the defaults as they were written. Hash is its hash.
func (p *Process) JSON() ([]byte, error) { return slices.Clone(p.source), nil }

type compiler struct {
	p      *Process
	faults []CompileError
	env    *Env // of the stages
}

func (c *compiler) report(path string, code Code, format string, args ...any) {
	c.faults = append(c.faults, CompileError{Path: path, Line: 1, Column: 1, Code: code, Message: fmt.Sprintf(format, args...)})
}

// environment makes an Env of the process's fields.
func (c *compiler) environment(fields []Field, scope Scope) *Env {
	env, err := NewEnv(fields, c.p.Company.zone(), scope)
	if err != nil {
		c.report("fields", CodeExpression, "%v", err)
		return nil
	}
	return env
}

// compile puts the program into the expression at the path.
func (c *compiler) compile(path string, e *Expr, env *Env, want Kind) {
	if e == nil || env == nil {
		return
	}
	compiled, err := CompileExpr(env, e.Source, want)
	if faults, ok := errors.AsType[ExprErrors](err); ok {
		for _, f := range faults {
			c.faults = append(c.faults, CompileError{path, f.Line, f.Column, CodeExpression, f.Message})
		}
		return
	}
	*e = *compiled
}

// celWords cannot be the name of a field, because an expression would read
// them as something else.
var celWords = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let",
	"loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
}

var fieldName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c *compiler) compileFields() {
	fields := c.p.Fields
	for _, f := range fields {
		path := "fields." + f.ID
		switch {
		case f.ID == "amount" && c.p.Amount == "amount":
			// It is what deal.amount means anyhow.
		case f.ID == "amount":
			c.report(path, CodeReservedName, "deal.amount is the deal's amount: write amount: amount beside the fields to make it this field, or give the field another id")
		case slices.Contains(ReservedFields, f.ID):
			c.report(path, CodeReservedName, "deal.%s is known already, as the deal's own: give the field another id", f.ID)
		case slices.Contains(celWords, f.ID) || !fieldName.MatchString(f.ID):
			c.report(path, CodeReservedName, "an expression cannot name deal.%s: write the id with letters a-z, digits and underscores, and no word of the language", f.ID)
		case !slices.Contains(FieldTypes, f.Type):
			c.report(path+".type", CodeUnknownValue, "there is no field type %s%s", quote(f.Type), oneOf(f.Type, FieldTypes))
		}
	}
	env := c.environment(fields, ComputeScope)
	for i := range fields {
		c.compile("fields."+fields[i].ID+".compute", fields[i].Compute, env, kindOfField(fields[i].Type))
	}
	c.orderComputed()
}

// orderComputed puts the computed fields in an order in which each comes after
// those it reads, and reports those that read themselves.
func (c *compiler) orderComputed() {
	const (
		unseen = iota
		open
		done
	)
	fields := c.p.Fields
	state := make([]int, len(fields))
	var visit func(i int, path []string)
	visit = func(i int, path []string) {
		path = append(path, fields[i].ID)
		if fields[i].Compute == nil || state[i] == done {
			return
		}
		if state[i] == open {
			circle := path[slices.Index(path, fields[i].ID):]
			c.report("fields."+fields[i].ID+".compute", CodeComputedField,
				"the field is computed from itself: %s: break the circle", strings.Join(circle, " needs "))
			return
		}
		state[i] = open
		for _, id := range fields[i].Compute.fields {
			if id == "amount" {
				id = c.p.Amount
			}
			if j := slices.IndexFunc(fields, func(f Field) bool { return f.ID == id }); j >= 0 {
				visit(j, path)
			}
		}
		state[i] = done
		c.p.computed = append(c.p.computed, i)
	}
	for i := range fields {
		visit(i, nil)
	}
}

func (c *compiler) compileQualification() {
	q := c.p.Qualification
	if q == nil {
		return
	}
	env := c.environment(c.p.Fields, CriterionScope)
	for i := range q.Criteria {
		path := "qualification.criteria." + q.Criteria[i].ID
		c.compile(path+".when", q.Criteria[i].When, env, BoolKind)
		c.compile(path+".score", q.Criteria[i].Score, env, NumberKind)
	}
}

func (c *compiler) compileStages() {
	c.env = c.environment(c.p.Fields, StageScope)
	for _, name := range slices.Sorted(maps.Keys(c.p.Escalations)) {
		c.compileLevels("escalations."+name, c.p.Escalations[name])
	}
	if l := c.p.Defaults.Escalation; l != nil {
		c.compileLadder("defaults.escalation", l)
	}
	for i := range c.p.Stages {
		c.compileStage(fmt.Sprintf("stages[%d]", i), &c.p.Stages[i])
	}
}

func (c *compiler) compileStage(path string, s *Stage) {
	c.compile(path+".skip", s.Skip, c.env, BoolKind)
	gates := func(key string, gates []Gate) {
		for i, g := range gates {
			c.compile(fmt.Sprintf("%s.%s[%d].require", path, key, i), g.Require, c.env, BoolKind)
		}
	}
	gates("entry", s.Entry)
	gates("exit", s.Exit)
	for i, t := range s.Tasks {
		task := fmt.Sprintf("%s.tasks[%d]", path, i)
		c.compile(task+".when", t.When, c.env, BoolKind)
		if t.Escalation != nil {
			c.compileLadder(task+".escalation", t.Escalation)
		}
	}
	if s.Sequence != nil {
		for i, step := range s.Sequence.Steps {
			c.compile(fmt.Sprintf("%s.sequence.steps[%d].when", path, i), step.When, c.env, BoolKind)
		}
	}
	for i, m := range s.Next {
		c.compile(fmt.Sprintf("%s.next[%d].when", path, i), m.When, c.env, BoolKind)
	}
	if s.Escalation == nil {
		s.Escalation = &Ladder{}
		if d := c.p.Defaults.Escalation; d != nil {
			s.Escalation = d
		}
		return
	}
	c.compileLadder(path+".escalation", s.Escalation)
}

// compileLadder resolves a ladder's name, or compiles the levels written in its place.
func (c *compiler) compileLadder(path string, l *Ladder) {
	if l.Name == "" {
		c.compileLevels(path, l.Levels)
		return
	}
	levels, found := c.p.Escalations[l.Name]
	if !found {
		c.report(path, CodeUnknownLadder, "unknown ladder %s%s", quote(l.Name), oneOf(l.Name, slices.Sorted(maps.Keys(c.p.Escalations))))
	}
	l.Levels = levels
}

func (c *compiler) compileLevels(path string, levels []Level) {
	for i, l := range levels {
		c.compile(fmt.Sprintf("%s[%d].when", path, i), l.When, c.env, BoolKind)
	}
}
