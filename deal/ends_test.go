package deal_test

import (
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

const toWon = `
stages:
  - {id: one, next: [{to: won, on: "signal:signed"}]}
  - {id: care, won: true, tasks: [{id: ask, due: 2d}], next: [{to: after}]}
  - {id: after, next: [{to: done}]}
`

// TestWon is rule 11.
func TestWon(t *testing.T) {
	tell(t, []story{
		{"entering a won stage wins, and the process goes on", toWon, "", func(d *sale) {
			d.do(signal("signed")).want("status", d.s.Status, deal.Won).want("stage", d.s.Stage, "care").want("closed", d.s.Closed(), false)
			d.pass("2d").want("overdue", d.task("ask").Overdue, true)
		}},
		{"by hand as well", toWon, "", func(d *sale) { d.do(move("won")).want("stage", d.s.Stage, "care").want("status", d.s.Status, deal.Won) }},
		{"for good", toWon, "", func(d *sale) {
			d.do(move("won"))
			d.contains("lost", d.refused(lose("gone")), "for good").contains("won", d.refused(move("won")), "already")
			d.do(move("after")).want("status", d.s.Status, deal.Won).do(move("one")).want("status", d.s.Status, deal.Won)
			d.want("said once", d.entries("won"), "won")
		}},
		{"without such a stage the deal ends", "stages:\n  - {id: one, next: [{to: won}]}\n", "", func(d *sale) {
			d.do(move("won")).want("status", d.s.Status, deal.Won).want("closed", d.s.Closed(), true).want("last", d.last("closed").Stage, "one")
		}},
		{"done closes a won deal, and no other without force", toWon, "", func(d *sale) {
			d.contains("open", d.refused(move("done")), "not won").do(move("won")).do(move("done")).want("closed", d.s.Closed(), true)
			d.contains("after", d.refused(move("one")), "closed")
		}},
	})
}

const leaky = `
stages:
  - {id: one, sequence: {steps: [{after: 0m, send: hello, once: true}, {after: 1d, send: nudge}]}, next: [{to: two}]}
  - {id: two, next: [{to: done}, {to: lost, on: "signal:gone", reason: gone}]}
recycle: {reasons: [gone], after: 90d, to: one, max: 2}
`

// TestLostAndRecycle is rule 12.
func TestLostAndRecycle(t *testing.T) {
	wonMail := func(d *sale) {
		d.do(move("won")).do(reply())
		d.want("status", d.s.Status, deal.Won).want("told", d.told(), "ann").want("about", d.notices[0].About, "mail_received")
	}
	tell(t, []story{
		{"lost needs a reason of the list", leaky, "", func(d *sale) {
			d.contains("none", d.refused(lose("")), "silent, gone, bad_address").contains("unknown", d.refused(lose("bored")), "silent, gone")
		}},
		{"nothing happens to a lost deal by itself", leaky, "", func(d *sale) {
			d.do(lose("silent")).pass("400d").want("status", d.s.Status, deal.Lost).want("sent", d.sent(), "hello").want("wake", d.wake, time.Time{})
		}},
		{"nor can it be worked on", leaky, "", func(d *sale) {
			d.do(lose("silent"))
			d.contains("move", d.refused(move("two")), "reopen it first").contains("signal", d.refused(signal("x")), "closed")
		}},
		{"a recycle brings it back as the next visit, at most max times", leaky, "", func(d *sale) {
			d.do(lose("gone")).pass("89d").want("status", d.s.Status, deal.Lost).pass("1d").want("visit", d.s.Visit, 2).want("stage", d.s.Stage, "one")
			d.want("reason", d.s.LostReason, "").want("once", d.sent(), "hello").pass("1d").want("the next visit's letter", d.sent(), "hello nudge")
			d.do(lose("gone")).pass("90d").want("visit", d.s.Visit, 3).do(lose("gone")).pass("400d").want("visit", d.s.Visit, 3).want("status", d.s.Status, deal.Lost)
		}},
		{"a reply reopens it", leaky, "", func(d *sale) {
			d.do(move("two")).do(lose("gone")).do(reply()).want("status", d.s.Status, deal.Open).want("visit", d.s.Visit, 2).want("stage", d.s.Stage, "two")
			d.pass("400d").want("not recycled", d.s.Visit, 2).want("entries", d.entries("reopened", "recycled"), "reopened")
		}},
		{"a reply to a lost deal is attached where the company says so", leaky, "capture: {reply_to_lost: attach}\n", func(d *sale) {
			d.do(lose("silent")).do(reply()).want("status", d.s.Status, deal.Lost).want("told", d.told(), "ann").want("mail", d.last("mail_received").Type, "mail_received")
		}},
		{"a reply to a won deal is attached and the owner is told", toWon, "", wonMail},
		{"so is one to a closed deal", toWon, "", func(d *sale) {
			d.do(move("won")).do(move("done")).do(reply()).want("closed", d.s.Closed(), true).want("told", d.told(), "ann")
		}},
		{"a person reopens it, in a stage of their choice", leaky, "", func(d *sale) {
			d.contains("open", d.refused(deal.Event{Kind: deal.KindReopen}), "only a lost deal")
			d.do(lose("silent")).do(deal.Event{Kind: deal.KindReopen, To: "two"}).want("stage", d.s.Stage, "two").want("visit", d.s.Visit, 2)
		}},
		{"a merged deal takes no changes", leaky, "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindMerge, To: "d2"}).want("closed", d.s.Closed(), true).contains("answer", d.refused(set("need", "x")), "merged into d2")
		}},
	})
}

