package store

import (
	"reflect"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

func TestOpenDealsOfACompany(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		put := func(id string, wake time.Time, change func(*deal.State)) {
			d := state(id)
			change(d)
			added(t, s, d)
			ok(t, s.UpdateDeal(t.Context(), id, func(tx *DealTx) error { return tx.Save(d, SaveExtra{At: noon, NextWake: wake}) }))
		}
		put("a", noon, func(*deal.State) {})
		put("b", time.Time{}, func(d *deal.State) { d.Version, d.Owner = "v2", "other@acme.test" })
		put("c", time.Time{}, func(d *deal.State) { d.Status, d.ClosedAt = deal.Lost, noon })
		put("d", noon, func(d *deal.State) { d.Status, d.ClosedAt = deal.Lost, noon }) // is to come back
		put("e", noon, func(d *deal.State) { d.Company = "other" })
		put("f", noon, func(*deal.State) {})

		versions, err := s.OpenVersions(t.Context(), "acme")
		ok(t, err)
		want := []OpenVersion{{Process: "sales", Version: "v1", Open: 2, Waiting: 1}, {Process: "sales", Version: "v2", Open: 1}}
		if !reflect.DeepEqual(versions, want) {
			t.Errorf("versions are %+v, want %+v", versions, want)
		}
		var deals []OpenDeal
		for after := ""; ; {
			page, err := s.OpenDealsOf(t.Context(), "acme", after, 2)
			ok(t, err)
			if len(page) == 0 {
				break
			}
			deals, after = append(deals, page...), page[len(page)-1].ID
		}
		all := []OpenDeal{{"a", "sales", "v1", "rep@acme.test"}, {"b", "sales", "v2", "other@acme.test"}, {"f", "sales", "v1", "rep@acme.test"}}
		if !reflect.DeepEqual(deals, all) {
			t.Errorf("deals are %+v, want %+v", deals, all)
		}
	})
}
