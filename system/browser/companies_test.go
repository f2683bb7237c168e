//go:build system

package browser_test

import (
	"maps"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// client is somebody who wrote to a company, and how far they have come.
type client struct {
	name, email, phone, subject, text string

	wrote string   // day and time in the company's zone
	each  int      // days that a stage takes
	until string   // the stage where they stand now; empty: all the way through
	then  []string // what happens there: reply, pause, overdue work is left undone; lost and a reason
	facts facts
}

type facts map[string]any

// work is what a person does in a stage, with the fields that are filled in on
// the way.
type work struct {
	task, document string
	fields         []string
}

// route is the work of a process, stage by stage.
type route []struct {
	stage string
	work  []work
}

var kitchenRoute = route{
	{"lead", []work{{task: "first-call", fields: []string{"items", "budget", "timeline"}}}},
	{"qualification", []work{{task: "ask", fields: []string{"kitchen", "authority"}}}},
	{"presentation", []work{{document: "offer"}, {task: "demo", fields: []string{"appliances", "accessories", "objection"}}, {task: "send-offer"}}},
	{"objections", []work{{task: "hear-out", fields: []string{"concession"}}}},
	{"closing", []work{{document: "order"}, {task: "write-order", fields: []string{"decision", "delivery_date"}}, {task: "take-payment"}}},
	{"aftercare", []work{{task: "how-is-it", fields: []string{"rating"}}}},
	{"review", []work{{task: "look-back", fields: []string{"lesson"}}}},
}

var kitchenFacts = facts{
	"items": "Духовой шкаф, варочная панель, вытяжка", "budget": 180000, "timeline": "2026-12-20", "kitchen": "Угловая, 3,2 × 2,1 м, розетки готовы",
	"authority": "решает сам", "appliances": 164000, "accessories": 12000, "objection": "нужно подумать", "concession": "без уступок",
	"decision": "покупает", "delivery_date": "2026-12-12", "rating": 5, "lesson": "Позвонили в первый час",
}

var airRoute = route{
	{"search", []work{{task: "look-up", fields: []string{"organization", "need"}}}},
	{"qualification", []work{{task: "qualify", fields: []string{"budget", "authority", "timeline"}}}},
	{"first-contact", []work{{task: "introduce", fields: []string{"area"}}, {task: "agree-meeting"}}},
	{"preparation", []work{{document: "offer"}, {task: "calculate", fields: []string{"equipment", "installation"}}, {task: "prepare-talk"}}},
	{"presentation", []work{{task: "present"}, {task: "follow-up", fields: []string{"discount", "outcome"}}}},
	{"contract", []work{{document: "contract-signed"}, {task: "draft"}, {task: "sign", fields: []string{"contract_no"}}}},
	{"support", []work{{task: "how-is-it", fields: []string{"rating"}}}},
}

var airFacts = facts{
	"organization": "Private client", "need": "Fresh air for an open-plan office", "budget": 60000, "authority": "decides", "timeline": "2027-02-15", "area": 640,
	"equipment": 38500, "installation": 14200, "discount": 5, "outcome": "agreed", "contract_no": "FV-2026-118", "rating": 9,
}

// arrive plans a client's whole story.
func (p *past) arrive(company *definitions.Company, r route, usual facts, c client) {
	p.t.Helper()
	zone := company.Calendar.Location()
	at, err := time.ParseInLocation("2006-01-02 15:04", c.wrote, zone)
	p.must(err)
	known := maps.Clone(usual)
	maps.Copy(known, c.facts)
	var id string
	p.at(at, func() {
		lead := facts{}
		for _, f := range []string{"budget", "appliances", "organization", "need", "equipment"} {
			if v, ok := c.facts[f]; ok {
				lead[f] = v // they said so in their letter
			}
		}
		id = p.open(company, deal.Event{
			Contact: &definitions.Contact{Name: c.name, Email: c.email, Phone: c.phone},
			Subject: c.subject, Text: c.text, Source: "mail", Fields: lead,
		})
	})
	for _, stage := range r {
		if stage.stage == c.until {
			break
		}
		// In the middle of the day, some days later.
		at = company.Calendar.NextOpen(at.AddDate(0, 0, c.each).Truncate(time.Hour)).Add(time.Duration(len(c.name)*7%50) * time.Minute)
		for i, w := range stage.work {
			p.at(at.Add(time.Duration(i)*25*time.Minute), func() { p.work(id, stage.stage, w, known) })
		}
	}
	for _, what := range c.then {
		at = company.Calendar.NextOpen(at.Add(26 * time.Hour))
		p.at(at, func() { p.happen(id, c, what) })
	}
}

// work does one piece of work, if the deal is where it is done: a stage may be
// passed over.
func (p *past) work(id, stage string, w work, known facts) {
	p.t.Helper()
	row, err := p.store.Deal(p.t.Context(), id)
	p.must(err)
	if row.State.Stage != stage {
		return
	}
	if w.document != "" {
		p.do(id, deal.Event{Kind: deal.KindDocument, Document: w.document, Note: "№ 118"})
		return
	}
	fields := map[string]any{}
	for _, f := range w.fields {
		fields[f] = known[f]
	}
	p.do(id, deal.Event{Kind: deal.KindComplete, Task: w.task, Fields: fields})
}

// happen is what a client's story ends with.
func (p *past) happen(id string, c client, what string) {
	p.t.Helper()
	switch kind, more, _ := strings.Cut(what, ": "); kind {
	case "reply":
		p.do(id, deal.Event{Kind: deal.KindReply, Actor: "client", Mail: &deal.Mail{
			MessageID: "<re-" + id + "@client.test>", From: c.email, Subject: "Re: " + c.subject, Text: more, ReceivedAt: p.now,
		}})
	case "note":
		p.do(id, deal.Event{Kind: deal.KindNote, Text: more})
	case "pause":
		p.do(id, deal.Event{Kind: deal.KindPause, Reason: more, Until: p.now.AddDate(0, 0, 21)})
	case "lost":
		p.do(id, deal.Event{Kind: deal.KindMove, To: "lost", Reason: more})
	case "bounce":
		p.do(id, deal.Event{Kind: deal.KindBounce, Actor: "client", Permanent: true, Mail: &deal.Mail{MessageID: "<dsn-" + id + "@client.test>", From: "mailer-daemon@client.test", Subject: "Undelivered Mail", Text: more, ReceivedAt: p.now}})
	default:
		p.t.Fatalf("nobody knows how %q happens", what)
	}
}
