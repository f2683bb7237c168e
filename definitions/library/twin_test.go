package library_test

import (
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// The English company is the Russian one in another language: whoever mends a
// rule of the one has to mend it in the other.
func TestClassicInEnglishIsTheSameProcess(t *testing.T) {
	russian, english := bones(t, "classic"), bones(t, "classic-en")
	if len(russian.Stages) != len(english.Stages) {
		t.Fatalf("classic has %d stages, classic-en %d", len(russian.Stages), len(english.Stages))
	}
	for i := range russian.Stages {
		same(t, "stage "+russian.Stages[i].ID, russian.Stages[i], english.Stages[i])
	}
	russian.Stages, english.Stages = nil, nil
	same(t, "the rest of the process", russian, english)
}

func same(t *testing.T, what string, russian, english any) {
	t.Helper()
	ru, en := asJSON(t, russian), asJSON(t, english)
	if ru != en {
		t.Errorf("%s differs:\nclassic:    %s\nclassic-en: %s", what, ru, en)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// bones is a company's sales process without its words: names, texts, options
// of choices and the conditions that quote them, and the currency.
func bones(t *testing.T, name string) definitions.Spec {
	t.Helper()
	folder, err := fs.Sub(library.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	company, found := definitions.LoadFS(folder, name)
	if company == nil || company.Process("sales") == nil {
		t.Fatal(found)
	}
	spec := company.Process("sales").Spec
	spec.Name, spec.Letters, spec.Playbooks, spec.Templates = "", nil, nil, nil
	for i := range spec.Fields {
		f := &spec.Fields[i]
		f.Name, f.Options, f.Currency = "", make([]string, len(f.Options)), ""
	}
	for i := range spec.Qualification.Criteria {
		spec.Qualification.Criteria[i].Name = ""
		spec.Qualification.Criteria[i].When = nil
	}
	for i := range spec.LostReasons {
		spec.LostReasons[i].Name = ""
	}
	for i := range spec.Stages {
		stripStage(&spec.Stages[i])
	}
	return spec
}

func stripStage(s *definitions.Stage) {
	s.Name, s.Goal, s.Resources = "", "", make([]string, len(s.Resources))
	for i := range s.Entry {
		s.Entry[i].Message = ""
	}
	for i := range s.Exit {
		s.Exit[i].Message = ""
	}
	for i := range s.Tasks {
		s.Tasks[i].Name = ""
	}
	for i := range s.Documents {
		s.Documents[i].Name = ""
	}
	for i := range s.Next {
		if s.Next[i].When != nil {
			s.Next[i].When = &definitions.Expr{Source: "a condition"}
		}
	}
}
