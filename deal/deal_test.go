package deal_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// The company of these tests works from nine to five, Monday to Friday, in UTC.
const companyYAML = `
company: acme
calendar: {hours: {mon-fri: "09:00-17:00"}}
team:
  rep:      {members: [ann@acme.test, bob@acme.test]}
  manager:  {members: [max@acme.test]}
  director: {members: [dora@acme.test]}
  lawyer:   {members: [lea@acme.test, leo@acme.test]}
smtp: {host: mail.acme.test}
from: sales@acme.test
`

// processYAML comes before the stages of each test.
const processYAML = `
process: sales
fields:
  budget: {type: money, currency: EUR}
  need:   {type: text}
  known:  {type: bool}
  twice:  {type: money, currency: EUR, compute: deal.budget * 2}
amount: budget
defaults: {owner: rep}
lost_reasons: {silent: Silent, gone: Gone, bad_address: Bad address}
`

const letterText = "---\nsubject: Hello\n---\nHello {{.Contact.Name}}\n"

// start is a Monday morning.
var start = time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)

// loadCompany compiles a company whose only process has the stages given, with more
// keys of company.yaml.
func loadCompany(t testing.TB, process, more string) *definitions.Company {
	t.Helper()
	fsys := fstest.MapFS{
		"company.yaml":         {Data: []byte(companyYAML + more)},
		"processes/sales.yaml": {Data: []byte(process)},
	}
	for _, letter := range []string{"hello", "nudge", "bye"} {
		fsys["letters/"+letter+".md"] = &fstest.MapFile{Data: []byte(letterText)}
	}
	c, faults := definitions.LoadFS(fsys, "acme")
	if faults.HasErrors() {
		faults.Print(os.Stderr)
		t.Fatal("the company does not load")
	}
	return c
}

// sale drives one deal on a clock of its own, as the server does.
type sale struct {
	t    testing.TB
	c    *definitions.Company
	p    *definitions.Process
	s    *deal.State
	at   time.Time
	wake time.Time
	held bool
	read time.Time // how far the mailboxes have been read; zero: always far enough

	stages, more string // that the company was made of

	turns    map[string]int
	timeline []deal.Entry
	letters  []deal.Letter
	notices  []deal.Notice
}

// newSale is a deal of a company that has not been opened.
func newSale(t testing.TB, stages, more string) *sale {
	t.Helper()
	c := loadCompany(t, processYAML+stages, more)
	return &sale{
		t: t, c: c, p: c.Processes[0], at: start, turns: map[string]int{}, stages: stages, more: more,
		s: &deal.State{ID: "d1", Company: c.ID, Process: "sales"},
	}
}

// open brings the lead, from a client with an address.
func (d *sale) open() *sale {
	d.do(lead())
	return d
}

func lead() deal.Event {
	return deal.Event{
		Kind: deal.KindOpen, Actor: "client", Subject: "Enquiry",
		Contact: &definitions.Contact{Name: "Carl", Email: "carl@client.test"}, Mail: mail("lead"),
	}
}

func mail(id string) *deal.Mail {
	return &deal.Mail{MessageID: "<" + id + "@client.test>", From: "carl@client.test", Subject: "Enquiry"}
}

func reply() deal.Event {
	return deal.Event{Kind: deal.KindReply, Actor: "client", Mail: mail("reply")}
}

func complete(task string) deal.Event { return deal.Event{Kind: deal.KindComplete, Task: task} }

func move(to string) deal.Event {
	return deal.Event{Kind: deal.KindMove, To: to, Actor: "ann@acme.test"}
}

func force(to string) deal.Event {
	return deal.Event{Kind: deal.KindMove, To: to, Force: true, Reason: "test"}
}

func signal(name string) deal.Event { return deal.Event{Kind: deal.KindSignal, Name: name} }

func set(field string, value any) deal.Event {
	return deal.Event{Kind: deal.KindSet, Fields: map[string]any{field: value}}
}

func lose(reason string) deal.Event {
	return deal.Event{Kind: deal.KindMove, To: "lost", Reason: reason}
}

func bounce() deal.Event { return deal.Event{Kind: deal.KindBounce, Permanent: true} }

// do lets something happen that must be allowed.
func (d *sale) do(e deal.Event) *sale {
	d.t.Helper()
	if err := d.take(e); err != nil {
		d.t.Fatalf("%s: %s: %v", d.at.Format(time.DateTime), e.Kind, err)
	}
	return d
}

// refused lets something happen that must not be allowed, and returns why.
func (d *sale) refused(e deal.Event) string {
	d.t.Helper()
	var refusal *deal.Refusal
	if err := d.take(e); !errors.As(err, &refusal) {
		d.t.Fatalf("%s: got %v, want a refusal", e.Kind, err)
	}
	return refusal.Error()
}

