package deal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// move returns the stage's move of that index, written in decimal.
func (m *machine) move(ref string) *definitions.Move {
	st := m.stage()
	i, err := strconv.Atoi(ref)
	if st == nil || err != nil || i >= len(st.Next) {
		return nil
	}
	return &st.Next[i]
}

// armMoves starts the clock of the moves that wait for one.
func (m *machine) armMoves(st *definitions.Stage) {
	for i, mv := range st.Next {
		if mv.After != nil {
			m.schedule(Timer{Kind: timerNext, Ref: strconv.Itoa(i), At: m.add(m.s.StageEnteredAt, *mv.After), Business: mv.After.IsBusiness()})
		}
	}
}

// triggered reports whether what the move waits for has come. A move that
// waits for nothing is a way for people to go.
func (m *machine) triggered(i int, mv *definitions.Move) bool {
	if mv.On == "" && mv.After == nil && mv.When == nil {
		return false
	}
	ripe := mv.On == "" && mv.After == nil
	if mv.On != "" && slices.Contains(m.s.Happened, mv.On) {
		ripe = true
	}
	if mv.After != nil && !m.waiting(strconv.Itoa(i)) {
		ripe = true
	}
	return ripe && m.holdsTrue(mv.When)
}

// waiting reports whether the move's `after` has still to pass.
func (m *machine) waiting(ref string) bool {
	return slices.ContainsFunc(m.s.Timers, func(t Timer) bool { return t.Kind == timerNext && t.Ref == ref })
}

// moveBySelf makes the first move that is triggered and whose gates are open.
func (m *machine) moveBySelf() bool {
	st := m.stage()
	if st == nil || m.s.Closed() || m.s.Paused() || len(m.s.Assigning) > 0 {
		return false
	}
	for i := range st.Next {
		mv := &st.Next[i]
		if !m.triggered(i, mv) || (mv.To == toLost && m.s.Status == Won) || slices.Contains(m.s.Entered, mv.To) {
			continue
		}
		if mv.To == toLost && m.unread(m.at) && m.waits(i) {
			continue
		}
		if len(m.shut(mv.To)) > 0 {
			continue
		}
		m.s.Entered = append(m.s.Entered, mv.To)
		how := entry{by: "next", on: trigger(mv), next: i}
		if m.p.Stage(mv.To) != nil {
			m.enter(mv.To, how)
		} else {
			m.end(mv.To, mv.Reason, how)
		}
		return true
	}
	return false
}

// waits reports whether a loss by a triggered move must wait until the
// mailboxes are read, because the client may have answered, and sees to it that
// the deal looks again then. What waits already is not hurried by an event that
// has nothing to do with it.
func (m *machine) waits(i int) bool {
	ref := strconv.Itoa(i)
	if m.waiting(ref) {
		return true
	}
	if !m.answering {
		m.schedule(Timer{Kind: timerNext, Ref: ref, At: m.at})
	}
	return !m.answering
}

// trigger names what the move waits for.
func trigger(mv *definitions.Move) string {
	switch {
	case mv.On != "":
		return mv.On
	case mv.After != nil:
		return "after " + mv.After.String()
	}
	return "when"
}

// forward reports whether going there is towards a later stage, or won.
func (m *machine) forward(to string) bool {
	if to == toWon || to == toDone {
		return true
	}
	i := m.p.StageIndex(to)
	return i > m.p.StageIndex(m.s.Stage)
}

// shut lists what forbids going there: the gates that hold on forward moves.
func (m *machine) shut(to string) []Blocking {
	if !m.forward(to) {
		return nil
	}
	return append(m.exitGates(), m.entryGates(m.landing(to))...)
}

func (m *machine) entryGates(st *definitions.Stage) []Blocking {
	if st == nil {
		return nil
	}
	return m.gates(st.Entry, st.ID)
}

// drawn reports whether the process draws the way.
func (m *machine) drawn(to string) bool {
	st := m.stage()
	if st == nil {
		return true
	}
	for _, mv := range st.Next {
		if mv.To == to || (mv.To == toWon && m.p.Stage(to) != nil && m.p.Stage(to).Won) {
			return true
		}
	}
	if len(st.Next) == 0 {
		i := m.p.StageIndex(st.ID)
		return i+1 < len(m.p.Stages) && m.p.Stages[i+1].ID == to
	}
	return false
}

func (m *machine) moveByHand() error {
	e := m.e
	st := m.p.Stage(e.To)
	switch {
	case e.To == "":
		return invalid("to", "to is missing: name a stage, or won, lost or done")
	case st == nil && e.To != toWon && e.To != toLost && e.To != toDone:
		return invalid("to", "there is no stage %q; the stages are %s", e.To, m.stageList())
	case e.Force && e.Reason == "":
		return invalid("reason", "a forced move needs a reason")
	case m.s.Status == Lost:
		return conflict("the deal is lost; reopen it first")
	case m.s.Closed():
		return conflict("the deal is closed")
	case e.To == m.s.Stage:
		return conflict("the deal is in stage %q already", e.To)
	}
	if e.To == toLost {
		return m.loseByHand()
	}
	if e.To == toDone && m.s.Status != Won && !e.Force {
		return conflict("the deal is not won; move it to won or lost, or force it with a reason")
	}
	target := e.To
	if target == toWon {
		if won := m.firstWon(); won != nil {
			target = won.ID
		}
		if target == m.s.Stage || (m.s.Status == Won && m.stage() != nil && m.stage().Won) {
			return conflict("the deal is won already")
		}
	}
	if !e.Force {
		if shut := m.shut(target); len(shut) > 0 {
			return refuse(shut)
		}
	}
	if m.p.Stage(target) != nil {
		m.enter(target, entry{by: "hand", detour: !m.drawn(target), reason: e.Reason})
		return nil
	}
	m.end(target, e.Reason, entry{by: "hand"})
	return nil
}

func (m *machine) loseByHand() error {
	if m.s.Status == Won {
		return conflict("the deal is won, for good; close it with done")
	}
	if !m.p.HasReason(m.e.Reason) {
		return invalid("reason", "a lost deal needs one of the process's reasons: %s", m.reasonList())
	}
	m.lose(m.e.Reason, entry{by: "hand"})
	return nil
}

func (m *machine) stageList() string {
	var text strings.Builder
	for i, s := range m.p.Stages {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(s.ID)
	}
	return text.String()
}

func (m *machine) reasonList() string {
	var text strings.Builder
	for i, r := range m.p.LostReasons {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(r.ID)
	}
	return text.String()
}
