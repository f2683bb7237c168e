package deal_test

import (
	"testing"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// ladder is a stage whose ladder climbs to a loss, and one to go on to.
const ladder = `
stages:
  - id: one
    timeout: 5d
    escalation:
      - {after: 0m, notify: owner}
      - {after: 1d, notify: manager}
      - {after: 3d, notify: director, reassign: manager}
      - {after: 10d, lose: silent}
    tasks: [{id: call, kind: call}, {id: write, kind: email}]
    documents: [{id: offer}]
    next: [{to: two}, {to: lost, on: bounce, when: deal.known, reason: bad_address}]
  - id: two
    next: [{to: done}]
`

// TestProgress is rule 1: what clears `stalled` and the ladder, and what does not.
func TestProgress(t *testing.T) {
	tests := []struct {
		name    string
		event   deal.Event
		stalled bool
	}{
		{"a reply", reply(), false},
		{"a finished task", complete("call"), false},
		{"a waived task", deal.Event{Kind: deal.KindChangeTask, Task: "call", Waive: true, Reason: "x"}, false},
		{"a field changed by a person", set("need", "pumps"), false},
		{"a contact changed by a person", deal.Event{Kind: deal.KindSet, Contact: &definitions.Contact{Phone: "1"}}, false},
		{"a document", deal.Event{Kind: deal.KindDocument, Document: "offer"}, false},
		{"a change of stage", move("two"), false},
		{"a signal", signal("met"), false},
		{"an auto-reply", deal.Event{Kind: deal.KindAutoReply, Mail: mail("away")}, true},
		{"a bounce", bounce(), true},
		{"a letter that failed", deal.Event{Kind: deal.KindLetterFailed}, true},
		{"a colleague's own mail", deal.Event{Kind: deal.KindOutbound, Mail: mail("own")}, true},
		{"a new owner", deal.Event{Kind: deal.KindSet, Owner: "bob@acme.test"}, true},
		{"a field set to what it is", set("need", nil), true},
		{"a note", deal.Event{Kind: deal.KindNote, Text: "x"}, true},
		{"an unsubscribe", deal.Event{Kind: deal.KindUnsubscribe}, true},
		{"a new task", deal.Event{Kind: deal.KindAddTask, NewTask: &deal.NewTask{ID: "x", Name: "x"}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newSale(t, ladder, "").open().pass("6d")
			d.want("stalled before", d.s.Stalled(), true).want("level before", d.s.Level, 2)
			d.do(tt.event).want("stalled", d.s.Stalled(), tt.stalled)
			if !tt.stalled {
				d.want("level", d.s.Level, 0)
				told := d.told()
				d.pass("4d").want("told after", d.told(), told)
			} else {
				d.pass("2d").want("level later", d.s.Level, 3)
			}
		})
	}
}

// TestTimeoutAndLadders is rule 2.
func TestTimeoutAndLadders(t *testing.T) {
	tell(t, []story{
		{"the timeout counts from the last progress", ladder, "", func(d *sale) {
			d.pass("4d").do(reply()).pass("4d").want("stalled", d.s.Stalled(), false)
			d.pass("1d").want("stalled", d.s.Stalled(), true).want("since", d.s.StalledSince, d.at)
		}},
		{"from entry it counts from the entry, and comes once", `
stages:
  - {id: one, timeout: {after: 5d, from: entry}, next: [{to: done}]}
`, "", func(d *sale) {
			d.pass("4d").do(reply()).pass("1d").want("stalled", d.s.Stalled(), true)
			d.do(reply()).want("stalled", d.s.Stalled(), false)
			d.pass("30d").want("stalled", d.s.Stalled(), false)
		}},
		{"levels count from the stall", ladder, "", func(d *sale) {
			d.pass("5d").want("told", d.told(), "ann").want("level", d.s.Level, 1)
			d.pass("1d").want("told", d.told(), "ann max").want("level", d.s.Level, 2)
			d.pass("2d").want("told", d.told(), "ann max dora").want("owner", d.s.Owner, "max@acme.test")
			d.pass("7d").want("status", d.s.Status, deal.Lost).want("reason", d.s.LostReason, "silent")
			d.want("told at last", d.told(), "ann max dora")
		}},
		{"levels reached at once act as the highest", ladder, "", func(d *sale) {
			d.jump("9d").want("told", d.told(), "dora").want("level", d.s.Level, 3).want("owner", d.s.Owner, "max@acme.test")
			d.want("escalated", d.entries("escalated"), "escalated")
		}},
		{"a loss waits until those before it were told in an earlier wake", ladder, "", func(d *sale) {
			d.jump("60d").want("status", d.s.Status, deal.Open).want("told", d.told(), "dora")
			d.pass("6d").want("status", d.s.Status, deal.Open)
			d.pass("1d").want("status", d.s.Status, deal.Lost)
		}},
		{"a level repeats until there is progress, each time with a key of its own", `
stages:
  - {id: one, timeout: 1d, escalation: [{after: 0m, notify: manager, repeat: 2d}], next: [{to: done}]}
`, "", func(d *sale) {
			d.pass("5d").want("told", d.told(), "max max max").want("level", d.s.Level, 1)
			keys := map[string]bool{}
			for _, n := range d.notices {
				keys[n.Key] = true
			}
			d.want("keys", len(keys), 3)
			d.do(reply()).pass("1h").want("told", d.told(), "max max max")
		}},
		{"a level whose when does not hold is passed over", `
stages:
  - {id: one, timeout: 1d, escalation: [{after: 0m, notify: manager, when: deal.known}, {after: 1d, notify: director}], next: [{to: done}]}
`, "", func(d *sale) { d.pass("3d").want("told", d.told(), "dora").want("level", d.s.Level, 2) }},
		{"a task's ladder counts from its due time and stops when it is done", `
stages:
  - id: one
    tasks: [{id: call, due: 15 business minutes, escalation: [{after: 15 business minutes, notify: manager}, {after: 2 business hours, notify: director}]}]
    next: [{to: done}]
`, "", func(d *sale) {
			d.pass("15 business minutes").want("overdue", d.task("call").Overdue, true).want("told", d.told(), "")
			d.pass("15 business minutes").want("told", d.told(), "max").want("about", d.notices[0].About, "task_overdue")
			d.do(complete("call")).pass("5d").want("told", d.told(), "max").want("stalled", d.s.Stalled(), false)
		}},
		{"a business timeout lets nights and weekends pass", `
stages:
  - {id: one, timeout: 5 business days, next: [{to: done}]}
`, "", func(d *sale) {
			d.pass("6d").want("stalled", d.s.Stalled(), false)
			d.pass("1d").want("stalled", d.s.Stalled(), true)
		}},
	})
}

// letters is a stage with a sequence, and one to go on to.
const letters = `
stages:
  - id: one
    tasks: [{id: meet, kind: meeting}, {id: call, kind: call}]
    sequence:
      steps:
        - {after: 0m, send: hello, once: true}
        - {after: 2d, send: nudge}
        - {after: 4d, send: bye, when: deal.budget < 100}
    next: [{to: two}]
  - {id: two, next: [{to: done}]}
`

// TestSequences is rule 3.
func TestSequences(t *testing.T) {
	tell(t, []story{
		{"steps count from the entry", letters, "", func(d *sale) {
			d.want("at once", d.sent(), "hello").pass("2d").want("then", d.sent(), "hello nudge").pass("2d").want("at last", d.sent(), "hello nudge bye")
		}},
		{"a step whose when does not hold is passed over", letters, "", func(d *sale) {
			d.do(set("budget", 500)).pass("9d").want("sent", d.sent(), "hello nudge")
		}},
		{"leaving the stage stops it", letters, "", func(d *sale) { d.do(move("two")).pass("9d").want("sent", d.sent(), "hello") }},
		{"a reply stops it by default", letters, "", func(d *sale) { d.do(reply()).pass("9d").want("sent", d.sent(), "hello") }},
		{"an out-of-office does not", letters, "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindAutoReply, Mail: mail("away")}).pass("9d").want("sent", d.sent(), "hello nudge bye")
		}},
		{"a meeting does not unless it is named", letters, "", func(d *sale) { d.do(complete("meet")).pass("9d").want("sent", d.sent(), "hello nudge bye") }},
		{"a permanent bounce always stops it", letters, "", func(d *sale) { d.do(bounce()).pass("9d").want("sent", d.sent(), "hello") }},
		{"a delayed one does not", letters, "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindBounce, Permanent: true, Delayed: true}).pass("9d").want("sent", d.sent(), "hello nudge bye")
		}},
		{"an unsubscribe stops this and every later one", letters, "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindUnsubscribe}).do(move("two")).do(move("one")).pass("9d").want("sent", d.sent(), "hello")
		}},
		{"once is on the first visit only", letters, "", func(d *sale) {
			d.do(lose("gone")).do(deal.Event{Kind: deal.KindReopen}).pass("9d").want("visit", d.s.Visit, 2).want("sent", d.sent(), "hello nudge bye")
		}},
		{"within a visit no letter is sent twice", letters, "", func(d *sale) {
			d.pass("2d").do(move("two")).do(move("one")).pass("9d").want("sent", d.sent(), "hello nudge bye")
		}},
		{"stop_on meeting: a finished meeting stops it, a call and a reply do not", `
stages:
  - id: one
    tasks: [{id: meet, kind: meeting}, {id: call, kind: call}]
    sequence: {stop_on: [meeting], steps: [{after: 1d, send: hello}, {after: 2d, send: nudge}, {after: 3d, send: bye}]}
    next: [{to: done}]
`, "", func(d *sale) {
			d.do(complete("call")).do(reply()).pass("1d").want("sent", d.sent(), "hello")
			d.do(complete("meet")).pass("9d").want("sent", d.sent(), "hello")
		}},
		{"business hours move a letter to the next opening", `
stages:
  - id: one
    sequence: {steps: [{after: 12h, send: hello, hours: business}]}
    next: [{to: done}]
`, "", func(d *sale) {
			d.pass("22h").want("before", d.sent(), "").pass("1h").want("at nine", d.sent(), "hello")
		}},
	})
}