// take steps and settles whose turn it is.
func (d *sale) take(e deal.Event) error {
	timed := e.Kind == deal.KindTimer
	for {
		e.ReadThrough = d.read
		r, err := deal.Step(d.p, d.s, e, d.at)
		if err != nil {
			return err
		}
		d.s, d.wake, d.held = r.State, r.Wake, !r.HeldSince.IsZero()
		d.timeline = append(d.timeline, r.Timeline...)
		d.letters = append(d.letters, r.Letters...)
		d.notices = append(d.notices, r.Notices...)
		if len(r.State.Assigning) == 0 {
			return nil
		}
		ask := r.State.Assigning[0]
		who := deal.Pick(d.c.Role(ask.Role), d.turns[ask.Role], nil, d.at)
		d.turns[ask.Role]++
		e = deal.Event{Kind: deal.KindAssigned, Assign: &ask, Owner: who, Timed: timed}
	}
}

// pass lets time pass, with a step at each wake up to its end, the end included.
func (d *sale) pass(length string) *sale {
	d.t.Helper()
	end := d.c.Calendar.Add(d.at, calendar.MustParseDuration(length))
	for !d.wake.IsZero() && !d.wake.After(end) {
		d.at = d.wake
		d.do(deal.Event{Kind: deal.KindTimer})
	}
	d.at = end
	return d
}

// jump is time that passes while the server is down: one step at its end.
func (d *sale) jump(length string) *sale {
	d.t.Helper()
	d.at = d.c.Calendar.Add(d.at, calendar.MustParseDuration(length))
	return d.do(deal.Event{Kind: deal.KindTimer})
}

// sent lists the letters so far.
func (d *sale) sent() string {
	var ids []string
	for _, l := range d.letters {
		ids = append(ids, l.Letter)
	}
	return strings.Join(ids, " ")
}

// told lists who got a notice, by the part of the address before the @.
func (d *sale) told() string {
	var names []string
	for _, n := range d.notices {
		name, _, _ := strings.Cut(n.To, "@")
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// entries lists the types of the timeline's entries among those named, or all.
func (d *sale) entries(types ...string) string {
	var found []string
	for _, e := range d.timeline {
		if len(types) == 0 || slices.Contains(types, e.Type) {
			found = append(found, e.Type)
		}
	}
	return strings.Join(found, " ")
}

// last is the newest entry of a type.
func (d *sale) last(kind string) deal.Entry {
	d.t.Helper()
	for _, e := range slices.Backward(d.timeline) {
		if e.Type == kind {
			return e
		}
	}
	d.t.Fatalf("no entry %s in %s", kind, d.entries())
	return deal.Entry{}
}

func (d *sale) task(id string) deal.Task {
	d.t.Helper()
	for _, t := range slices.Backward(d.s.Tasks) {
		if t.ID == id {
			return t
		}
	}
	d.t.Fatalf("no task %s", id)
	return deal.Task{}
}

// blocked lists what blocks, in words.
func (d *sale) blocked() string {
	var messages []string
	for _, b := range deal.Blocked(d.p, d.s) {
		messages = append(messages, b.Message)
	}
	return strings.Join(messages, "; ")
}

// want compares values by what they print.
func (d *sale) want(what string, got, want any) *sale {
	d.t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		d.t.Errorf("%s: %s is %q, want %q", d.at.Format(time.DateTime), what, g, w)
	}
	return d
}

func (d *sale) contains(what, got, part string) *sale {
	d.t.Helper()
	if !strings.Contains(got, part) {
		d.t.Errorf("%s: %s is %q, want a part %q", d.at.Format(time.DateTime), what, got, part)
	}
	return d
}

// story is a named case: stages, and what happens to a deal that was opened.
type story struct {
	name   string
	stages string
	more   string // of company.yaml
	tell   func(d *sale)
}

func tell(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) { s.tell(newSale(t, s.stages, s.more).open()) })
	}
}

// loadTeam compiles a company with a team of its own.
func loadTeam(t testing.TB, team string) *definitions.Company {
	t.Helper()
	fsys := fstest.MapFS{
		"company.yaml":         {Data: []byte("company: acme\n" + team)},
		"processes/sales.yaml": {Data: []byte("process: sales\nstages: [{id: one, owner: rep, next: [{to: done}]}]\n")},
	}
	c, faults := definitions.LoadFS(fsys, "acme")
	if faults.HasErrors() {
		faults.Print(os.Stderr)
		t.Fatal("the team does not load")
	}
	return c
}
