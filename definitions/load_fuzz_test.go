package definitions

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzLoad feeds the loader with files that may hold anything. Whatever they
// hold, it answers with places that exist, and a company only without errors.
func FuzzLoad(f *testing.F) {
	cases, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(minimalCompany, string(content), "---\nsubject: Hello\n---\nHello {{.Contact.Name}}!\n")
	}
	for _, name := range []string{"retail-kitchen", "classic"} {
		var contents []string
		for _, file := range []string{"company.yaml", "processes/sales.yaml", "letters/acknowledgement.md"} {
			content, err := fs.ReadFile(os.DirFS(filepath.Join("library", name)), file)
			if err != nil {
				f.Fatal(err)
			}
			contents = append(contents, string(content))
		}
		f.Add(contents[0], contents[1], contents[2])
	}
	f.Fuzz(func(t *testing.T, company, process, letter string) {
		files := map[string]string{"company.yaml": company, "processes/sales.yaml": process, "letters/hello.md": letter}
		loaded, found := LoadFS(folder(files), "acme")
		if (loaded == nil) != found.HasErrors() {
			t.Fatalf("company %v with diagnostics %v", loaded, found)
		}
		for _, d := range found {
			if d.Line < 1 || d.Col < 1 || d.Message == "" || d.Severity == "" || !utf8.ValidString(d.Message) || strings.Contains(d.Message, "\n") {
				t.Errorf("%#v", d)
			}
			if length := utf8.RuneCountInString(d.Snippet); d.Snippet != "" && d.Col > length+1 {
				t.Errorf("column %d of a line of %d: %v", d.Col, length, d)
			}
		}
		if loaded != nil {
			for _, p := range loaded.Processes {
				if again, faults := Compile(&p.Spec, loaded); again == nil {
					t.Errorf("a process that loaded does not compile again: %v", faults)
				}
			}
		}
	})
}
