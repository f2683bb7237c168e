package deal_test

import (
	"testing"

	"github.com/dealwright/dealwright/deal"
)

// Two versions of a process: the second renames a stage, adds a task and
// another letter, and counts the double field threefold.
const (
	firstVersion = `
stages:
  - id: one
    timeout: none
    tasks: [{id: call, required: true}]
    next: [{to: two, on: tasks_done}, {to: lost, on: "signal:gone", reason: gone}]
  - id: two
    timeout: none
    sequence: {steps: [{after: 0m, send: hello}]}
    next: [{to: three, after: 2d}]
  - id: three
    timeout: none
    next: [{to: won}]
recycle: {reasons: [gone], after: 10d, to: one, max: 1}
`
	secondVersion = `
stages:
  - id: one
    timeout: none
    tasks: [{id: call, required: true}, {id: visit, required: true}]
    next: [{to: zwei, on: tasks_done}, {to: lost, on: "signal:gone", reason: gone}]
  - id: zwei
    was: [two]
    timeout: none
    sequence: {steps: [{after: 0m, send: nudge}]}
    next: [{to: end, after: 4d}]
  - id: end
    timeout: none
    next: [{to: won}]
recycle: {reasons: [gone], after: 10d, to: one, max: 1}
`
)

// next is the event with the second version waiting for the next stage.
func (d *sale) next(e deal.Event) deal.Event {
	e.Next = loadCompany(d.t, processYAML+secondVersion, "").Processes[0]
	return e
}

// goOn makes the process the version that the deal goes by.
func (d *sale) goOn() *sale {
	if next := loadCompany(d.t, processYAML+secondVersion, "").Processes[0]; d.s.Version == next.Hash {
		d.p = next
	}
	return d
}

func TestVersionIsTakenUpWithTheNextStage(t *testing.T) {
	tell(t, []story{
		{"the stage it is in stays as it was", firstVersion, "", func(d *sale) {
			d.do(d.next(set("need", "more"))).want("version", d.s.Version, d.p.Hash).want("timeline", d.entries("process_changed"), "")
		}},
		{"the next stage is the new version's, letters and all, under its new name", firstVersion, "", func(d *sale) {
			d.do(d.next(complete("call"))).goOn()
			d.want("version", d.s.Version, d.p.Hash).want("stage", d.s.Stage, "zwei").want("sent", d.sent(), "nudge")
			d.want("letter's version", d.letters[0].Version, d.p.Hash)
			d.want("timeline", d.entries("stage_left", "process_changed", "stage_entered"), "stage_entered stage_left process_changed stage_entered")
			d.pass("3d").want("stage", d.s.Stage, "zwei").pass("2d").want("stage", d.s.Stage, "end")
		}},
		{"a version without that stage waits for one that it has", firstVersion, "", func(d *sale) {
			d.do(complete("call"))
			old := d.p.Hash
			d.do(d.next(force("three"))).want("version", d.s.Version, old).want("stage", d.s.Stage, "three")
			d.do(d.next(force("one"))).want("stage", d.s.Stage, "one").goOn().want("version is the old one", d.s.Version == old, false)
			d.want("tasks", d.task("visit").Status, "open")
		}},
		{"a deal that comes back comes back to the new version", firstVersion, "", func(d *sale) {
			d.do(signal("gone"))
			d.at = d.wake
			d.do(d.next(deal.Event{Kind: deal.KindTimer})).goOn()
			d.want("visit", d.s.Visit, 2).want("version", d.s.Version, d.p.Hash).want("tasks", d.task("visit").Status, "open")
		}},
		{"computed fields are computed by the new version", firstVersion, "", func(d *sale) {
			d.do(set("budget", 10.0)).want("twice", d.s.Fields["twice"], 20)
			d.p = loadCompany(d.t, "process: sales\nfields:\n  budget: {type: money, currency: EUR}\n  twice: {type: money, currency: EUR, compute: deal.budget * 3}\n"+
				"lost_reasons: {gone: Gone}\ndefaults: {owner: rep}\n"+secondVersion, "").Processes[0]
			d.do(deal.Event{Kind: deal.KindUpgrade}).want("twice", d.s.Fields["twice"], 30).want("version", d.s.Version, d.p.Hash)
		}},
	})
}

// A removed member's deal is handed over before anybody hears of it.
func TestManagerHearsWhoTheNewOwnerIs(t *testing.T) {
	d := newSale(t, roles, "").open()
	d.s.Owner = "old@acme.test"
	r, err := deal.Step(d.p, d.s, deal.Event{Kind: deal.KindMember}, d.at)
	if err != nil || len(r.State.Assigning) != 1 || len(r.Notices) != 0 {
		t.Fatalf("%v, asks for %v, tells %v; want it to ask first", err, r.State.Assigning, r.Notices)
	}
	d.do(deal.Event{Kind: deal.KindMember}).want("told", d.told(), "max").want("why", d.notices[0].Reason, "old@acme.test")
}
