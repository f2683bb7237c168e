package deal_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// moment is a step that some deal of the classic process once took.
type moment struct {
	s  *deal.State
	e  deal.Event
	at time.Time
}

// BenchmarkStep takes the steps of many deals of the classic process, 40% of
// them timers, 25% tasks, 15% mail and 20% fields and moves.
func BenchmarkStep(b *testing.B) {
	p := classic(b)
	mix := mixed(lives(b, p))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		m := &mix[i%len(mix)]
		if _, err := deal.Step(p, m.s, m.e, m.at); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}

func classic(b *testing.B) *definitions.Process {
	b.Helper()
	files, err := fs.Sub(library.FS, "classic")
	if err != nil {
		b.Fatal(err)
	}
	c, faults := definitions.LoadFS(files, "classic")
	if faults.HasErrors() {
		faults.Print(os.Stderr)
		b.Fatal("the classic process does not load")
	}
	return c.Processes[0]
}

// mixed puts 1,000 moments together in the shares of the mix.
func mixed(all map[string][]moment) []moment {
	var mix []moment
	take := func(n int, kinds ...string) {
		var from []moment
		for _, kind := range kinds {
			from = append(from, all[kind]...)
		}
		for i := range n {
			mix = append(mix, from[i*len(from)/n])
		}
	}
	take(400, deal.KindTimer)
	take(250, deal.KindComplete)
	take(150, deal.KindReply, deal.KindAutoReply)
	take(200, deal.KindSet, deal.KindMove)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(mix), func(i, j int) { mix[i], mix[j] = mix[j], mix[i] })
	return mix
}

// lives leads deals through the process and keeps every step that was allowed,
// by the kind of its event.
func lives(b *testing.B, p *definitions.Process) map[string][]moment {
	b.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	kept := map[string][]moment{}
	for range 300 {
		d := &sale{
			t: b, c: p.Company, p: p, at: start, turns: map[string]int{},
			s: &deal.State{ID: "d1", Company: p.Company.ID, Process: p.Process},
		}
		d.do(lead())
		for range 60 {
			e := something(random, d)
			if e.Kind == deal.KindTimer {
				if d.wake.IsZero() {
					break
				}
				d.at = d.wake
			} else {
				d.at = d.at.Add(time.Duration(random.IntN(7200)) * time.Second)
				d.do(deal.Event{Kind: deal.KindTimer})
			}
			before := moment{d.s, e, d.at}
			if err := d.take(e); err == nil {
				kept[e.Kind] = append(kept[e.Kind], before)
			} else if _, ok := errors.AsType[*deal.Refusal](err); !ok {
				b.Fatal(err)
			}
		}
	}
	return kept
}

// something is what may happen next to a deal.
func something(random *rand.Rand, d *sale) deal.Event {
	switch n := random.IntN(100); {
	case n < 40:
		return deal.Event{Kind: deal.KindTimer}
	case n < 65 && len(d.s.Tasks) > 0:
		task := d.s.Tasks[random.IntN(len(d.s.Tasks))].ID
		return deal.Event{Kind: deal.KindComplete, Task: task, Fields: map[string]any{"area": float64(random.IntN(900) + 1)}}
	case n < 75:
		return reply()
	case n < 80:
		return deal.Event{Kind: deal.KindAutoReply, Mail: mail("away")}
	case n < 93:
		return deal.Event{Kind: deal.KindSet, Fields: map[string]any{
			"organization": "Вентиляция", "need": "цех", "budget": float64(random.IntN(9e6)), "equipment": float64(random.IntN(9e6)),
			"authority": "принимает решение", "timeline": "2026-09-01",
		}}
	}
	to := d.p.Stages[random.IntN(len(d.p.Stages)-1)].ID
	return deal.Event{Kind: deal.KindMove, To: to, Force: true, Reason: "x"}
}