const held = `
stages:
  - id: one
    timeout: 5d
    escalation: [{after: 0m, notify: owner}, {after: 2d, notify: manager}]
    tasks: [{id: call, due: 1d}]
    sequence: {steps: [{after: 2d, send: hello}, {after: 4 business hours, send: nudge, hours: any}]}
    next: [{to: two}]
  - {id: two, timeout: 3d, sequence: {steps: [{after: 1d, send: bye}]}, next: [{to: done}]}
`

// TestPause is rule 13.
func TestPause(t *testing.T) {
	pause := func(length time.Duration) func(d *sale) deal.Event {
		return func(d *sale) deal.Event {
			if length == 0 {
				return deal.Event{Kind: deal.KindPause}
			}
			return deal.Event{Kind: deal.KindPause, Until: d.at.Add(length)}
		}
	}
	resume := deal.Event{Kind: deal.KindResume}
	tell(t, []story{
		{"holds letters, timeouts and ladders", held, "", func(d *sale) {
			d.do(pause(0)(d)).pass("300d").want("sent", d.sent(), "").want("stalled", d.s.Stalled(), false).want("told", d.told(), "")
		}},
		{"what remained runs on afterwards", held, "", func(d *sale) {
			d.pass("1d").want("sent before", d.sent(), "nudge").do(pause(0)(d)).pass("10d").do(resume)
			d.pass("23h").want("sent", d.sent(), "nudge").pass("1h").want("sent", d.sent(), "nudge hello")
			d.pass("2d").want("stalled", d.s.Stalled(), false).pass("1d").want("stalled", d.s.Stalled(), true)
		}},
		{"what remained of business time is business time", held, "", func(d *sale) {
			d.pass("3 business hours").do(pause(0)(d)).pass("4d").do(resume) // Friday at one
			d.pass("59m").want("sent", d.sent(), "").pass("1m").want("sent", d.sent(), "nudge")
		}},
		{"a ladder runs on from where it was", held, "", func(d *sale) {
			d.pass("6d").want("told", d.told(), "ann").do(pause(0)(d)).pass("30d").do(resume)
			d.pass("23h").want("told", d.told(), "ann").pass("1h").want("told", d.told(), "ann max")
		}},
		{"until a date it ends by itself", held, "", func(d *sale) {
			d.do(pause(240*time.Hour)(d)).pass("10d").want("paused", d.s.Paused(), false).pass("2d").want("sent", d.sent(), "nudge hello")
		}},
		{"until a date a reply does not end it", held, "", func(d *sale) {
			d.do(pause(240*time.Hour)(d)).do(reply()).want("paused", d.s.Paused(), true)
		}},
		{"until a reply the reply ends it", held, "", func(d *sale) { d.do(pause(0)(d)).do(reply()).want("paused", d.s.Paused(), false) }},
		{"work is overdue all the same", held, "", func(d *sale) { d.do(pause(0)(d)).pass("1d").want("overdue", d.task("call").Overdue, true) }},
		{"what begins within a pause runs its full length after it", held, "", func(d *sale) {
			d.do(pause(0)(d)).pass("10d").do(move("two")).pass("10d").do(resume)
			d.pass("23h").want("sent", d.sent(), "").pass("1h").want("sent", d.sent(), "bye")
			d.pass("47h").want("stalled", d.s.Stalled(), false).pass("1h").want("stalled", d.s.Stalled(), true)
		}},
		{"a timeout from entry runs on too, progress or not", `
stages:
  - {id: one, timeout: {after: 5d, from: entry}, next: [{to: done}]}
`, "", func(d *sale) {
			d.pass("2d").do(pause(0)(d)).pass("10d").do(set("need", "x")).do(resume).do(reply())
			d.pass("71h").want("stalled", d.s.Stalled(), false).pass("1h").want("stalled", d.s.Stalled(), true)
		}},
		{"a pause must make sense", held, "", func(d *sale) {
			d.contains("past", d.refused(pause(-time.Hour)(d)), "future").contains("no pause", d.refused(resume), "not paused")
			d.do(pause(0)(d)).contains("twice", d.refused(pause(0)(d)), "already")
		}},
	})
}

