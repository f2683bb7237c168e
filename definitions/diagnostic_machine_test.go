package definitions

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// found is what a run with two kinds of fault finds.
var found = Diagnostics{
	{Path: "definitions/кухни/company.yaml", Line: 3, Col: 7, Message: `unknown key "a<b"`, Code: CodeUnknownKey, Severity: SeverityError, Snippet: "  a<b: 1"},
	{Path: "/srv/a b/company.yaml", Line: 1, Col: 1, Message: "no account", Code: CodeNoSMTP, Severity: SeverityWarning},
	{Path: "x.yaml", Line: 9, Col: 2, Message: "again", Code: CodeUnknownKey, Severity: SeverityError},
}

func TestJSONSaysEverythingOfADiagnostic(t *testing.T) {
	for _, want := range []Diagnostics{found, {}} {
		var out bytes.Buffer
		if err := want.WriteJSON(&out); err != nil {
			t.Fatal(err)
		}
		var got Diagnostics
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read back %+v, want %+v", got, want)
		}
	}
}

func TestJSONOfNothingIsAnEmptyArray(t *testing.T) {
	var out bytes.Buffer
	if err := Diagnostics(nil).WriteJSON(&out); err != nil || out.String() != "[]\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestSARIF(t *testing.T) {
	var out bytes.Buffer
	if err := found.WriteSARIF(&out, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/found.sarif")
	if *update {
		err = os.WriteFile("testdata/found.sarif", out.Bytes(), 0o644)
		want = out.Bytes()
	}
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}

// A run without findings is a log all the same: what was found before is mended.
func TestSARIFOfNothingHasNoResults(t *testing.T) {
	var out bytes.Buffer
	if err := Diagnostics(nil).WriteSARIF(&out, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, `"results": []`) || !strings.Contains(text, `"rules": []`) {
		t.Error(text)
	}
}

// The address of each rule's help is that of a heading of the manual.
func TestSARIFHelpLeadsToTheManual(t *testing.T) {
	manual, err := os.ReadFile("../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(string(manual), -1) {
		// As code hosts make them: punctuation goes, spaces become hyphens.
		anchor := strings.NewReplacer("(", "", ")", "", " ", "-").Replace(heading[1])
		anchors[anchor] = true
	}
	for _, code := range Codes() {
		if _, anchor, _ := strings.Cut(ruleOf(code).HelpURI, "#"); !anchors[anchor] {
			t.Errorf("%s: there is no heading #%s", code, anchor)
		}
	}
}

func TestMergeSortsAndDropsRepetitions(t *testing.T) {
	got := Merge(Diagnostics{found[2], found[0]}, nil, Diagnostics{found[0], found[1]})
	if want := (Diagnostics{found[1], found[0], found[2]}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
