package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// Person is what somebody has to do, and has done.
type Person struct {
	Email  string // empty: what belongs to nobody
	Name   string
	Roles  []string // by their names; none: not of the team, or no longer
	Away   bool     // today
	Quotas []QuotaReport

	Open, Stalled  int     // deals
	Worth          []Money // of the open deals
	Tasks, Overdue int     // open tasks
	Touch          Time    // of the deals opened in the period that are theirs now
}

// Money is an amount in one currency.
type Money struct {
	Amount   float64
	Currency string
}

// People tells of everybody in the team, in its order, and of whoever else has
// open deals or tasks, what they have to do now, and what they did in the
// period; alone is the only one whom it is to tell of.
func People(ctx context.Context, s *store.Store, c *definitions.Company, over Span, now time.Time, alone string) ([]Person, error) {
	t := team{c: c, places: map[string]int{}}
	t.gather(now)
	quotas, err := Quotas(ctx, s, c, over, now, alone)
	if err != nil {
		return nil, err
	}
	for _, q := range quotas {
		if of := t.at(q.Person); q.Quota > 0 || q.Done > 0 {
			of.Quotas = append(of.Quotas, q)
		}
	}
	deals, err := s.DealLoads(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range deals {
		of := t.at(l.Owner)
		of.Open, of.Stalled = of.Open+l.Deals, of.Stalled+l.Stalled
		if l.Amount != 0 {
			of.Worth = append(of.Worth, Money{l.Amount, l.Currency})
		}
	}
	tasks, err := s.TaskLoads(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range tasks {
		of := t.at(l.Person)
		of.Tasks, of.Overdue = of.Tasks+l.Open, of.Overdue+l.Overdue
	}
	if err := t.touch(ctx, s, over, alone); err != nil {
		return nil, err
	}
	if alone != "" {
		t.people = slices.DeleteFunc(t.people, func(p Person) bool { return !strings.EqualFold(p.Email, alone) })
	}
	return t.people, nil
}

// team gathers people by their addresses.
type team struct {
	c      *definitions.Company
	people []Person
	places map[string]int
}

// at is the person of the address; whoever is not of the team comes last.
func (t *team) at(email string) *Person {
	key := strings.ToLower(email)
	i, known := t.places[key]
	if !known {
		i = len(t.people)
		t.places[key] = i
		t.people = append(t.people, Person{Email: email})
	}
	return &t.people[i]
}

func (t *team) gather(now time.Time) {
	for _, role := range t.c.Roles {
		for _, m := range role.Members {
			p := t.at(m.Email)
			p.Name, p.Away = cmp.Or(p.Name, m.Name), p.Away || m.AwayOn(now)
			p.Roles = append(p.Roles, role.Title())
		}
	}
}

// touch measures how long the clients of each person's deals waited.
func (t *team) touch(ctx context.Context, s *store.Store, over Span, alone string) error {
	r := over.Of(store.Report{Company: t.c.ID, Owner: strings.ToLower(alone)})
	_, touched, err := s.Touches(ctx, r)
	if err != nil {
		return err
	}
	each := oneIn(touched)
	touches, err := s.TouchesByOwner(ctx, r, each)
	if err != nil {
		return err
	}
	waits := map[*Person][]store.Stay{}
	for _, one := range touches {
		if i, known := t.places[strings.ToLower(one.Owner)]; known {
			waits[&t.people[i]] = append(waits[&t.people[i]], store.Stay{From: one.From, To: one.To})
		}
	}
	for p, stays := range waits {
		p.Touch = timesOf(t.c.Calendar, nil, true, stays, each)
	}
	return nil
}