// TestOutage is rule 14: a client who answered is never nudged, escalated or
// lost because the server was away.
func TestOutage(t *testing.T) {
	silence := `
stages:
  - id: one
    timeout: 2d
    escalation: [{after: 0m, notify: owner}, {after: 3d, lose: silent}]
    tasks: [{id: call, due: 1d, escalation: [{after: 1d, notify: manager}]}]
    sequence: {steps: [{after: 1d, send: hello}, {after: 4d, send: nudge}]}
    next: [{to: two}]
  - {id: two, next: [{to: done}]}
`
	tell(t, []story{
		{"letters and ladders wait until the mailboxes are read past their time", silence, "", func(d *sale) {
			d.read = d.at
			d.jump("4d").want("held", d.held, true).want("sent", d.sent(), "").want("told", d.told(), "").want("status", d.s.Status, deal.Open)
			d.read = d.at
			d.jump("0m").want("held", d.held, false).want("sent", d.sent(), "hello nudge").want("told", d.told(), "max ann")
		}},
		{"read past one of them, that one goes", silence, "", func(d *sale) {
			d.read = d.at.Add(25 * time.Hour)
			d.jump("4d").want("sent", d.sent(), "hello").want("told", d.told(), "").want("held", d.held, true)
		}},
		{"a client who answered in the meantime is not nudged or escalated", silence, "", func(d *sale) {
			d.read = d.at
			d.jump("30d").do(reply())
			d.read = d.at
			d.jump("0m").want("sent", d.sent(), "").want("stalled", d.s.Stalled(), false).want("status", d.s.Status, deal.Open)
		}},
		{"what the answer itself causes goes at once", `
stages:
  - {id: one, next: [{to: two, on: reply}]}
  - {id: two, sequence: {stop_on: [meeting], steps: [{after: 0m, send: hello}]}, next: [{to: done}]}
`, "", func(d *sale) {
			d.read = d.at
			d.at = d.at.Add(time.Hour)
			d.do(reply()).want("sent", d.sent(), "hello")
		}},
		{"a loss by next waits", `
stages:
  - {id: one, timeout: 2d, next: [{to: lost, on: timeout, reason: silent}, {to: done}]}
`, "", func(d *sale) {
			d.read = d.at
			d.jump("3d").want("status", d.s.Status, deal.Open).want("held", d.held, true)
			d.do(deal.Event{Kind: deal.KindNote, Text: "x"}).want("after a note", d.s.Status, deal.Open)
			d.do(deal.Event{Kind: deal.KindAutoReply, Mail: mail("x")}).want("after an auto-reply", d.s.Status, deal.Open)
			d.read = d.at
			d.jump("0m").want("read", d.s.Status, deal.Lost)
		}},
		{"a loss by next after a time waits", `
stages:
  - {id: one, next: [{to: lost, after: 2d, reason: silent}, {to: done}]}
`, "", func(d *sale) {
			d.read = d.at
			d.jump("3d").do(deal.Event{Kind: deal.KindNote, Text: "x"}).want("status", d.s.Status, deal.Open)
			d.read = d.at
			d.jump("0m").want("read", d.s.Status, deal.Lost)
		}},
		{"a person loses a deal whatever was read", silence, "", func(d *sale) {
			d.read = d.at
			d.at = d.at.Add(time.Hour)
			d.do(lose("gone")).want("status", d.s.Status, deal.Lost)
		}},
	})
}

// TestKeys is rule 15.
func TestKeys(t *testing.T) {
	tell(t, []story{
		{"a letter's key is deal, visit, stage and step", leaky, "", func(d *sale) {
			d.want("key", d.letters[0].Key, "d1/1/one/hello")
			d.do(lose("gone")).pass("91d").want("key", d.letters[1].Key, "d1/2/one/nudge").want("step", d.letters[1].Step, "nudge")
		}},
		{"a letter sent twice in a stage has a step for each", `
stages:
  - {id: one, sequence: {steps: [{after: 0m, send: hello}, {after: 1d, send: hello}]}, next: [{to: done}]}
`, "", func(d *sale) {
			d.pass("1d").want("sent", d.sent(), "hello hello").want("key", d.letters[1].Key, "d1/1/one/hello-2")
		}},
		{"a notice's key names its subject, its level and the person", ladder, "", func(d *sale) {
			d.pass("6d").want("first", d.notices[0].Key, "d1/1/stalled/one/1/1/ann@acme.test").want("second", d.notices[1].Key, "d1/1/stalled/one/1/2/max@acme.test")
		}},
		{"a second stall has notices of its own", ladder, "", func(d *sale) {
			d.pass("5d").do(reply()).pass("5d").want("key", d.notices[1].Key, "d1/1/stalled/one/2/1/ann@acme.test")
		}},
		{"a letter answers the client's own message", letters, "", func(d *sale) {
			d.want("in reply to", d.letters[0].InReplyTo, "<lead@client.test>").want("references", d.letters[0].References, "[<lead@client.test>]")
		}},
	})
}
