package activities

import (
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// What people write into a form reaches the typed fields of the card: by what the label means, and by the field's own name.
func TestCardOfAForm(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	company, found := definitions.LoadFS(fstest.MapFS{
		"company.yaml": file(`company: acme
name: Acme
country: RU
team: {rep: {members: [ivan@acme.test]}}
mailboxes: [{id: sales, imap: {host: mail.acme.test}, process: sales}]
smtp: {host: mail.acme.test}
from: Acme <sales@acme.test>
`),
		"processes/sales.yaml": file(`process: sales
fields:
  budget: {type: money, currency: RUB}
  day: {type: date, name: Когда нужно}
  people: {type: number, name: Сотрудников}
  second: {type: phone, name: Второй телефон}
  urgent: {type: bool, name: Срочно}
  need: {type: text, name: Комментарий}
  spare: {type: text, name: Прочее}
defaults: {owner: rep, timeout: none}
stages: [{id: talk, next: [{to: won, on: "signal:paid"}]}]
`),
	}, "acme")
	if found.HasErrors() {
		t.Fatal(found)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, lines string
		want        map[string]any
	}{
		{"words around the values", "Бюджет: до 300 тыс. руб.\nКогда нужно: к 15 марта\nСотрудников: около 12 человек\nВторой телефон: доб. нет, 8 (495) 555-01-02\n", map[string]any{
			"budget": 300000.0, "day": "2027-03-15", "people": 12.0, "second": "+74955550102",
		}},
		{"as the card has them", "Бюджет: 1 500 000,50\nКогда нужно: 01.12.2026\n*Срочно:* да\nКомментарий: нужна дверь\nи окно\n", map[string]any{
			"budget": 1500000.5, "day": "2026-12-01", "urgent": true, "need": "нужна дверь",
		}},
		{"another currency is not ours", "Бюджет: $12,000\n", map[string]any{"budget": nil}},
		{"nothing to read", "Бюджет: позже обсудим\nКогда нужно: не знаю\n", map[string]any{"budget": nil, "day": nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := "From: form@site.test\nSubject: Form\nContent-Type: text/plain; charset=utf-8\n\nИмя: Анна\nEmail: ann@client.test\n" + c.lines
			r, err := Explain(t.Context(), company, &company.Mailboxes[0], []byte(raw), now)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]any{}
			for _, f := range r.Fields {
				got[f.ID] = f.Value
				if (f.Value == nil) == (f.Fault == "") {
					t.Errorf("field %+v has neither a value nor a fault, or both", f)
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("the card gets %v, want %v", got, c.want)
			}
		})
	}
}
