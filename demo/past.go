package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/simulate"
	"github.com/dealwright/dealwright/store"
)

const (
	pastDays     = 120
	leadsPerWeek = 7
)

// sale is a deal of the company's past.
type sale struct {
	id       string
	open     deal.Event
	state    *deal.State
	wake     time.Time
	timeline []deal.Entry
}

// Past gives the company the months before the demonstration: it lives through
// them on paper, by the same deal.Step, and writes what came of it into the
// store. It answers how many deals there were.
func Past(ctx context.Context, s *store.Store, p *definitions.Process, settings *simulate.Settings, now time.Time) (int, error) {
	var sales []*sale
	var fault error
	cast := &simulate.Cast{
		Lead: func(n int) simulate.Lead {
			l := stranger(n)
			l.ID = store.NewID()
			sales = append(sales, &sale{id: l.ID, open: l.Opens(false)})
			return l
		},
		Reply: answer,
		Text:  filled,
		Step: func(n int, r *deal.Result, at time.Time) {
			if err := sales[n-1].took(p, r, at); err != nil {
				fault = err
			}
		},
	}
	lived := *settings
	lived.Start = simulate.Day(now.In(p.Company.Calendar.Location()).AddDate(0, 0, -pastDays).Format(time.DateOnly))
	_, err := simulate.Run(ctx, p, &lived, simulate.Config{LeadsPerWeek: leadsPerWeek, Days: pastDays, Runs: 1, Seed: 7, Cast: cast})
	if err == nil {
		err = fault
	}
	if err != nil {
		return 0, fmt.Errorf("the demonstration's past: %w", err)
	}
	for _, one := range sales {
		if err := one.write(ctx, s, p); err != nil {
			return 0, fmt.Errorf("the demonstration's past: %w", err)
		}
	}
	return len(sales), nil
}

// took keeps what a step did. A letter that was decided counts as sent.
func (o *sale) took(p *definitions.Process, r *deal.Result, at time.Time) error {
	o.state, o.wake = r.State, r.Wake
	o.timeline = append(o.timeline, r.Timeline...)
	for _, l := range r.Letters {
		subject, markdown, err := p.RenderLetter(l.Letter, l.Data)
		if err != nil {
			return err
		}
		text, _ := outbox.Markdown(markdown)
		o.timeline = append(o.timeline, deal.Entry{At: at, Type: "mail_sent", Actor: "system", Stage: l.Stage, Data: map[string]any{
			"message_id": outbox.MessageID(l.Key, "kuhni-dom.test"), "from": p.Company.From.Email, "to": l.To.Email,
			"subject": subject, "text": text, "letter": l.Letter,
		}})
	}
	return nil
}

func (o *sale) write(ctx context.Context, s *store.Store, p *definitions.Process) error {
	input := store.Input{ID: "demo/" + o.id, DealID: o.id, Kind: o.open.Kind, Event: o.open}
	if err := s.CreateDeal(ctx, o.state, input); err != nil {
		return err
	}
	return s.UpdateDeal(ctx, o.id, func(tx *store.DealTx) error {
		if err := tx.Apply(input.ID, store.Outcome{}); err != nil {
			return err
		}
		if err := tx.Append(o.timeline); err != nil {
			return err
		}
		_, currency := p.AmountOf(o.state.Fields)
		last := o.timeline[len(o.timeline)-1].At
		return tx.Save(o.state, store.SaveExtra{Amount: o.state.Amount(p), Currency: currency, NextWake: o.wake, At: last})
	})
}
