package definitions

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write what the cases of testdata/err print as what is expected")

// Limits of the cases, so that a file that is too large is still a small one.
const caseBytes = 8 << 10

// readCase makes the company folder of one case: testdata/base, with
// processes/sales.yaml or the files named by lines such as `-- company.yaml --`
// in place of its own. A file of which only `-- delete --` is left is removed.
func readCase(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	base := os.DirFS("testdata/base")
	err := fs.WalkDir(base, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(base, path)
		files[path] = &fstest.MapFile{Data: content, Mode: 0o644}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	path, body := "processes/sales.yaml", []byte{}
	put := func() { files[path] = &fstest.MapFile{Data: body, Mode: 0o644} }
	for i, line := range bytes.SplitAfter(content, []byte("\n")) {
		header := regexp.MustCompile(`^-- (\S+) --\n$`).FindSubmatch(line)
		switch {
		case header == nil:
			body = append(body, line...)
		case string(header[1]) == "delete":
			delete(files, path)
			path = ""
		default:
			if i > 0 && path != "" {
				put()
			}
			path, body = string(header[1]), []byte{}
		}
	}
	if path != "" {
		put()
	}
	return files
}

// Every kind of fault has a case, and the case prints what its .out file holds.
func TestFaultsPrintAsTheirCases(t *testing.T) {
	cases, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		code, _, _ := strings.Cut(filepath.Base(name), ".")
		t.Run(strings.TrimSuffix(filepath.Base(name), ".yaml"), func(t *testing.T) {
			l := &loader{fsys: readCase(t, name), limit: caseBytes}
			l.company()
			found := l.diags.sorted()
			var printed bytes.Buffer
			if err := found.Print(&printed); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(found, func(d Diagnostic) bool { return d.Code == Code(code) }) {
				t.Errorf("no diagnostic of code %s among:\n%s", code, &printed)
			}
			expected := strings.TrimSuffix(name, ".yaml") + ".out"
			if *update {
				if err := os.WriteFile(expected, printed.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if got := printed.String(); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The codes of the program, of the manual and of the cases are the same.
func TestCodesAreDocumentedAndHaveCases(t *testing.T) {
	var codes []string
	for _, c := range Codes() {
		codes = append(codes, string(c))
	}
	manual, err := os.ReadFile("../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile(`(?m)^### ([a-z0-9-]+)( \(warning\))?$`).FindAllStringSubmatch(string(manual), -1) {
		documented = append(documented, m[1])
		if warning := m[2] != ""; warning != (Code(m[1]).Severity() == SeverityWarning) {
			t.Errorf("docs/diagnostics.md: %s: the heading says warning %v, the program another", m[1], warning)
		}
	}
	slices.Sort(documented)
	if !slices.Equal(codes, documented) {
		t.Errorf("docs/diagnostics.md explains\n%v\nthe program knows\n%v", documented, codes)
	}
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []string
	for _, file := range files {
		code, _, _ := strings.Cut(filepath.Base(file), ".")
		cases = append(cases, code)
	}
	slices.Sort(cases)
	if cases = slices.Compact(cases); !slices.Equal(codes, cases) {
		t.Errorf("testdata/err has\n%v\nthe program knows\n%v", cases, codes)
	}
}
