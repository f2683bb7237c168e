package deal_test

import (
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// TestTasksDone is rule 4.
func TestTasksDone(t *testing.T) {
	stage := func(tasks string) string {
		return "stages:\n  - {id: one, tasks: [" + tasks + "], next: [{to: two, on: tasks_done}]}\n  - {id: two, next: [{to: done}]}\n"
	}
	tell(t, []story{
		{"all required tasks", stage("{id: a, required: true}, {id: b, required: true}, {id: c}"), "", func(d *sale) {
			d.do(complete("a")).want("stage", d.s.Stage, "one").do(complete("b")).want("stage", d.s.Stage, "two")
		}},
		{"an optional one does not do", stage("{id: a, required: true}, {id: c}"), "", func(d *sale) { d.do(complete("c")).want("stage", d.s.Stage, "one") }},
		{"where none is required, all", stage("{id: a}, {id: b}"), "", func(d *sale) {
			d.do(complete("a")).want("stage", d.s.Stage, "one").do(complete("b")).want("stage", d.s.Stage, "two")
		}},
		{"a waived task counts as finished", stage("{id: a, required: true}"), "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindChangeTask, Task: "a", Waive: true, Reason: "x"}).want("stage", d.s.Stage, "two")
		}},
		{"asks does not oblige", stage("{id: a, required: true, asks: [budget]}"), "", func(d *sale) { d.do(complete("a")).want("stage", d.s.Stage, "two") }},
		{"a task whose when comes true opens then, and holds the deal", stage("{id: a, required: true}, {id: b, required: true, when: deal.budget > 10}"), "", func(d *sale) {
			d.do(set("budget", 20)).want("b", d.task("b").Status, deal.TaskOpen)
			d.do(complete("a")).want("stage", d.s.Stage, "one").do(complete("b")).want("stage", d.s.Stage, "two")
		}},
		{"a finished task is not finished again", stage("{id: a}, {id: b}"), "", func(d *sale) {
			d.do(complete("a"))
			d.contains("answer", d.refused(complete("a")), "finished already")
			d.contains("answer", d.refused(complete("z")), "no task")
		}},
	})
}

const gated = `
stages:
  - id: one
    entry: [{require: contact.phone != "", message: a phone is needed}]
    tasks: [{id: call, name: Call, required: true}]
    documents: [{id: offer, name: Offer, required: true}]
    exit: [{filled: [need]}, {require: deal.budget > 10, message: the budget is too small}]
    next: [{to: two}]
  - id: two
    entry: [{filled: [budget], message: name the budget}]
    next: [{to: three}]
  - {id: three, won: true, next: [{to: done}]}
`

// TestGates is rule 5.
func TestGates(t *testing.T) {
	tell(t, []story{
		{"every unmet requirement is named", gated, "", func(d *sale) {
			answer := d.refused(move("two"))
			for _, part := range []string{`"Call" is not finished`, `"Offer" is missing`, `"need" is not filled`, "the budget is too small", "name the budget"} {
				d.contains("answer", answer, part)
			}
		}},
		{"the entry of the first stage refuses no lead, and shows", gated, "", func(d *sale) {
			d.want("stage", d.s.Stage, "one").contains("blocking", d.blocked(), "a phone is needed")
		}},
		{"a forward move goes when all hold", gated, "", func(d *sale) {
			d.do(set("need", "x")).do(set("budget", 20)).do(complete("call")).do(deal.Event{Kind: deal.KindDocument, Document: "offer"})
			d.do(move("two")).want("stage", d.s.Stage, "two")
		}},
		{"gates hold on the way over a stage too, and to won", gated, "", func(d *sale) {
			d.contains("answer", d.refused(move("three")), "budget").contains("answer", d.refused(move("won")), "budget")
		}},
		{"back is free", gated, "", func(d *sale) { d.do(force("two")).do(move("one")).want("stage", d.s.Stage, "one") }},
		{"lost is free", gated, "", func(d *sale) { d.do(lose("gone")).want("status", d.s.Status, deal.Lost) }},
	})
}

// out is a stage with one way out.
func out(way string) string {
	return "stages:\n  - id: one\n    timeout: 5d\n    tasks: [{id: a}, {id: b}]\n    documents: [{id: offer}]\n" +
		"    sequence: {steps: [{after: 0m, send: hello}, {after: 1d, send: nudge}]}\n    next: [" + way + "]\n  - {id: two, next: [{to: done}]}\n"
}

