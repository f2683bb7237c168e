package definitions

import (
	"errors"
	"strings"

	"gopkg.in/yaml.v3"
)

// compile makes the process of a draft and adds it to the company. What the
// checks have found already at the same place is not said twice.
func (l *loader) compile(d *draft, c *Company) {
	process, faults := Compile(d.spec, c)
	type place struct {
		path string
		at   position
	}
	said := map[place]bool{}
	for _, g := range l.diags {
		said[place{g.Path, position{g.Line, g.Col}}] = true
	}
	for _, f := range faults {
		if src, at := d.placeOf(f); !said[place{src.path, at}] {
			src.fault(at, f.Code, "%s", f.Message)
		}
	}
	if process != nil {
		c.Processes = append(c.Processes, process)
	}
}

// placeOf finds where in which file a fault of the compiler stands.
func (d *draft) placeOf(f CompileError) (*source, position) {
	if id, ok := strings.CutPrefix(f.Path, "letters."); ok {
		id, part, _ := strings.Cut(id, ".")
		letter := d.letters[id]
		switch {
		case letter == nil:
		case part == "body":
			return letter.src, position{letter.src.body + f.Line - 1, f.Column}
		default:
			return letter.src, letter.src.place(part, f.Line, f.Column)
		}
	}
	if name, ok := strings.CutPrefix(f.Path, "templates."); ok && d.files[name] != nil {
		return d.files[name], position{f.Line, f.Column}
	}
	return d.src, d.src.place(f.Path, f.Line, f.Column)
}

// place is where a line and column of the value of a path stand in the file;
// for a value that is no scalar it is the key.
func (s *source) place(path string, line, col int) position {
	found, exact := s.lookup(path)
	if !exact || found.value == nil || found.value.Kind != yaml.ScalarNode {
		if found.key != nil {
			return s.position(found.key)
		}
		return s.position(found.value)
	}
	return s.within(found.value, offsetOf(found.value.Value, line, col))
}

// offsetOf counts the runes before a line and column of a text.
func offsetOf(text string, line, col int) int {
	offset := 0
	for _, r := range text {
		if line <= 1 {
			break
		}
		offset++
		if r == '\n' {
			line--
		}
	}
	return offset + max(col-1, 0)
}

// expressionFaults reports what compiling the expression at a path has found.
func (s *source) expressionFaults(path string, err error) {
	var faults ExprErrors
	if !errors.As(err, &faults) {
		s.at(path, CodeExpression, "%v", err)
		return
	}
	for _, f := range faults {
		s.fault(s.place(path, f.Line, f.Column), CodeExpression, "%s", f.Message)
	}
}
