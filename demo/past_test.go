package demo_test

import (
	"io/fs"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/demo"
	"github.com/dealwright/dealwright/simulate"
	"github.com/dealwright/dealwright/store"
)

// The demonstration begins with a company that has something to look at: deals
// in work, won and lost, with their timelines, on every page of the dashboard.
func TestPast(t *testing.T) {
	files, err := fs.Sub(library.FS, "retail-kitchen")
	if err != nil {
		t.Fatal(err)
	}
	company, found := definitions.LoadFS(files, "retail-kitchen")
	if found.HasErrors() {
		t.Fatal(found)
	}
	settings, found := simulate.LoadFS(files, company)
	if found.HasErrors() {
		t.Fatal(found)
	}
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Date(2026, 11, 30, 10, 0, 0, 0, company.Calendar.Location())
	n, err := demo.Past(t.Context(), s, company.Processes[0], settings, now)
	if err != nil {
		t.Fatal(err)
	}

	closed := 0
	for status, least := range map[string]int{deal.Open: 10, deal.Won: 5, deal.Lost: 20} {
		page, err := s.Deals(t.Context(), store.Filter{Companies: []string{company.ID}, Status: status, Limit: store.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		if page.Total < least {
			t.Errorf("%d deals are %s, want at least %d", page.Total, status, least)
		}
		if status != deal.Open {
			closed += page.Total
		}
		for _, row := range page.Items {
			check(t, s, row, now)
		}
		n -= page.Total
	}
	if n != 0 {
		t.Errorf("Past counts %d deals more than the store has", n)
	}
	if closed < 30 {
		t.Errorf("%d deals have ended, too few for a forecast from the company's own conversion", closed)
	}
	if pending, err := s.PendingInputs(t.Context(), time.Now().Add(time.Hour), 10); err != nil || len(pending) != 0 {
		t.Errorf("inputs wait to be applied a second time: %v, %v", pending, err)
	}
}

func check(t *testing.T, s *store.Store, row store.DealRow, now time.Time) {
	t.Helper()
	d := row.State
	if d.Contact.Name == "" || d.Subject == "" || d.Version == "" {
		t.Errorf("deal %s: %+v", d.ID, d.Contact)
	}
	if d.Status == deal.Open && row.NextWake.IsZero() {
		t.Errorf("open deal %s in stage %s is never woken", d.ID, d.Stage)
	}
	page, err := s.Events(t.Context(), d.ID, "", store.MaxLimit)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) == 0 || page.Items[0].Type != "opened" {
		t.Errorf("the timeline of deal %s does not begin with its opening", d.ID)
	}
	for i, e := range page.Items {
		if e.At.After(now) || i > 0 && e.At.Before(page.Items[i-1].At) {
			t.Errorf("deal %s: event %d, %s, at %s is out of order", d.ID, e.Seq, e.Type, e.At)
		}
	}
}
