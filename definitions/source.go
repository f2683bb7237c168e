package definitions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Limits of one file. They hold the memory that reading it takes far below what
// a server has, whatever the file holds.
const (
	maxFileBytes = 1 << 20
	maxFileMarks = 150_000 // lines, commas and brackets: about as many as values
	maxFiles     = 2_000   // in one company folder
)

// source is one file of a company: its text, its tree of YAML, and where in
// it each value of the decoded structures stands.
type source struct {
	path   string // as diagnostics show it
	text   string // without BOM
	offset int    // lines before the YAML begins, in a letter
	body   int    // the line on which the body begins, in a letter
	root   *yaml.Node
	places map[string]place
	broken map[position]bool // values that could not be decoded
	starts []int             // where each line of text begins, once asked for
	masked map[int]string    // lines as diagnostics show them
	sink   *Diagnostics
}

// place is where a value stands: its key, if it has one, and the value.
type place struct{ key, value *yaml.Node }

// note remembers where the value of a path stands.
func (s *source) note(path string, key, value *yaml.Node) {
	if key == nil {
		key = s.places[path].key
	}
	s.places[path] = place{key, value}
}

// lookup finds the place of a path, or of the nearest path around it.
func (s *source) lookup(path string) (place, bool) {
	for {
		if p, ok := s.places[path]; ok {
			return p, true
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return place{value: s.root}, false
		}
		path = path[:cut]
	}
}

// line returns a line of the file, counted from 1, without its end.
func (s *source) line(number int) string {
	if s.starts == nil {
		s.starts = []int{0}
		for i := range len(s.text) {
			if s.text[i] == '\n' {
				s.starts = append(s.starts, i+1)
			}
		}
	}
	if number < 1 || number > len(s.starts) {
		return ""
	}
	text := s.text[s.starts[number-1]:]
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(text, "\r")
}

// fileFault is a fault of a file as a whole.
type fileFault struct {
	code      Code
	line, col int
	message   string
}

func (f *fileFault) Error() string { return f.message }

func faultf(code Code, format string, args ...any) *fileFault {
	return &fileFault{code: code, line: 1, col: 1, message: fmt.Sprintf(format, args...)}
}

// readText reads a file that must be text: UTF-8, of a sensible size.
func readText(fsys fs.FS, name string, limit int64) (string, *fileFault) {
	// The kind is asked for first, since opening a pipe would wait for a writer.
	info, err := fs.Stat(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", faultf(CodeMissingFile, "there is no file %s", name)
	case err != nil:
		return "", faultf(CodeUnreadableFile, "cannot read the file: %v", innermost(err))
	case !info.Mode().IsRegular():
		return "", faultf(CodeUnreadableFile, "a file is expected here, but this is %s", kindOfFile(info.Mode()))
	}
	file, err := fsys.Open(name)
	if err != nil {
		return "", faultf(CodeUnreadableFile, "cannot read the file: %v", innermost(err))
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return "", faultf(CodeUnreadableFile, "cannot read the file: %v", innermost(err))
	}
	if int64(len(content)) > limit {
		return "", faultf(CodeFileTooLarge, "the file is larger than %d bytes: split it, or look whether it belongs here", limit)
	}
	return validText(content)
}

// validText takes off a byte order mark and refuses what is not UTF-8.
func validText(content []byte) (string, *fileFault) {
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return "", faultf(CodeNotUTF8, "the file is in UTF-16: save it as UTF-8")
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if utf8.Valid(content) {
		return string(content), nil
	}
	fault := faultf(CodeNotUTF8, "the file is not in UTF-8: save it as UTF-8")
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		if r == utf8.RuneError && size == 1 {
			break
		}
		fault.col++
		if r == '\n' {
			fault.line, fault.col = fault.line+1, 1
		}
		content = content[size:]
	}
	return "", fault
}

// kindOfFile names what is no regular file.
func kindOfFile(mode fs.FileMode) string {
	if mode.IsDir() {
		return "a folder"
	}
	return "no regular file"
}

// innermost takes the path off an error, since a diagnostic names it already.
func innermost(err error) error {
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		return fault.Err
	}
	return err
}

// fault reports a fault at a position of the file.
func (s *source) fault(at position, code Code, format string, args ...any) {
	snippet, known := s.masked[at.line]
	if !known {
		snippet = maskSecrets(s.line(at.line))
		if s.masked == nil {
			s.masked = map[int]string{}
		}
		s.masked[at.line] = snippet
	}
	*s.sink = append(*s.sink, Diagnostic{
		Path: s.path, Line: at.line, Col: at.col,
		Message: fmt.Sprintf(format, args...), Code: code, Severity: code.Severity(), Snippet: snippet,
	})
}

// at reports a fault of the value of a path.
func (s *source) at(path string, code Code, format string, args ...any) {
	found, _ := s.lookup(path)
	if at := s.position(found.value); !s.broken[at] {
		s.fault(at, code, format, args...)
	}
}

// atKey reports a fault of the key of a path.
func (s *source) atKey(path string, code Code, format string, args ...any) {
	found, _ := s.lookup(path)
	if found.key == nil {
		found.key = found.value
	}
	if !s.broken[s.position(found.value)] {
		s.fault(s.position(found.key), code, format, args...)
	}
}

// isBroken reports whether the value of a path could not be decoded.
func (s *source) isBroken(path string) bool {
	found, ok := s.places[path]
	return ok && s.broken[s.position(found.value)]
}

// has reports whether the file gives a value for the path.
func (s *source) has(path string) bool {
	_, ok := s.places[path]
	return ok
}

var writtenSecret = regexp.MustCompile(`(?i)(pas+w\w*|pwd|\w*secret|\w*token)(["']?\s*:\s*)("[^"]*"?|'[^']*'?|[^\s"',{}][^,}]*)`)

// maskSecrets hides what stands behind the key of a secret, rune by rune, so
// that columns stay what they are. A reference may be seen.
func maskSecrets(line string) string {
	return writtenSecret.ReplaceAllStringFunc(line, func(match string) string {
		parts := writtenSecret.FindStringSubmatch(match)
		if strings.HasPrefix(strings.Trim(parts[3], `"'`), "${") {
			return match
		}
		return parts[1] + parts[2] + strings.Repeat("*", utf8.RuneCountInString(parts[3]))
	})
}
