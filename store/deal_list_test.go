package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// listed makes deals d00, d01… which differ in everything that lists look at.
func listed(t *testing.T, s *Store, count int) {
	t.Helper()
	for i := range count {
		d := state(fmt.Sprintf("d%02d", i))
		d.OpenedAt = noon.Add(time.Duration(i/2) * time.Hour) // pairs are equal
		d.StageEnteredAt = noon.Add(time.Duration(-i) * time.Hour)
		if i%3 == 0 {
			d.Stage, d.StalledSince = "second", noon
		}
		if i%4 == 0 {
			d.Company = "other"
		}
		if i%5 == 0 {
			d.Status, d.ClosedAt, d.Owner = deal.Lost, noon, "second@acme.test"
		}
		added(t, s, d)
		extra := SaveExtra{Amount: float64(i%3) + 0.1, At: noon.Add(time.Duration(i%7) * time.Minute)}
		if i%2 == 0 {
			extra.NextWake = noon.Add(time.Duration(i) * time.Hour)
		}
		ok(t, s.UpdateDeal(t.Context(), d.ID, func(tx *DealTx) error { return tx.Save(d, extra) }))
	}
}

func ids(rows []DealRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.State.ID)
	}
	return out
}

func TestDealsFilter(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"company", Filter{Companies: []string{"other"}}, []string{"d08", "d04", "d00"}},
		{"two companies and a status", Filter{Companies: []string{"other", "acme"}, Status: deal.Lost}, []string{"d10", "d05", "d00"}},
		{"stage", Filter{Stage: "second"}, []string{"d09", "d06", "d03", "d00"}},
		{"stalled", Filter{Stalled: &yes}, []string{"d09", "d06", "d03", "d00"}},
		{"not stalled", Filter{Stalled: &no, Companies: []string{"other"}}, []string{"d08", "d04"}},
		{"owner", Filter{Owner: "second@acme.test", Process: "sales", Version: "v1"}, []string{"d10", "d05", "d00"}},
		{"none", Filter{Process: "purchase"}, nil},
	}
	each(t, func(t *testing.T, s *Store) {
		listed(t, s, 11)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				page, err := s.Deals(t.Context(), test.filter)
				ok(t, err)
				if got := ids(page.Items); !reflect.DeepEqual(got, test.want) || page.Total != len(test.want) || page.Next != "" {
					t.Errorf("%v of %d, want %v", got, page.Total, test.want)
				}
			})
		}
	})
}

func TestDealsPageByPage(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		listed(t, s, 11)
		for _, column := range DealSorts {
			whole, err := s.Deals(t.Context(), Filter{Sort: column})
			ok(t, err)
			want := ids(whole.Items)
			if len(want) != 11 {
				t.Fatalf("%d deals", len(want))
			}
			for _, sort := range []string{column, "-" + column} {
				t.Run(sort, func(t *testing.T) {
					var got []string
					filter := Filter{Sort: sort, Limit: 2}
					for more := true; more; more = filter.Cursor != "" {
						page, err := s.Deals(t.Context(), filter)
						ok(t, err)
						if page.Total != 11 {
							t.Errorf("total %d", page.Total)
						}
						got = append(got, ids(page.Items)...)
						filter.Cursor = page.Next
					}
					if !reflect.DeepEqual(got, want) {
						t.Errorf("pages give %v, want %v", got, want)
					}
				})
				slices.Reverse(want)
			}
		}
		asleep, err := s.Deals(t.Context(), Filter{Sort: "next_wake", Limit: 7})
		ok(t, err)
		if got, want := ids(asleep.Items), []string{"d00", "d02", "d04", "d06", "d08", "d10", "d01"}; !reflect.DeepEqual(got, want) {
			t.Errorf("by wake %v, want those that nothing wakes last: %v", got, want)
		}
	})
}

func TestDealsBadQuery(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		listed(t, s, 3)
		page, err := s.Deals(t.Context(), Filter{Limit: 1})
		ok(t, err)
		tests := []struct {
			name   string
			filter Filter
			param  string
		}{
			{"sort unknown", Filter{Sort: "contact"}, "sort"},
			{"sort with SQL", Filter{Sort: "id; DROP TABLE deals"}, "sort"},
			{"cursor not base64", Filter{Cursor: "!"}, "cursor"},
			{"cursor not JSON", Filter{Cursor: "AAAA"}, "cursor"},
			{"cursor of the timeline", Filter{Cursor: encodeCursor("events", "1")}, "cursor"},
			{"cursor of another sort", Filter{Sort: "amount", Cursor: page.Next}, "cursor"},
			{"cursor with words for a number", Filter{Cursor: encodeCursor("-opened_at", "noon", "a")}, "cursor"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := s.Deals(t.Context(), test.filter)
				var bad *BadQuery
				if !errors.As(err, &bad) || bad.Param != test.param {
					t.Errorf("error %v, want one about %s", err, test.param)
				}
			})
		}
	})
}

