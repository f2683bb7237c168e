package web

import (
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
)

// Whoever compares versions reads what the company calls its roles, and the id
// of a role that it no longer has.
func TestChangesNameRoles(t *testing.T) {
	company := &definitions.Company{Roles: []*definitions.Role{{ID: "rep", Name: "Продавец"}, {ID: "manager"}}}
	spec := func(owner, assignee, quotas string) *definitions.Spec {
		s, err := definitions.ParseSpec([]byte(`{"process": "sales", "quotas": {` + quotas + `}, "stages": [
			{"id": "talk", "name": "Разговор", "owner": "` + owner + `", "tasks": [{"id": "call", "name": "Позвонить", "assignee": "` + assignee + `"}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	v := viewer{Lang: "ru", words: catalogues["ru"]}
	var got []string
	for _, g := range v.changes(company, spec("scout", "owner", `"rep": {"call": 40}`), spec("rep", "manager", `"rep": {"call": 50}, "manager": {"meeting": 2}`)) {
		for _, l := range g.Lines {
			got = append(got, strings.Join([]string{g.Name, l.What, l.Attr, l.Was, l.Now}, "|"))
		}
	}
	want := []string{
		"Процесс в целом|Норма «manager · Встречи»|||",
		"Процесс в целом|Норма «Продавец · Звонки»|в неделю|40|50",
		"Разговор|Этап «Разговор»|ответственный|scout|Продавец",
		"Разговор|Задача «Позвонить»|исполнитель|ответственный за сделку|manager",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
