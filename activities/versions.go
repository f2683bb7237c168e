package activities

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// bind finds the version that the deal goes by, and the live one that it is to
// take up. A new deal takes the live one.
func (s *step) bind() error {
	live, missing := s.live()
	if s.state.Version == "" || (live != nil && live.Hash == s.state.Version) {
		s.p = live
		return missing
	}
	p, err := s.a.Catalogue.Process(s.ctx, s.state.Company, s.state.Version)
	switch {
	case err == nil:
		s.p = p
		if live != nil && live.Upgrade != "never" {
			s.next = live
		}
		return nil
	case errors.Is(err, ErrMisfit) && live != nil:
		// Better the live version than none at all.
		s.a.Log.Error("the deal takes up the live version at once: its own no longer fits the company", "deal", s.state.ID, "error", err)
		s.next = live
		if s.state.Closed() {
			s.p, s.next = live, nil
		}
		return nil
	}
	return err
}

// live is the process as new deals enter it.
func (s *step) live() (*definitions.Process, error) {
	company := s.a.Catalogue.Company(s.state.Company)
	if company == nil {
		return nil, fmt.Errorf("company %q is not configured: put its folder back among the definitions", s.state.Company)
	}
	p := company.Process(s.state.Process)
	if p == nil {
		return nil, fmt.Errorf("company %q has no process %q: put its file back", company.ID, s.state.Process)
	}
	return p, nil
}

// renew takes up what has changed in the company's files since the deal last
// acted: a version that is to be taken up at once, and people who have left.
// What the deal takes up with its next stage waits for that.
func (s *step) renew() error {
	if s.state.Visit == 0 {
		return nil
	}
	if s.p != nil && s.atOnce() {
		// What was due until now is the earlier version's.
		if err := s.apply(deal.Event{Kind: deal.KindTimer, Actor: "system"}); err != nil {
			return err
		}
	}
	if s.p == nil || s.atOnce() {
		s.p, s.next = s.next, nil
		if err := s.apply(deal.Event{Kind: deal.KindUpgrade, Actor: "system"}); err != nil {
			return err
		}
	}
	if !left(s.p.Company, s.state) {
		return nil
	}
	return s.apply(deal.Event{Kind: deal.KindMember, Actor: "system"})
}

// atOnce reports whether a version waits that is not to wait for a stage.
func (s *step) atOnce() bool {
	return s.next != nil && s.next.Upgrade == "now" && !s.state.Closed()
}

// left reports whether somebody who answers for the deal or for one of its
// open tasks is no longer of the team.
func left(company *definitions.Company, s *deal.State) bool {
	gone := func(email string) bool {
		member, _ := company.Member(email)
		return email != "" && member == nil
	}
	return !s.Closed() && (gone(s.Owner) || slices.ContainsFunc(s.Tasks, func(t deal.Task) bool {
		return t.Status == deal.TaskOpen && gone(t.Assignee)
	}))
}
