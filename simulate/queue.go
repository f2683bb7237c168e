package simulate

import "time"

// kind is what a moment of the simulation is about.
type kind uint8

const (
	arrival     kind = iota
	wake             // something of the deal is due
	reply            // the client writes
	bounce           // the first letter comes back
	unsubscribe      // the client wants no more letters
	ready            // the client's part of the stage is done
	refusal          // the client says no
	giveUp           // the silent client is given up
	offered          // work may begin
	worked           // a person is done with a piece of work
)

// moment is something that will happen.
type moment struct {
	at    time.Time
	order uint64 // of two at the same instant, the one scheduled first comes first
	kind  kind
	deal  *subject
	token int // of the deal's stage when it was scheduled
	work  *work
}

// agenda is a heap of moments, the earliest on top.
type agenda struct {
	moments []moment
	order   uint64
}

func (a *agenda) add(m moment) {
	a.order++
	m.order = a.order
	a.moments = append(a.moments, m)
	for i := len(a.moments) - 1; i > 0; {
		parent := (i - 1) / 2
		if !a.before(i, parent) {
			break
		}
		a.moments[i], a.moments[parent] = a.moments[parent], a.moments[i]
		i = parent
	}
}

func (a *agenda) before(i, j int) bool {
	x, y := &a.moments[i], &a.moments[j]
	if c := x.at.Compare(y.at); c != 0 {
		return c < 0
	}
	return x.order < y.order
}

// next takes the earliest moment; ok is false when there is none.
func (a *agenda) next() (top moment, ok bool) {
	n := len(a.moments) - 1
	if n < 0 {
		return moment{}, false
	}
	top = a.moments[0]
	a.moments[0] = a.moments[n]
	a.moments[n] = moment{}
	a.moments = a.moments[:n]
	for i := 0; ; {
		child := 2*i + 1
		if child >= n {
			return top, true
		}
		if child+1 < n && a.before(child+1, child) {
			child++
		}
		if !a.before(child, i) {
			return top, true
		}
		a.moments[i], a.moments[child] = a.moments[child], a.moments[i]
		i = child
	}
}
