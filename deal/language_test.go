package deal_test

import (
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

const evening = `
stages:
  - id: one
    sequence:
      stop_on: []
      steps: [{after: 0m, send: hello, hours: any}, {after: 12h, send: nudge}, {after: 13h, send: bye, hours: business}]
    next: [{to: done}]
`

// TestQuietHours is of the hours in which letters go out.
func TestQuietHours(t *testing.T) {
	at := func(d *sale, hour int) *sale {
		d = newSale(d.t, d.stages, d.more)
		d.at = time.Date(2026, time.March, 2, hour, 0, 0, 0, time.UTC)
		return d.open()
	}
	tell(t, []story{
		{"a letter waits for their end, but for one that goes at any hour", evening, "sending: {quiet: \"21:00-08:00\"}\n", func(d *sale) {
			d = at(d, 22)
			d.want("sent", d.sent(), "hello").pass("13h").want("sent", d.sent(), "hello nudge bye")
		}},
		{"they run past midnight", evening, "sending: {quiet: \"21:00-08:00\"}\n", func(d *sale) {
			d = at(d, 11)
			d.pass("20h").want("sent", d.sent(), "hello").pass("1h").want("sent", d.sent(), "hello nudge").pass("1h").want("sent", d.sent(), "hello nudge bye")
		}},
		{"and may lie within a day", evening, "sending: {quiet: \"12:00-14:30\"}\n", func(d *sale) {
			d = at(d, 1)
			d.pass("13h").want("sent", d.sent(), "hello").pass("30m").want("sent", d.sent(), "hello nudge bye")
		}},
		{"business hours of the company hold for letters that say nothing", evening, "sending: {hours: business}\n", func(d *sale) {
			d = at(d, 8)
			d.pass("13h").want("sent", d.sent(), "hello").pass("12h").want("sent", d.sent(), "hello nudge bye")
		}},
		{"a pause does not move a letter into them", evening, "sending: {quiet: \"21:00-08:00\"}\n", func(d *sale) {
			d = at(d, 8)
			d.pass("11h").do(deal.Event{Kind: deal.KindPause}).pass("1h").do(deal.Event{Kind: deal.KindResume}).pass("11h")
			d.want("sent", d.sent(), "hello").pass("1h").want("sent", d.sent(), "hello nudge")
		}},
	})
}

// TestMoveIsLastOfAnInstant is rule 9.
func TestMoveIsLastOfAnInstant(t *testing.T) {
	tell(t, []story{
		{"the ladder comes before the move that the timeout makes", `
stages:
  - id: one
    timeout: 1d
    escalation: [{after: 0m, notify: manager}]
    next: [{to: lost, on: timeout, reason: silent}]
`, "", func(d *sale) {
			d.pass("1d").want("told", d.told(), "max").want("order", d.entries("stalled", "escalated", "lost"), "stalled escalated lost")
		}},
		{"the letter comes before a move that could be made at once", `
stages:
  - {id: one, sequence: {steps: [{send: hello}]}, next: [{to: two, when: 'contact.email != ""'}]}
  - {id: two, next: [{to: done}]}
`, "", func(d *sale) { d.want("sent", d.sent(), "hello").want("stage", d.s.Stage, "two") }},
		{"and in each stage on the way", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, sequence: {steps: [{send: hello}]}, next: [{to: three, when: 'true'}]}
  - {id: three, sequence: {steps: [{send: bye}]}, next: [{to: done}]}
`, "", func(d *sale) { d.do(reply()).want("sent", d.sent(), "hello bye").want("stage", d.s.Stage, "three") }},
	})
}

func TestLanguage(t *testing.T) {
	tell(t, []story{
		{"recycle without max brings a deal back once", "stages: [{id: one, next: [{to: won}]}]\nrecycle: {reasons: [gone], after: 30d}\n", "", func(d *sale) {
			d.do(lose("gone")).pass("30d").want("status", d.s.Status, deal.Open).want("visit", d.s.Visit, 2).want("stage", d.s.Stage, "one")
			d.do(lose("gone")).pass("365d").want("status", d.s.Status, deal.Lost)
		}},
		{"a reason that is not recycled stays lost", "stages: [{id: one, next: [{to: won}]}]\nrecycle: {reasons: [gone], after: 30d}\n", "", func(d *sale) {
			d.do(lose("silent")).pass("365d").want("status", d.s.Status, deal.Lost)
		}},
		{"the gates of a won stage hold for a move to won", `
stages:
  - {id: one, next: [{to: won, on: reply}]}
  - {id: after, won: true, entry: [{filled: [need]}], next: [{to: done}]}
`, "", func(d *sale) {
			d.do(reply()).want("stage", d.s.Stage, "one").contains("blocking", d.blocked(), "need")
			d.do(set("need", "a kitchen")).want("stage", d.s.Stage, "after").want("status", d.s.Status, deal.Won)
		}},
		{"a task's ladder hands the task over", `
stages:
  - id: one
    tasks: [{id: call, due: 1d, escalation: [{after: 1d, reassign: lawyer}]}]
    next: [{to: done}]
`, "", func(d *sale) {
			d.pass("2d").want("assignee", d.task("call").Assignee, "lea@acme.test").want("owner", d.s.Owner, "ann@acme.test")
			d.do(deal.Event{Kind: deal.KindSet, Owner: "bob@acme.test"}).want("assignee", d.task("call").Assignee, "lea@acme.test")
		}},
		{"a task's ladder tells whose task it is", `
stages:
  - id: one
    tasks: [{id: read, assignee: lawyer, due: 1d, escalation: [{after: 0m, notify: [assignee, manager]}]}]
    next: [{to: done}]
`, "", func(d *sale) { d.pass("1d").want("told", d.told(), "lea max") }},
		{"what was finished on an earlier visit does not finish this one", `
stages:
  - id: one
    tasks: [{id: plan, required: true, when: '!deal.known'}, {id: call}]
    next: [{to: two, on: tasks_done}]
  - {id: two, next: [{to: done}]}
`, "", func(d *sale) {
			d.do(complete("plan")).want("stage", d.s.Stage, "two").do(set("known", true)).pass("1d").do(move("one"))
			d.want("stage", d.s.Stage, "one").do(complete("call")).want("stage", d.s.Stage, "two")
		}},
		{"a level whose condition does not hold is passed over", `
escalations:
  ladder: [{after: 0m, notify: owner}, {after: 1d, notify: manager, when: deal.budget > 100}, {after: 2d, notify: director}]
stages:
  - {id: one, timeout: 1d, escalation: ladder, next: [{to: done}]}
`, "", func(d *sale) {
			d.pass("4d").want("told", d.told(), "ann dora").want("level", d.s.Level, 3)
		}},
	})
}
