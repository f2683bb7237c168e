package definitions

import (
	"bytes"
	"strings"
	"testing"
)

func TestPrintShowsThePlace(t *testing.T) {
	tests := []struct {
		name string
		d    Diagnostic
		want string
	}{
		{
			"columns count characters",
			Diagnostic{Path: "a.yaml", Line: 7, Col: 7, Message: "no", Code: CodeID, Severity: SeverityError, Snippet: "имя: Ёж"},
			"a.yaml:7:7: no [bad-id]\n    7 | имя: Ёж\n      |       ^\n1 error, 0 warnings\n",
		},
		{
			"a tab keeps its width",
			Diagnostic{Path: "a.yaml", Line: 1, Col: 3, Message: "no", Code: CodeSyntax, Severity: SeverityError, Snippet: "\ta: b"},
			"a.yaml:1:3: no [yaml-syntax]\n    1 | \ta: b\n      | \t ^\n1 error, 0 warnings\n",
		},
		{
			"a warning says so",
			Diagnostic{Path: "a.yaml", Line: 1, Col: 1, Message: "no", Code: CodeUnusedReason, Severity: SeverityWarning},
			"a.yaml:1:1: warning: no [unused-reason]\n0 errors, 1 warning\n",
		},
		{
			"a column past the end",
			Diagnostic{Path: "a.yaml", Line: 1, Col: 99, Message: "no", Code: CodeID, Severity: SeverityError, Snippet: "ab"},
			"a.yaml:1:99: no [bad-id]\n    1 | ab\n      |   ^\n1 error, 0 warnings\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := (Diagnostics{tt.d}).Print(&b); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), tt.want)
			}
		})
	}
}

// A long line is cut around the place, and the caret stays under it.
func TestPrintCutsLongLines(t *testing.T) {
	line := strings.Repeat("ж", 300) + "X" + strings.Repeat("ж", 300)
	var b bytes.Buffer
	if err := (Diagnostics{{Path: "a", Line: 1, Col: 301, Snippet: line, Severity: SeverityError}}).Print(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	shown, caret := []rune(lines[1]), []rune(lines[2])
	if len(shown) > snippetWidth+8 || shown[len(caret)-1] != 'X' {
		t.Errorf("the caret is not under X:\n%s", b.String())
	}
}

// No diagnostic repeats a secret, whatever else is wrong with its line.
func TestDiagnosticsHideSecrets(t *testing.T) {
	tests := map[string]string{
		"written out":          "smtp: {host: h, username: u, password: hunter2}",
		"in quotes":            "smtp: {host: h, username: u, password: \"hunter2 hunter2\"}",
		"a number":             "smtp:\n  host: h\n  username: u\n  password: 1hunter2",
		"misspelt key":         "smtp: {host: h, username: u, pasword: hunter2}",
		"beside another fault": "smtp: {hots: h, username: u, password: 'hunter2'}",
		"broken YAML":          "smtp: {host: h, username: u, password: hunter2\nfrom: x",
		"a list":               "smtp: {host: h, username: u, password: [hunter2]}",
	}
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) {
			company, found := LoadFS(folder(map[string]string{"company.yaml": minimalCompany + "from: a@acme.test\n" + lines + "\n"}), "acme")
			var b bytes.Buffer
			if err := found.Print(&b); err != nil {
				t.Fatal(err)
			}
			if company != nil || !found.HasErrors() || strings.Contains(b.String(), "hunter2") {
				t.Errorf("company %v, diagnostics:\n%s", company, b.String())
			}
		})
	}
}