func TestSearch(t *testing.T) {
	tests := []struct {
		q    string
		want []string
	}{
		{"КУХНЯ", []string{"a"}},
		{"ухн", []string{"a"}},
		{"Ив", []string{"b"}}, // shorter than PostgreSQL's index knows
		{"ivan@CLIENT", []string{"b"}},
		{"белый дуб", []string{"a"}},
		{"дуб иван", nil}, // every word must be there
		{"100%", []string{"b"}},
		{"0%", []string{"b"}},
		{"_", nil},
		{`"quoted"`, []string{"b"}},
		{`"`, []string{"b"}},
		{`a" OR "b`, nil},
		{"*", nil},
		{"   ", []string{"b", "a"}},
	}
	each(t, func(t *testing.T, s *Store) {
		a := state("a")
		a.Subject = "Новая Кухня"
		added(t, s, a)
		a.Fields = map[string]any{"colour": "Белый дуб", "budget": 100.0}
		ok(t, s.UpdateDeal(context.Background(), "a", func(tx *DealTx) error { return tx.Save(a, SaveExtra{}) }))
		b := state("b")
		b.Contact = definitions.Contact{Name: "Иван", Email: "ivan@client.test"}
		b.Subject = `100% "quoted"` + "\x00\xff"
		added(t, s, b)
		for _, test := range tests {
			t.Run(test.q, func(t *testing.T) {
				page, err := s.Deals(t.Context(), Filter{Q: test.q})
				ok(t, err)
				if got := ids(page.Items); !reflect.DeepEqual(got, test.want) {
					t.Errorf("found %v, want %v", got, test.want)
				}
			})
		}
	})
}

// What many deals hold is found another way than what few do.
func TestSearchFindsMany(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ok(t, s.transact(t.Context(), func(c conn) error {
			for i := range few + 10 {
				d := state(fmt.Sprintf("deal%04d", i))
				if i%10 == 9 {
					d.Status = deal.Lost
				}
				if err := createDeal(c, d, Input{ID: d.ID}, MailboxKey{}, noon); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, test := range []struct {
			q    string
			want int
		}{{"ENQUIRY deal", 101}, {"enquiry deal0009", 1}, {"enquiry deal0010", 0}, {"nothing", 0}} {
			page, err := s.Deals(t.Context(), Filter{Companies: []string{"acme"}, Status: deal.Lost, Q: test.q, Limit: 200})
			ok(t, err)
			if page.Total != test.want || len(page.Items) != test.want {
				t.Errorf("%q: %d deals, total %d, want %d", test.q, len(page.Items), page.Total, test.want)
			}
		}
	})
}

func TestOpenDealsAndStageCounts(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		listed(t, s, 11)
		first, err := s.OpenDeals(t.Context(), "", 3)
		ok(t, err)
		rest, err := s.OpenDeals(t.Context(), first[2], 100)
		ok(t, err)
		// d05 is lost and nothing wakes it; d00 and d10 are to come back.
		if got, want := append(first, rest...), []string{"d00", "d01", "d02", "d03", "d04", "d06", "d07", "d08", "d09", "d10"}; !reflect.DeepEqual(got, want) {
			t.Errorf("open %v, want %v", got, want)
		}
		counts, err := s.StageCounts(t.Context(), Report{Company: "acme"})
		ok(t, err)
		if len(counts) != 2 || counts[0].Deals != 3 || counts[0].Stalled != 0 || counts[1].Deals != 3 || counts[1].Stalled != 3 {
			t.Errorf("counts %+v", counts)
		}
	})
}

// A list that finds first and one that walks along an index are the same list,
// and what stands where is counted by the same filter.
func TestBothWaysFindTheSame(t *testing.T) {
	yes, no := true, false
	filters := []Filter{
		{},
		{Companies: []string{"acme"}},
		{Companies: []string{"acme", "other"}, Status: deal.Open},
		{Process: "sales", Stage: "second", Stalled: &yes},
		{Version: "v1", Owner: "second@acme.test"},
		{Stalled: &no, Standing: true},
		{OpenedBy: noon.Add(2 * time.Hour)},
		{Q: "enquiry"},
		{Q: "d1"},
		{Q: "d0 enquiry", Companies: []string{"acme"}},
		{Q: "nt enquiry", Standing: true},
		{Q: `"'%_ OR NOT *`},
		{Waiting: true},
		{Companies: []string{"acme"}, Waiting: true, Owner: "second@acme.test"},
	}
	each(t, func(t *testing.T, s *Store) {
		listed(t, s, 23)
		for i, f := range filters {
			for _, sort := range DealSorts {
				f.Sort = "-" + sort
				found, err := s.Deals(t.Context(), f)
				ok(t, err)
				f.Counted = few + 1
				walked, err := s.Deals(t.Context(), f)
				ok(t, err)
				f.Counted = 0
				if got, want := ids(walked.Items), ids(found.Items); !reflect.DeepEqual(got, want) || found.Total != len(want) {
					t.Errorf("filter %d by %s: walks to %v, finds %v of %d", i, sort, got, want, found.Total)
				}
			}
			f.Standing = true
			standing, err := s.Deals(t.Context(), f)
			ok(t, err)
			counts, err := s.Standing(t.Context(), f)
			ok(t, err)
			n := 0
			for _, c := range counts {
				n += c.Deals
			}
			if n != standing.Total {
				t.Errorf("filter %d: %d stand, %d are listed", i, n, standing.Total)
			}
		}
	})
}
