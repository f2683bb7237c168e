package scenario_test

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
)

// kitchen is the company of the manual's example, cut down to what the
// scenarios here need.
var kitchen = map[string]string{
	"company.yaml": `
company: kuhni-dom
name: Кухни Дом
language: ru
timezone: Europe/Moscow
country: RU
calendar: {hours: {mon-fri: "09:00-13:00, 14:00-18:00"}, holidays: [2026-03-09]}
team:
  rep:      {members: [ivan@kuhni-dom.test, {name: Ольга, email: olga@kuhni-dom.test, weight: 2}]}
  manager:  {members: [anna@kuhni-dom.test]}
  director: {members: [boris@kuhni-dom.test]}
smtp: {host: mail.kuhni-dom.test, username: sales, password: "${KUHNI_SMTP_PASSWORD}"}
from: Кухни Дом <sales@kuhni-dom.test>
`,
	"processes/sales.yaml": `
process: sales
fields:
  budget:   {type: money, currency: RUB, name: Бюджет}
  need:     {type: text, name: Задача}
  timeline: {type: date}
  vip:      {type: bool}
  double:   {type: money, currency: RUB, compute: deal.budget * 2}
amount: budget
defaults: {owner: rep, timeout: 5 business days, escalation: ladder}
escalations:
  ladder:
    - {after: 0m, notify: owner}
    - {after: 1 business day, notify: manager}
    - {after: 3 business days, notify: director, reassign: manager}
    - {after: 10 business days, lose: no_response}
stages:
  - id: qualification
    tasks:
      - {id: first-call, name: Позвонить, kind: call, due: 15 business minutes, required: true, asks: [budget, need],
         escalation: [{after: 15 business minutes, notify: manager}]}
    sequence:
      steps:
        - {after: 0m, send: acknowledgement, once: true}
        - {after: 2 business days, send: reminder}
    exit:
      - {filled: [budget, need]}
    next:
      - {to: presentation, on: tasks_done}
      - {to: lost, on: bounce, reason: bad_address}
  - id: presentation
    tasks:
      - {id: show, name: Показать, kind: meeting}
    documents:
      - {id: offer, name: Предложение, required: true}
    next:
      - {to: won}
      - {to: lost, on: "signal:gone", reason: no_response}
  - id: aftercare
    won: true
    timeout: none
    next: [{to: done, after: 14d}]
lost_reasons: {no_response: Нет ответа, bad_address: Неверный адрес}
recycle: {reasons: [no_response], after: 90d, to: qualification, max: 1}
`,
	"letters/acknowledgement.md": "---\nsubject: Получили\n---\n{{with .Contact.Name}}{{.}}, {{end}}здравствуйте! Письмо «{{.Lead.Subject}}» у нас.\n",
	"letters/reminder.md":        "---\nsubject: Напоминаем\n---\nЖдём ответа.\n",
}

// lead opens the deal in the scenarios that do not test it.
const lead = "  - {at: 2026-03-02T10:00, mail: {from: \"Пётр <petr@client.test>\", subject: Нужна кухня, body: Хочу}}\n"

// load compiles the company with one scenario made of steps.
func load(t *testing.T, files map[string]string, steps string) (*definitions.Company, []*scenario.Scenario, definitions.Diagnostics) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	fsys["tests/story.yaml"] = &fstest.MapFile{Data: []byte("scenario: История\nsteps:\n" + steps)}
	c, faults := definitions.LoadFS(fsys, "kuhni-dom")
	if faults.HasErrors() {
		faults.Print(os.Stderr)
		t.Fatal("the company does not load")
	}
	scenarios, found := scenario.LoadFS(fsys, c)
	return c, scenarios, found
}

func run(t *testing.T, files map[string]string, steps string) *scenario.Report {
	t.Helper()
	c, scenarios, faults := load(t, files, steps)
	if len(faults) > 0 {
		faults.Print(os.Stderr)
		t.Fatal("the scenario does not load")
	}
	return scenario.Run(c, scenarios[0])
}

func with(more map[string]string) map[string]string {
	files := maps.Clone(kitchen)
	maps.Copy(files, more)
	return files
}

func printed(r *scenario.Report) string {
	var out strings.Builder
	r.Print(&out, false)
	return out.String()
}

