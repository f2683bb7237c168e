package definitions

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

var (
	yamlLine       = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	unknownAnchor  = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	blockProblem   = regexp.MustCompile(`^did not find expected (key|'-' indicator|<document start>)$`)
	parserProblem  = regexp.MustCompile(`^did not find expected (key|'-' indicator|<document start>|node content|',' or .*)$`)
	forbiddenStart = regexp.MustCompile("(?:^|[\\s\\[{,])[@%`]")
)

// remedies put the library's words into those of somebody who writes YAML.
var remedies = map[string]string{
	"mapping values are not allowed in this context":               "a colon followed by a space is not allowed here: put the text in quotes, or check the indentation",
	"did not find expected key":                                    "this does not go on with what is above: check the indentation, and the quotes and brackets before it",
	"did not find expected '-' indicator":                          "this does not go on with the list above: check the indentation, and that a space follows each dash",
	"did not find expected <document start>":                       "this does not go on with what is above: check the indentation",
	"did not find expected ',' or ']'":                             "the list that begins with [ is not closed with ], or a text in it needs quotes",
	"did not find expected ',' or '}'":                             "what begins with { is not closed with }, or a text in it needs quotes",
	"did not find expected node content":                           "a value is expected in the brackets: a comma too many, or a text that needs quotes",
	"did not find expected alphabetic or numeric character":        "a text that begins with * or & needs quotes: they begin aliases and anchors",
	"found unexpected end of stream":                               "a quote is not closed",
	"found character that cannot start any token":                  "a value cannot begin with this character: put it in quotes",
	"could not find expected ':'":                                  "a key without a colon and a space after it, or a quote that is not closed",
	"found incompatible YAML document":                             "the line %YAML is not needed: remove it",
	"control characters are not allowed":                           "the file holds a control character: remove it",
	"block sequence entries are not allowed in this context":       "a list item cannot begin here: put it on a line of its own, or put the text in quotes",
	"found unknown escape character":                               `there is no such escape: in double quotes write \\ for a backslash, or use single quotes`,
	"found a tab character where an indentation space is expected": "a tab cannot indent YAML: use spaces",
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
	if line == 0 || parserProblem.MatchString(problem) {
		line++
	}
	fault := faultf(CodeSyntax, "%s", problem)
	if remedy, known := remedies[problem]; known {
		fault.message = remedy
	}
	lines := strings.Split(text, "\n")
	if blockProblem.MatchString(problem) {
		line = firstFailing(lines, line, problem)
	}
	fault.line = min(line, len(lines))
	content := lines[fault.line-1]
	fault.col = utf8.RuneCountInString(content) - utf8.RuneCountInString(strings.TrimLeft(content, " \t")) + 1
	if name := unknownAnchor.FindStringSubmatch(problem); name != nil {
		fault.message = fmt.Sprintf("the alias *%s stands for nothing: there is no &%s before it", name[1], name[1])
		fault.find(lines, func(line string) int { return strings.Index(line, "*"+name[1]) })
		return fault
	}
	switch problem {
	case "control characters are not allowed":
		fault.find(lines, func(line string) int { return strings.IndexFunc(line, isControl) })
	case "mapping values are not allowed in this context":
		if colon := strings.LastIndex(content, ": "); colon >= 0 {
			fault.col = utf8.RuneCountInString(content[:colon]) + 1
		}
	case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
		if bracket := strings.IndexAny(content, "[{"); bracket >= 0 {
			fault.col = utf8.RuneCountInString(content[:bracket]) + 1
		}
	case "found character that cannot start any token":
		if tab := strings.Index(content, "\t"); tab >= 0 && strings.TrimLeft(content[:tab], " ") == "" {
			fault.message, fault.col = "a tab cannot indent YAML: use spaces", tab+1
		} else if at := forbiddenStart.FindStringIndex(content); at != nil {
			fault.col = utf8.RuneCountInString(content[:at[1]])
		}
	}
	return fault
}

// firstFailing finds the line with which a block stops being YAML. The library
// names the line on which the block began; so the file is cut off after ever
// other lines until the first is found with which the same problem appears.
func firstFailing(lines []string, from int, problem string) int {
	from = min(from, len(lines))
	return from + sort.Search(len(lines)-from, func(n int) bool {
		decoder := yaml.NewDecoder(strings.NewReader(strings.Join(lines[:from+n], "\n") + "\n"))
		for {
			var document yaml.Node
			if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
				return false
			} else if err != nil {
				return strings.HasSuffix(err.Error(), problem)
			}
		}
	})
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