// TestNext is rule 6.
func TestNext(t *testing.T) {
	triggers := []struct {
		on   string
		tell func(d *sale)
	}{
		{"reply", func(d *sale) { d.do(reply()) }},
		{"tasks_done", func(d *sale) { d.do(complete("a")).do(complete("b")) }},
		{"task:b", func(d *sale) { d.do(complete("b")) }},
		{"sequence_done", func(d *sale) { d.pass("1d") }},
		{"field:budget", func(d *sale) { d.do(set("budget", 1)) }},
		{"document:offer", func(d *sale) { d.do(deal.Event{Kind: deal.KindDocument, Document: "offer"}) }},
		{"timeout", func(d *sale) { d.pass("5d") }},
		{"bounce", func(d *sale) { d.do(bounce()) }},
		{"unsubscribe", func(d *sale) { d.do(deal.Event{Kind: deal.KindUnsubscribe}) }},
		{"signal:met", func(d *sale) { d.do(signal("met")) }},
	}
	for _, tt := range triggers {
		t.Run("on "+tt.on, func(t *testing.T) {
			d := newSale(t, out(`{to: two, on: "`+tt.on+`"}`), "").open()
			d.do(signal("else")).do(set("need", "x")).do(complete("a")).want("stage before", d.s.Stage, "one")
			d = newSale(t, out(`{to: two, on: "`+tt.on+`"}`), "").open()
			tt.tell(d)
			d.want("stage", d.s.Stage, "two").want("by", d.last("stage_entered").Data["by"], "next")
		})
	}
	tell(t, []story{
		{"after passed since entry", out("{to: two, after: 2d}"), "", func(d *sale) {
			d.pass("1d").do(reply()).want("stage", d.s.Stage, "one").pass("1d").want("stage", d.s.Stage, "two")
		}},
		{"when alone", out("{to: two, when: deal.budget > 5}"), "", func(d *sale) {
			d.do(set("budget", 1)).want("stage", d.s.Stage, "one").do(set("budget", 6)).want("stage", d.s.Stage, "two")
		}},
		{"the first entry in file order", out("{to: lost, reason: gone, on: reply, when: deal.known}, {to: two, on: reply, when: deal.budget < 10}, {to: done, on: reply}"), "", func(d *sale) {
			d.do(reply()).want("stage", d.s.Stage, "two").want("closed", d.s.Closed(), false)
		}},
		{"an earlier entry whose when holds", out("{to: lost, reason: gone, on: reply, when: deal.known}, {to: two, on: reply}"), "", func(d *sale) {
			d.do(set("known", true)).do(reply()).want("status", d.s.Status, deal.Lost)
		}},
		{"a trigger is remembered until its when holds", out("{to: two, on: reply, when: deal.known}"), "", func(d *sale) {
			d.do(reply()).want("stage", d.s.Stage, "one").do(set("known", true)).want("stage", d.s.Stage, "two")
		}},
		{"a pending move shows in blocking and happens when the gate opens", `
stages:
  - {id: one, exit: [{filled: [need]}], next: [{to: two, on: reply}]}
  - {id: two, entry: [{require: deal.budget > 0, message: name the budget}], next: [{to: done}]}
`, "", func(d *sale) {
			d.do(reply()).want("stage", d.s.Stage, "one").want("pending", deal.Pending(d.p, d.s).To, "two")
			d.contains("blocking", d.blocked(), "need").contains("blocking", d.blocked(), "name the budget")
			d.do(set("need", "x")).want("stage", d.s.Stage, "one").do(set("budget", 5)).want("stage", d.s.Stage, "two")
		}},
		{"a trigger belongs to its stage", `
stages:
  - {id: one, next: [{to: two, on: "signal:on"}]}
  - {id: two, next: [{to: three, on: "signal:on"}]}
  - {id: three, next: [{to: done}]}
`, "", func(d *sale) { d.do(signal("on")).want("stage", d.s.Stage, "two") }},
		{"moves that lead in a circle come to rest", `
stages:
  - {id: one, next: [{to: two, when: 'deal.need == "round"'}, {to: done}]}
  - {id: two, next: [{to: one, when: 'deal.need == "round"'}]}
`, "", func(d *sale) { d.do(set("need", "round")).pass("1d").want("closed", d.s.Closed(), false) }},
		{"a circle comes to rest though somebody is assigned on each round", `
stages:
  - {id: one, tasks: [{id: a, assignee: lawyer}], next: [{to: two, when: 'deal.need == "round"'}, {to: done}]}
  - {id: two, tasks: [{id: b, assignee: lawyer}], next: [{to: one, when: 'deal.need == "round"'}]}
`, "", func(d *sale) {
			d.do(set("need", "round")).pass("1d").want("closed", d.s.Closed(), false).want("assigned", d.turns["lawyer"] < 9, true)
		}},
		{"a stage without next goes on by hand", "stages:\n  - {id: one}\n  - {id: two, next: [{to: done}]}\n", "", func(d *sale) {
			d.do(reply()).want("stage", d.s.Stage, "one").do(move("two")).want("detour", d.last("stage_entered").Data["detour"], false)
		}},
		{"done closes the deal", "stages:\n  - {id: one, won: true, next: [{to: done, on: reply}]}\n", "", func(d *sale) {
			d.do(reply()).want("status", d.s.Status, deal.Won).want("closed", d.s.Closed(), true).want("wake", d.wake, time.Time{})
		}},
	})
}

const road = `
stages:
  - {id: one, exit: [{filled: [need]}], next: [{to: two}]}
  - {id: two, next: [{to: three}]}
  - {id: three, won: true, next: [{to: done}]}
`

