package definitions

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestScore(t *testing.T) {
	bant := []Criterion{
		{ID: "budget", When: &Expr{Source: `deal.budget > 0`}},
		{ID: "authority", When: &Expr{Source: `deal.authority == "решает сам"`}, Weight: 2},
		{ID: "timeline", When: &Expr{Source: `has(deal.timeline)`}},
	}
	ppvvc := []Criterion{
		{ID: "pain", Score: &Expr{Source: `deal.quantity`}},
		{ID: "power", Score: &Expr{Source: `deal.price * 2`}},
		{ID: "vision", When: &Expr{Source: `deal.need != ""`}, Weight: 3},
	}
	for _, tt := range []struct {
		name    string
		q       *Qualification
		fields  map[string]any
		score   float64
		missing []string
		fault   string
	}{
		{name: "no qualification", fields: map[string]any{"budget": 1.0}},
		{
			name: "sum of weights", q: &Qualification{Criteria: bant}, fields: map[string]any{"budget": 1.0, "authority": "решает сам"},
			score: 3, missing: []string{"timeline"},
		},
		{name: "nothing known", q: &Qualification{Criteria: bant}, missing: []string{"budget", "authority", "timeline"}},
		{
			name: "product", q: &Qualification{Criteria: ppvvc, Combine: CombineProduct},
			fields: map[string]any{"quantity": 2.0, "price": 1.5, "need": "x"}, score: 18,
		},
		{
			name: "a zero holds the product back", q: &Qualification{Criteria: ppvvc, Combine: CombineProduct},
			fields: map[string]any{"quantity": 2.0, "need": "x"}, missing: []string{"power"},
		},
		{name: "what cannot be evaluated counts nothing", q: &Qualification{Criteria: []Criterion{
			{ID: "ratio", Score: &Expr{Source: `deal.budget / deal.total`}}, bant[0],
		}}, fields: map[string]any{"budget": 1.0}, score: 1, missing: []string{"ratio"}, fault: `criterion "ratio": `},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, faults := Compile(&Spec{Process: "sales", Fields: cardFields(), Qualification: tt.q, Stages: []Stage{{ID: "a"}}}, nil)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			score, missing, err := p.Score(&Facts{Fields: tt.fields})
			if score != tt.score || !slices.Equal(missing, tt.missing) {
				t.Errorf("got %v, missing %v, want %v, missing %v", score, missing, tt.score, tt.missing)
			}
			if (err != nil) != (tt.fault != "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("got error %v, want %q", err, tt.fault)
			}
		})
	}
}

func TestCompute(t *testing.T) {
	field := func(id, kind, compute string) Field {
		f := Field{ID: id, Type: kind, Currency: ""}
		if compute != "" {
			f.Compute = &Expr{Source: compute}
		}
		return f
	}
	p, faults := Compile(&Spec{
		Process: "sales", Amount: "total", Stages: []Stage{{ID: "a"}},
		Fields: []Field{
			field("bonus", TypeMoney, `deal.amount * 0.1`), // reads total, which comes after it
			field("total", TypeMoney, `deal.quantity * deal.price`),
			field("quantity", TypeNumber, ""),
			field("price", TypeMoney, ""),
			field("big", TypeBool, `deal.total > 1000`),
			field("each", TypeMoney, `deal.total / deal.quantity`),
			field("start", TypeDate, ""),
			field("end", TypeDate, `deal.start + duration("48h")`),
			field("label", TypeText, `deal.big ? "крупная" : ""`),
		},
	}, kitchen(t))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, tt := range []struct {
		name       string
		have, want map[string]any
	}{
		{
			"all known",
			map[string]any{"quantity": 3.0, "price": 400.1, "start": "2026-03-30"},
			map[string]any{"total": 1200.3, "bonus": 120.03, "big": true, "each": 400.1, "end": "2026-04-01", "label": "крупная"},
		},
		{"nothing known", map[string]any{}, map[string]any{}},
		{"half known", map[string]any{"quantity": 3.0}, map[string]any{}},
		{
			"a known zero is a value",
			map[string]any{"quantity": 0.0, "price": 5.0},
			map[string]any{"total": 0.0, "bonus": 0.0, "big": false, "label": ""},
		},
		{"what no longer holds is cleared", map[string]any{"quantity": 3.0, "total": 99.0, "bonus": 9.9, "big": true}, map[string]any{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := map[string]any{}
			for _, id := range []string{"quantity", "price", "start"} {
				if v, ok := tt.have[id]; ok {
					want[id] = v
				}
			}
			maps.Copy(want, tt.want)
			p.Compute(tt.have)
			if !reflect.DeepEqual(tt.have, want) {
				t.Errorf("got %v, want %v", tt.have, want)
			}
		})
	}
}