func TestStories(t *testing.T) {
	tests := []struct{ name, steps string }{
		{"the manual's silent lead", `
  - at: 2026-03-02T10:00
    mail: {from: "Пётр <petr@client.test>", subject: Нужна кухня, body: Хочу кухню}
    expect: {stage: qualification, sent: [acknowledgement], owner: ivan@kuhni-dom.test}
  - after: 2 business days
    expect: {sent: [reminder]}
  - after: 30 business days
    expect: {status: lost, reason: no_response, notified: [ivan@kuhni-dom.test, anna@kuhni-dom.test, boris@kuhni-dom.test]}
`},
		{"what is due at the end of the time that passes has happened", lead + `
  - {after: 15 business minutes, expect: {tasks: {first-call: overdue}, notified: []}}
  - {after: 15 business minutes, expect: {notified: [anna@kuhni-dom.test]}}
`},
		{"a moment before it nothing has", lead + `
  - {after: 14 business minutes, expect: {tasks: {first-call: open}, sent: []}}
`},
		{"a reply stops the letters", lead + `
  - {after: 1d, reply: Да, expect: {stalled: false}}
  - {after: 4 business days, expect: {sent: []}}
`},
		{"an auto-reply does not", lead + `
  - {after: 1d, auto_reply: true}
  - {after: 4 business days, expect: {sent: [reminder]}}
`},
		{"an unsubscribe does", lead + `
  - {after: 1d, unsubscribe: true}
  - {after: 4 business days, expect: {sent: []}}
`},
		{"a bounce loses the deal", lead + `
  - {after: 1h, bounce: true, expect: {status: lost, reason: bad_address}}
`},
		{"a delayed bounce does nothing", lead + `
  - {after: 1h, bounce: {delayed: true}, expect: {status: open, stage: qualification}}
`},
		{"fields, gates and tasks on the way to won", lead + `
  - {after: 1h, complete: first-call, expect: {stage: qualification, blocking: [budget, Задача], tasks: []}}
  - {after: 1h, set: {budget: 1500.50, need: кухня}, expect: {stage: presentation, amount: 1500.5, tasks: [show], blocking: [offer]}}
  - {after: 1h, set: {fields: {timeline: 01.06.2026, vip: да, budget: 2000}},
     expect: {fields: {budget: 2000, double: 4000, timeline: 2026-06-01, vip: true, need: кухня}}}
  - {after: 1h, move: won, expect: {refused: Предложение, stage: presentation}}
  - {after: 1h, document: offer, expect: {documents: [offer], blocking: []}}
  - {after: 1h, move: {to: won}, expect: {status: won, stage: aftercare, closed: false}}
  - {after: 14d, expect: {closed: true, status: won}}
`},
		{"a forced move needs a reason", lead + `
  - {after: 1h, move: {to: presentation, force: true}, expect: {refused: reason}}
  - {after: 1h, move: {to: presentation, force: true, reason: Спешит}, expect: {stage: presentation}}
`},
		{"a signal, a recycle and the next visit", lead + `
  - {after: 1h, move: {to: presentation, force: true, reason: Спешит}}
  - {after: 1h, signal: gone, expect: {status: lost, reason: no_response, visit: 1}}
  - {after: 90d, expect: {status: open, stage: qualification, visit: 2, sent: []}}
`},
		{"a reply reopens a lost deal", lead + `
  - {after: 1h, move: {to: lost, reason: no_response}}
  - {after: 1d, reply: true, expect: {status: open, visit: 2}}
`},
		{"a pause holds what was due", lead + `
  - {after: 1h, pause: 2026-04-01}
  - {at: 2026-03-31, expect: {paused: true, sent: [], stalled: false}}
  - {at: 2026-04-01T10:00, resume: true, expect: {refused: not paused, paused: false}}
  - {after: 3 business days, expect: {sent: [reminder]}}
`},
		{"several things in one step happen in the order of the file", lead + `
  - {after: 1h, set: {budget: 10, need: кухня}, complete: {task: first-call, note: Дозвонились}, expect: {stage: presentation}}
`},
		{"a deal without a message", `
  - {at: 2026-03-02T10:00, open: {contact: {name: Анна, phone: +7 495 123-45-67}, fields: {budget: 5}},
     expect: {stage: qualification, sent: [], amount: 5, owner: ivan@kuhni-dom.test}}
  - {after: 1h, set: {owner: olga@kuhni-dom.test, contact: {email: anna@client.test}}, expect: {owner: olga@kuhni-dom.test}}
  - {after: 2 business days, expect: {sent: [reminder]}}
`},
		{"a task that is waived", lead + `
  - {after: 1h, set: {budget: 10, need: кухня}}
  - {after: 1h, waive: {task: first-call, reason: Уже говорили}, expect: {tasks: {first-call: waived, show: open}}}
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r := run(t, kitchen, tt.steps); !r.OK() {
				t.Error(printed(r))
			}
		})
	}
}

func TestFailures(t *testing.T) {
	tests := []struct{ name, steps, expected, got string }{
		{"stage", lead + "  - {after: 1h, expect: {stage: presentation}}\n", "presentation", "qualification"},
		{"sent in another order", lead + "  - {after: 2 business days, expect: {sent: [acknowledgement]}}\n", "[acknowledgement]", "[reminder]"},
		{"sent too little", lead + "  - {after: 2 business days, expect: {sent: []}}\n", "[]", "[reminder]"},
		{"owner", lead + "  - {after: 1h, expect: {owner: olga@kuhni-dom.test}}\n", "olga@kuhni-dom.test", "ivan@kuhni-dom.test"},
		{"stalled", lead + "  - {after: 6 business days, expect: {stalled: false}}\n", "false", "true"},
		{
			"notified too many", lead + "  - {after: 30 business days, expect: {notified: [anna@kuhni-dom.test]}}\n",
			"[anna@kuhni-dom.test]", "[anna@kuhni-dom.test, boris@kuhni-dom.test, ivan@kuhni-dom.test]",
		},
		{"field", lead + "  - {after: 1h, set: {budget: 5}, expect: {fields: {budget: 6}}}\n", "budget: 6", "budget: 5"},
		{"field that is not filled", lead + "  - {after: 1h, expect: {fields: {need: кухня}}}\n", "need: кухня", "need: not filled"},
		{"open tasks", lead + "  - {after: 1h, expect: {tasks: [show]}}\n", "[show]", "[first-call]"},
		{"status of a task", lead + "  - {after: 1h, expect: {tasks: {first-call: done}}}\n", "first-call: done", "first-call: overdue"},
		{"nothing blocking", lead + "  - {after: 1h, expect: {blocking: []}}\n", "[]", "«Позвонить»"},
		{"blocking", lead + "  - {after: 1h, expect: {blocking: [offer]}}\n", "offer", "«Позвонить»"},
		{"a change that is refused", lead + "  - {after: 1h, move: presentation}\n", "allowed", "«Позвонить»"},
		{"a change that is not", lead + "  - {after: 1h, set: {budget: 5}, expect: {refused: true}}\n", "refused", "allowed"},
		{"a value that the field cannot hold", lead + "  - {after: 1h, set: {budget: много}}\n", "allowed", "budget"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, kitchen, tt.steps)
			if r.OK() {
				t.Fatal("the scenario passes")
			}
			f := r.Failures[0]
			if !strings.Contains(f.Expected, tt.expected) || !strings.Contains(f.Got, tt.got) {
				t.Errorf("expected %q, got %q; want %q and %q", f.Expected, f.Got, tt.expected, tt.got)
			}
		})
	}
}

func TestFailureReadsForAPerson(t *testing.T) {
	text := printed(run(t, kitchen, lead+"  - after: 2 business days\n    expect:\n      sent: []\n"))
	for _, part := range []string{
		"FAIL История (kuhni-dom/tests/story.yaml)",
		"kuhni-dom/tests/story.yaml:6: step 2, 2026-03-04 10:00, 2 business days after step 1",
		"expected: []\n    got:      [reminder]",
		"letter reminder to petr@client.test: Напоминаем",
		"task first-call is overdue",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the report lacks %q:\n%s", part, text)
		}
	}
}

func TestStepsAfterAFailureAreNotRun(t *testing.T) {
	r := run(t, kitchen, lead+"  - {after: 1h, expect: {stage: presentation, status: won}}\n  - {after: 30 business days, expect: {status: won}}\n")
	if len(r.Failures) != 2 || r.State.Status != "open" {
		t.Errorf("got %d failures and status %s, want those of step 2 alone", len(r.Failures), r.State.Status)
	}
}

func TestLettersAreRendered(t *testing.T) {
	r := run(t, kitchen, lead)
	if len(r.Letters) != 1 || !strings.Contains(r.Letters[0].Markdown, "Пётр, здравствуйте! Письмо «Нужна кухня»") {
		t.Errorf("got %+v", r.Letters)
	}
}
