package definitions

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"
)

// Limits of what is rendered. Templates have no loops, so time is bounded by
// their length.
const (
	longestLetter  = 256 << 10 // bytes
	longestSubject = 250       // runes
	longestQuote   = 4000      // runes of a client's own text within a letter
)

// letterTemplates are a letter's two templates.
type letterTemplates struct{ subject, body *template.Template }

// RenderLetter writes a letter of the process: its subject on one line and its
// body in Markdown, in which the values are escaped.
func (p *Process) RenderLetter(id string, d LetterData) (subject, markdown string, err error) {
	l, found := p.letters[id]
	if !found {
		return "", "", fmt.Errorf("letter %s: process %q has no such letter", quote(id), p.Process)
	}
	data := p.letterData(d)
	if subject, err = execute(l.subject, data); err == nil {
		markdown, err = execute(l.body, data)
	}
	if err != nil {
		return "", "", fmt.Errorf("letter %q: %w", id, err)
	}
	return shorten(inline(subject), longestSubject), markdown, nil
}

// RenderDocument writes a generated document of the process, by the document's
// id, in Markdown. Where stages have documents of the same id, the deal's
// stage decides.
func (p *Process) RenderDocument(id string, d LetterData) (markdown string, err error) {
	stage := ""
	if d.Facts != nil {
		stage = d.Facts.Stage
	}
	doc := p.Document(id, stage)
	if doc == nil || p.templates[doc.Template] == nil {
		return "", fmt.Errorf("document %s: process %q has no template for it", quote(id), p.Process)
	}
	if markdown, err = execute(p.templates[doc.Template], p.letterData(d)); err != nil {
		return "", fmt.Errorf("document %q: %w", id, err)
	}
	return markdown, nil
}

// execute runs a template into a text of bounded length.
func execute(t *template.Template, data map[string]any) (string, error) {
	var w boundedWriter
	if err := t.Execute(&w, data); err != nil {
		return "", err
	}
	return w.text.String(), nil
}

var errTooLong = errors.New("it comes out longer than 256 KiB: shorten the template")

type boundedWriter struct{ text strings.Builder }

func (w *boundedWriter) Write(b []byte) (int, error) {
	if w.text.Len()+len(b) > longestLetter {
		return 0, errTooLong
	}
	return w.text.Write(b)
}

// compileTemplate parses and checks a template, and makes it put every value
// that it prints through show. The faults have no path yet.
func compileTemplate(text string, root shape, show func(any) string) (*template.Template, []CompileError) {
	c := &letterChecker{text: text, root: root}
	tree := parse.New("letter")
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		c.reportParse(err)
		return nil, c.faults
	}
	for name, other := range trees {
		if other != tree {
			c.report(other.Root.Pos, "a letter cannot define the template %s: write its text where it belongs", quote(name))
		}
	}
	c.list(tree.Root, root)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	showAll(tree.Root)
	t, err := template.New("letter").Funcs(letterFuncs(show)).AddParseTree("letter", tree)
	if err != nil {
		c.reportParse(err)
	}
	return t, c.faults
}

// showFunc is the function that printed values go through. No template can
// name it itself, because the checker does not know it.
const showFunc = "show"

// showAll appends the show function to every action that prints.
func showAll(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
					NodeType: parse.NodeCommand, Pos: n.Pos,
					Args: []parse.Node{parse.NewIdentifier(showFunc).SetPos(n.Pos)},
				})
			}
		case *parse.IfNode:
			showAll(n.List)
			showAll(n.ElseList)
		case *parse.WithNode:
			showAll(n.List)
			showAll(n.ElseList)
		}
	}
}
