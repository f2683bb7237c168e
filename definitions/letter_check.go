package definitions

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode/utf8"
)

// shape is what a letter's names may hold: a group of names, or a value.
type shape map[string]shape // nil: a value

func group(names ...string) shape {
	s := shape{}
	for _, name := range names {
		s[name] = nil
	}
	return s
}

func (s shape) names() []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// letterShape is what the letters of a process may name.
func letterShape(fields []Field) shape {
	deal := group("Amount", "amount", "returning", "source", "visit")
	for _, f := range fields {
		deal[f.ID] = nil
	}
	return shape{
		"Contact": group("Name", "Email", "Phone"),
		"Lead":    group("Subject", "Text", "Date"),
		"Owner":   group("Name", "Email"),
		"Company": group("Name", "Email"),
		"Stage":   group("ID", "Name", "Goal"),
		"Deal":    deal,
	}
}

// letterFunctions are the functions a template may call, with how many values each takes.
var letterFunctions = map[string][2]int{
	"and": {1, 20}, "or": {1, 20}, "not": {1, 1},
	"eq": {2, 20}, "ne": {2, 2}, "lt": {2, 2}, "le": {2, 2}, "gt": {2, 2}, "ge": {2, 2},
}

// letterChecker walks a parsed template and finds the names that do not exist.
type letterChecker struct {
	text   string
	root   shape
	vars   []letterVar
	faults []CompileError
}

type letterVar struct {
	name  string
	shape shape
}

// report notes a fault at a byte of the text.
func (c *letterChecker) report(at parse.Pos, format string, args ...any) {
	before := c.text[:min(int(at), len(c.text))]
	c.faults = append(c.faults, CompileError{
		Line:    strings.Count(before, "\n") + 1,
		Column:  utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1,
		Code:    CodeTemplate,
		Message: fmt.Sprintf(format, args...),
	})
}

var parseFault = regexp.MustCompile(`(?s)^template: [^:]*:(\d+):(?:\d+:)? (.*)$`)

// reportParse notes a fault of the parser, which knows its line only.
func (c *letterChecker) reportParse(err error) {
	line, message := 1, err.Error()
	if m := parseFault.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	column := 1
	if lines := strings.Split(c.text, "\n"); line <= len(lines) {
		if at := strings.Index(lines[line-1], "{{"); at >= 0 {
			column = utf8.RuneCountInString(lines[line-1][:at]) + 1
		}
	}
	c.faults = append(c.faults, CompileError{Line: line, Column: column, Code: CodeTemplate, Message: message})
}

func (c *letterChecker) list(l *parse.ListNode, dot shape) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if s := c.pipe(n.Pipe, dot); s != nil && len(n.Pipe.Decl) == 0 {
				c.report(n.Pos, "%s is a group of values: name one of them: %s", n.Pipe, strings.Join(s.names(), ", "))
			}
		case *parse.IfNode:
			c.branch(&n.BranchNode, dot, false)
		case *parse.WithNode:
			c.branch(&n.BranchNode, dot, true)
		case *parse.RangeNode:
			c.report(n.Pos, "range has nothing to go through here: a letter's values are single ones")
		case *parse.TemplateNode:
			c.report(n.Pos, "a letter cannot include another template: write its text here")
		}
	}
}

// branch checks if and with; the variables they declare live until their end.
func (c *letterChecker) branch(n *parse.BranchNode, dot shape, with bool) {
	vars := len(c.vars)
	inside := dot
	if s := c.pipe(n.Pipe, dot); with {
		inside = s
	}
	c.list(n.List, inside)
	c.list(n.ElseList, dot)
	c.vars = c.vars[:vars]
}

// pipe returns what a pipeline gives: a group, or nil for a value.
func (c *letterChecker) pipe(p *parse.PipeNode, dot shape) shape {
	var result shape
	for i, cmd := range p.Cmds {
		result = c.command(cmd, dot, i > 0)
	}
	for _, v := range p.Decl {
		c.vars = append(c.vars, letterVar{v.Ident[0], result})
	}
	return result
}

func (c *letterChecker) command(cmd *parse.CommandNode, dot shape, piped bool) shape {
	first := cmd.Args[0]
	if f, ok := first.(*parse.IdentifierNode); ok {
		c.function(f, cmd.Args[1:], dot, piped)
		return nil
	}
	if len(cmd.Args) > 1 || piped {
		c.report(first.Position(), "%s is not a function; the functions are: %s", first, strings.Join(functionNames(), ", "))
		return nil
	}
	return c.operand(first, dot)
}

func functionNames() []string {
	var names []string
	for name := range letterFunctions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *letterChecker) function(f *parse.IdentifierNode, args []parse.Node, dot shape, piped bool) {
	limits, known := letterFunctions[f.Ident]
	if !known {
		c.report(f.Pos, "there is no function %s%s", quote(f.Ident), oneOf(f.Ident, functionNames()))
		return
	}
	for _, arg := range args {
		if s := c.operand(arg, dot); s != nil {
			c.report(arg.Position(), "%s is a group of values: name one of them: %s", arg, strings.Join(s.names(), ", "))
		}
	}
	n := len(args)
	if piped {
		n++
	}
	if n < limits[0] || n > limits[1] {
		c.report(f.Pos, "%s is given %d values and takes %d", f.Ident, n, limits[0])
	}
}

func (c *letterChecker) operand(n parse.Node, dot shape) shape {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.resolve(dot, "", n.Ident, c.start(n.Pos, "."+strings.Join(n.Ident, "."), 1+len(n.Ident[0])))
	case *parse.VariableNode:
		at := c.start(n.Pos, strings.Join(n.Ident, "."), len(n.Ident[0]))
		for _, v := range slices.Backward(c.vars) {
			if v.name == n.Ident[0] {
				return c.resolve(v.shape, n.Ident[0], n.Ident[1:], at+parse.Pos(len(n.Ident[0])))
			}
		}
		return c.resolve(c.root, n.Ident[0], n.Ident[1:], at+parse.Pos(len(n.Ident[0])))
	case *parse.ChainNode:
		return c.resolve(c.operand(n.Node, dot), n.Node.String(), n.Field, n.Pos)
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.NilNode:
		c.report(n.Pos, "nil is not a value to write in a letter")
	case *parse.IdentifierNode:
		c.function(n, nil, dot, false)
	}
	return nil
}

// start is where a chain of names begins. The parser gives the place of its
// second link where there are several.
func (c *letterChecker) start(at parse.Pos, chain string, first int) parse.Pos {
	if before := int(at) - first; before >= 0 && strings.HasPrefix(c.text[before:], chain) {
		return parse.Pos(before)
	}
	return at
}

// resolve follows names into a group and reports the first that is not there.
func (c *letterChecker) resolve(s shape, path string, names []string, at parse.Pos) shape {
	for _, name := range names {
		if s == nil {
			c.report(at, "%s is a value and has nothing called %s", cmp.Or(path, "."), quote(name))
			return nil
		}
		next, found := s[name]
		if !found {
			c.report(at, "there is no %s.%s%s", path, name, c.suggest(s, path, name))
			return nil
		}
		s, path, at = next, path+"."+name, at+parse.Pos(len(name)+1)
	}
	return s
}

// suggest finds the name that was meant, in the group or anywhere.
func (c *letterChecker) suggest(s shape, path, name string) string {
	if _, near := closest(name, s.names()); !near {
		for _, outer := range c.root.names() {
			if best, ok := closest(name, c.root[outer].names()); ok {
				return fmt.Sprintf("; did you mean %s?", quote("$."+outer+"."+best))
			}
		}
	}
	return oneOf(name, s.names())
}