// TestMovesByHand is rule 7.
func TestMovesByHand(t *testing.T) {
	tell(t, []story{
		{"gates hold", road, "", func(d *sale) { d.contains("answer", d.refused(move("two")), "need").want("stage", d.s.Stage, "one") }},
		{"force needs a reason", road, "", func(d *sale) {
			d.contains("answer", d.refused(deal.Event{Kind: deal.KindMove, To: "two", Force: true}), "reason")
		}},
		{"force with a reason passes the gates, and the reason is kept", road, "", func(d *sale) {
			d.do(force("two")).want("stage", d.s.Stage, "two").want("reason", d.last("stage_entered").Data["reason"], "test")
		}},
		{"a drawn way is no detour", road, "", func(d *sale) { d.do(force("two")).want("detour", d.last("stage_entered").Data["detour"], false) }},
		{"a way over a stage is one", road, "", func(d *sale) { d.do(force("three")).want("detour", d.last("stage_entered").Data["detour"], true) }},
		{"so is a way back", road, "", func(d *sale) {
			d.do(force("two")).do(move("one")).want("detour", d.last("stage_entered").Data["detour"], true)
		}},
		{"a stage that does not exist", road, "", func(d *sale) { d.contains("answer", d.refused(move("four")), "one, two, three") }},
		{"the stage it is in", road, "", func(d *sale) { d.contains("answer", d.refused(move("one")), "already") }},
		{"nowhere", road, "", func(d *sale) { d.contains("answer", d.refused(move("")), "to is missing") }},
	})
}

// TestSkip is rule 8.
func TestSkip(t *testing.T) {
	tell(t, []story{
		{"to the first next", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, skip: deal.known, tasks: [{id: a}], next: [{to: four}, {to: three}]}
  - {id: three, next: [{to: four}]}
  - {id: four, next: [{to: done}]}
`, "", func(d *sale) {
			d.do(set("known", true)).do(reply()).want("stage", d.s.Stage, "four").want("skipped", d.last("stage_skipped").Stage, "two")
			d.want("tasks", len(d.s.Tasks), 0).want("entered", d.entries("stage_entered"), "stage_entered stage_entered")
		}},
		{"to the following stage, over several", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, skip: deal.known}
  - {id: three, skip: deal.known}
  - {id: four, next: [{to: done}]}
`, "", func(d *sale) {
			d.do(set("known", true)).do(reply()).want("stage", d.s.Stage, "four").want("skipped", d.entries("stage_skipped"), "stage_skipped stage_skipped")
		}},
		{"not when it does not hold", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, skip: deal.known}
  - {id: three, next: [{to: done}]}
`, "", func(d *sale) { d.do(reply()).want("stage", d.s.Stage, "two") }},
		{"a won stage that leads to won ends the deal", `
stages:
  - {id: one, next: [{to: won}]}
  - {id: two, won: true, skip: deal.known, next: [{to: won}, {to: done}]}
`, "", func(d *sale) {
			d.do(set("known", true)).do(move("won")).want("status", d.s.Status, deal.Won).want("closed", d.s.Closed(), true)
		}},
		{"a won stage passed over on the way to done is won all the same", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, won: true, skip: deal.known, next: [{to: done}]}
`, "", func(d *sale) {
			d.do(set("known", true)).do(reply()).want("status", d.s.Status, deal.Won).want("closed", d.s.Closed(), true)
		}},
		{"the entry of the stage that is reached in the end holds", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, skip: deal.known, next: [{to: three}]}
  - {id: three, entry: [{require: contact.phone != "", message: No phone}], next: [{to: done}]}
`, "", func(d *sale) {
			d.do(set("known", true)).do(reply()).want("stage", d.s.Stage, "one")
			d.contains("answer", d.refused(move("two")), "No phone")
		}},
		{"the first stage on opening", `
stages:
  - {id: one, skip: deal.returning, next: [{to: two}]}
  - {id: two, next: [{to: done}]}
`, "", func(d *sale) {
			e := lead()
			e.Returning = true
			again := newSale(d.t, `
stages:
  - {id: one, skip: deal.returning, next: [{to: two}]}
  - {id: two, next: [{to: done}]}
`, "").do(e)
			again.want("stage", again.s.Stage, "two")
			d.want("stage", d.s.Stage, "one")
		}},
	})
}

// TestSameInstant is rule 9.
func TestSameInstant(t *testing.T) {
	d := newSale(t, `
stages:
  - id: one
    timeout: 2d
    escalation: [{after: 0m, notify: owner}]
    tasks: [{id: a, due: 2d}]
    sequence: {steps: [{after: 2d, send: hello}]}
    next: [{to: two, after: 2d}]
  - {id: two, next: [{to: done}]}
`, "").open()
	before := len(d.timeline)
	d.at = d.at.Add(48 * time.Hour)
	d.do(reply())
	d.timeline = d.timeline[before:]
	d.want("order", d.entries(), "task_overdue stalled escalated notified stage_left stage_entered mail_received")
	d.want("letters", d.sent(), "hello")
}
