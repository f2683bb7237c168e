package definitions

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Score judges a deal by the process's qualification. A yes counts its
// criterion's weight, a number counts as it is; the sum or the product of all
// is the score. missing lists the criteria that came to nothing, in the order
// of the file. A criterion that cannot be evaluated comes to nothing too, and
// is named in err. Without a qualification the score is 0.
func (p *Process) Score(f *Facts) (score float64, missing []string, err error) {
	q := p.Qualification
	if q == nil {
		return 0, nil, nil
	}
	if q.Combine == CombineProduct {
		score = 1
	}
	var faults []error
	for i := range q.Criteria {
		points, fault := q.Criteria[i].points(f)
		if fault != nil {
			faults = append(faults, fmt.Errorf("criterion %q: %w", q.Criteria[i].ID, fault))
		}
		if points == 0 {
			missing = append(missing, q.Criteria[i].ID)
		}
		if q.Combine == CombineProduct {
			score *= points
		} else {
			score += points
		}
	}
	return score, missing, errors.Join(faults...)
}

// The ways criteria combine to a score.
const (
	CombineSum     = "sum"
	CombineProduct = "product"
)

func (c *Criterion) points(f *Facts) (float64, error) {
	if c.Score != nil {
		return c.Score.Number(f)
	}
	yes, err := c.When.Bool(f)
	if err != nil || !yes {
		return 0, err
	}
	return c.Weight, nil
}

// Compute fills the computed fields, each after the fields it reads. A field
// comes out empty where its expression fails, as in a division by a field not
// filled yet, and where the result is empty because something it reads is.
func (p *Process) Compute(fields map[string]any) {
	for _, i := range p.computed {
		f := &p.Fields[i]
		if v := p.computeField(f, fields); v != nil {
			fields[f.ID] = v
		} else {
			delete(fields, f.ID)
		}
	}
}

func (p *Process) computeField(f *Field, fields map[string]any) any {
	amount, _ := p.AmountOf(fields)
	v, err := f.Compute.Value(&Facts{Fields: fields, Amount: amount})
	if err != nil {
		return nil
	}
	switch value := v.(type) {
	case float64:
		if math.Abs(value) > largest {
			return nil
		}
		if f.Type == TypeMoney {
			v = cents(value)
		}
	case time.Time:
		day, err := checkDate(value, p.Company.zone())
		if err != nil {
			return nil // it is computed from a date that is not filled
		}
		v = day
	}
	if empty := v == 0.0 || v == "" || v == false; empty && !p.allFilled(f.Compute.fields, fields) {
		return nil
	}
	return v
}

// allFilled reports whether every deal field that an expression reads is filled.
func (p *Process) allFilled(read []string, fields map[string]any) bool {
	for _, id := range read {
		if id == "amount" {
			id = p.Amount
		}
		if !isFilled(fields[id]) {
			return false
		}
	}
	return true
}
