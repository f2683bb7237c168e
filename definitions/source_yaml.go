package definitions

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parseYAML reads the one YAML document of a text.
func parseYAML(text string) (root *yaml.Node, fault *fileFault) {
	if marks := countMarks(text); marks > maxFileMarks {
		return nil, faultf(CodeFileTooLarge, "the file has more than %d lines, commas and brackets: split it, or look whether it belongs here", maxFileMarks)
	}
	defer func() {
		// The library holds its own panics back; one that it does not know of
		// must not end a server that runs other companies.
		if r := recover(); r != nil {
			root, fault = nil, faultf(CodeSyntax, "the file cannot be read as YAML: %v", r)
		}
	}()
	reader := yaml.NewDecoder(strings.NewReader(text))
	var document, next yaml.Node
	if err := reader.Decode(&document); errors.Is(err, io.EOF) {
		return nil, faultf(CodeEmptyFile, "the file is empty")
	} else if err != nil {
		return nil, syntaxFault(text, err)
	}
	root = document.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, faultf(CodeEmptyFile, "the file is empty")
	}
	if err := reader.Decode(&next); err == nil {
		fault = faultf(CodeManyDocuments, "a file holds one document: move what follows --- to a file of its own")
		fault.line, fault.col = next.Content[0].Line, next.Content[0].Column
		return nil, fault
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxFault(text, err)
	}
	return root, nil
}

func countMarks(text string) int {
	marks := 0
	for i := range len(text) {
		switch text[i] {
		case '\n', ',', '[', '{', '?':
			marks++
		}
	}
	return marks
}

var (
	yamlLine    = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	yamlUnknown = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// remedies put the library's words into those of somebody who writes YAML.
var remedies = map[string]string{
	"mapping values are not allowed in this context": "a colon followed by a space is not allowed here: put the text in quotes, or check the indentation",
	"did not find expected key":                      "a key is expected: the indentation differs from the keys above, or a quote or bracket is not closed",
	"did not find expected '-' indicator":            "the list goes on without a dash: check the indentation",
	"did not find expected ',' or ']'":               "the list that begins with [ is not closed with ], or a text in it needs quotes",
	"did not find expected ',' or '}'":               "what begins with { is not closed with }, or a text in it needs quotes",
	"found unexpected end of stream":                 "a quote is not closed",
	"found character that cannot start any token":    "a value cannot begin with this character: put it in quotes",
	"could not find expected ':'":                    "a key without a colon, or a quote that is not closed",
	"found incompatible YAML document":               "the line %YAML is not needed: remove it",
	"control characters are not allowed":             "the file holds a control character: remove it",
	"found unknown escape character":                 `there is no such escape: in double quotes write \\ for a backslash, or use single quotes`,
}

// syntaxFault turns the library's error, which has a line at best, into a fault
// with a place and a remedy.
func syntaxFault(text string, err error) *fileFault {
	found := yamlLine.FindStringSubmatch(err.Error())
	if found == nil {
		return faultf(CodeSyntax, "the file cannot be read as YAML: %v", err)
	}
	line, _ := strconv.Atoi(found[1])
	problem := found[2]
	// The library counts the lines of its parser's faults from 0, those of its
	// scanner's from 1, and leaves out the first line of each.
	if line == 0 || strings.HasPrefix(problem, "did not find expected") {
		line++
	}
	message := problem
	if remedy, known := remedies[problem]; known {
		message = remedy
	}
	fault := faultf(CodeSyntax, "%s", message)
	lines := strings.Split(text, "\n")
	fault.line = min(line, len(lines))
	content := lines[fault.line-1]
	fault.col = utf8.RuneCountInString(content) - utf8.RuneCountInString(strings.TrimLeft(content, " \t")) + 1
	switch {
	case yamlUnknown.MatchString(problem):
		name := yamlUnknown.FindStringSubmatch(problem)[1]
		fault.message = fmt.Sprintf("the alias *%s stands for nothing: there is no &%s before it", name, name)
		fault.find(lines, func(line string) int { return strings.Index(line, "*"+name) })
	case problem == "control characters are not allowed":
		fault.find(lines, func(line string) int { return strings.IndexFunc(line, isControl) })
	case strings.HasPrefix(problem, "found character that cannot start") || strings.HasPrefix(problem, "found a tab"):
		if indent := content[:len(content)-len(strings.TrimLeft(content, " \t"))]; strings.Contains(indent, "\t") {
			fault.message = "a tab cannot indent YAML: use spaces"
			fault.col = strings.Index(indent, "\t") + 1
		}
	}
	return fault
}

// find moves the fault to the first line in which index finds something.
func (f *fileFault) find(lines []string, index func(line string) int) {
	for i, line := range lines {
		if at := index(line); at >= 0 {
			f.line, f.col = i+1, utf8.RuneCountInString(line[:at])+1
			return
		}
	}
}

func isControl(r rune) bool {
	return (r < ' ' && r != '\t' && r != '\r') || r == 0x7f || (r >= 0x80 && r < 0xa0 && r != 0x85) || r == 0xfffe || r == 0xffff
}
