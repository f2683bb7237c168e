package simulate

import (
	"container/heap"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// workKind is what a piece of work is for.
type workKind uint8

const (
	task workKind = iota
	paper
	contact // a call because the deal stalled
)

// work is something for a person to do in their hours.
type work struct {
	kind   workKind
	ref    string // task or document
	task   string // kind of task
	talks  bool   // it needs the client
	ends   bool   // it ends the client's part of the stage
	who    string
	effort time.Duration
	due    time.Time
	tries  int

	deal  *subject
	token int
	order int
}

// person has one pair of hands.
type person struct {
	email, name, role string
	members           []definitions.Member // the person in each of their roles
	waiting           pile
	busy              bool
	spent             time.Duration // opening hours taken up by work
	done              map[string]int
}

// pile is work that waits, the most urgent on top.
type pile []*work

func (p pile) Len() int { return len(p) }
func (p pile) Less(i, j int) bool {
	if c := p[i].due.Compare(p[j].due); c != 0 {
		return c < 0
	}
	return p[i].order < p[j].order
}
func (p pile) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *pile) Push(x any)   { *p = append(*p, x.(*work)) }
func (p *pile) Pop() any {
	old := *p
	last := old[len(old)-1]
	*p = old[:len(old)-1]
	return last
}

// team is the people of the company in one run.
type team struct {
	w      *world
	people []*person
	byMail map[string]*person
	orders int
}

func newTeam(w *world) *team {
	t := &team{w: w, byMail: map[string]*person{}}
	for _, role := range w.p.Company.Roles {
		for _, m := range role.Members {
			p := t.byMail[m.Email]
			if p == nil {
				p = &person{email: m.Email, name: m.Name, role: role.ID, done: map[string]int{}}
				t.byMail[m.Email] = p
				t.people = append(t.people, p)
			}
			p.members = append(p.members, m)
		}
	}
	return t
}

// give lets work wait on a person's pile from a moment on.
func (t *team) give(d *subject, x *work, at time.Time) {
	t.orders++
	x.deal, x.token, x.order = d, d.token, t.orders
	t.w.agenda.add(moment{at: at, kind: offered, work: x})
}

// take puts work on the pile of whoever has the task by now.
func (t *team) take(x *work) {
	p := t.byMail[x.who]
	if t.drops(x) || p == nil {
		return
	}
	heap.Push(&p.waiting, x)
	t.begin(p)
}

// drops reports whether the work is no longer wanted. Whoever was about to call
// a client for nothing may do so again another day.
func (t *team) drops(x *work) bool {
	if t.current(x) {
		return false
	}
	if x.kind == contact && x.token == x.deal.token {
		x.deal.calling = false
	}
	return true
}

// current reports whether the work is still wanted, and by whom.
func (t *team) current(x *work) bool {
	d := x.deal
	if x.token != d.token || d.state.Closed() {
		return false
	}
	switch x.kind {
	case task:
		open := openTask(d.state, x.ref)
		if open == nil {
			return false
		}
		x.who = open.Assignee
	case contact:
		return d.state.Stalled()
	}
	return true
}

func openTask(s *deal.State, id string) *deal.Task {
	for i := range s.Tasks {
		if t := &s.Tasks[i]; t.ID == id && t.Status == deal.TaskOpen {
			return t
		}
	}
	return nil
}

// begin lets a person who is free begin with the most urgent work.
func (t *team) begin(p *person) {
	for !p.busy && len(p.waiting) > 0 {
		x := heap.Pop(&p.waiting).(*work)
		if t.drops(x) {
			continue
		}
		if x.who != p.email {
			if other := t.byMail[x.who]; other != nil {
				heap.Push(&other.waiting, x)
				t.begin(other)
			}
			continue
		}
		length := time.Duration(float64(x.effort) / t.w.capacity)
		start := t.present(p)
		p.busy = true
		p.spent += length
		t.w.agenda.add(moment{at: t.w.cal.Shift(start, length, true), kind: worked, work: x})
	}
}

// present is when the person is at work next.
func (t *team) present(p *person) time.Time {
	at := t.w.cal.NextOpen(t.w.now)
	for at.Before(t.w.end) && p.away(at) {
		y, m, d := at.Date()
		at = t.w.cal.NextOpen(time.Date(y, m, d+1, 0, 0, 0, 0, at.Location()))
	}
	return at
}

func (p *person) away(at time.Time) bool {
	for _, m := range p.members {
		if m.AwayOn(at) {
			return true
		}
	}
	return false
}

// done is a person having done a piece of work.
func (t *team) done(x *work) {
	p := t.byMail[x.who]
	p.busy = false
	if !t.drops(x) {
		t.w.finish(x, p)
	}
	t.begin(p)
}

// hurry puts a task on top of the pile it lies on.
func (t *team) hurry(d *subject, id string) {
	open := openTask(d.state, id)
	if open == nil || t.byMail[open.Assignee] == nil {
		return
	}
	pile := t.byMail[open.Assignee].waiting
	for i, x := range pile {
		if x.deal == d && x.kind == task && x.ref == id && x.token == d.token {
			x.due = t.w.start
			heap.Fix(&pile, i)
			return
		}
	}
}
