package deal

import (
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Ends of a deal that are not stages.
const (
	toDone = "done"
	toWon  = "won"
	toLost = "lost"
)

// entry says how a stage came to be entered.
type entry struct {
	by     string // next, hand, skip, escalation, upgrade, merge, recycled, reopened, open
	detour bool
	reason string
	on     string // next: what triggered the move
	next   int    // next: the move's place among the stage's, from 0

	skipped []string // stages passed over so far
}

// enter leaves the stage the deal is in, if any, and enters another, passing
// over those that are to be skipped.
func (m *machine) enter(id string, how entry) {
	from := m.s.Stage
	if from != "" {
		m.leave(id, how)
	}
	to := m.takeUp(id)
	for range m.p.Stages {
		m.s.Stage = to.ID
		m.changed()
		if to.Skip == nil || !m.holdsTrue(to.Skip) {
			break
		}
		m.note("stage_skipped", map[string]any{"from": from})
		how.by, how.skipped = "skip", append(how.skipped, to.ID)
		if to.Won {
			m.won() // what it would have needed was not needed; the sale was made all the same
		}
		next := m.afterSkip(to)
		if next == "" {
			break
		}
		if m.p.Stage(next) == nil {
			m.end(next, m.skipReason(to), how)
			return
		}
		to = m.p.Stage(next)
	}
	m.s.Stage = to.ID
	m.s.StageEnteredAt, m.s.LastProgress = m.at, m.at
	m.s.Sequence, m.s.Happened, m.s.TimedOut = SequenceState{}, nil, false
	m.changed()
	data := map[string]any{"from": from, "to": to.ID, "by": how.by, "detour": how.detour}
	if how.reason != "" {
		data["reason"] = how.reason
	}
	m.note("stage_entered", data)
	if to.Won {
		m.won()
	}
	m.ownerFor(to)
	m.openTasks()
	m.armSequence(to)
	m.armTimeout()
	m.armMoves(to)
}

// won makes the deal won, for good.
func (m *machine) won() {
	if m.s.Status == Won {
		return
	}
	m.s.Status = Won
	m.note("won", map[string]any{"amount": m.s.Amount(m.p)})
}

// landing is the stage that a move to it ends in, once those that are to be
// skipped are passed over; nil for an end that is no stage.
func (m *machine) landing(to string) *definitions.Stage {
	st := m.p.Stage(to)
	if to == toWon {
		st = m.firstWon()
	}
	for range m.p.Stages {
		if st == nil || st.Skip == nil || !m.holdsTrue(st.Skip) {
			return st
		}
		next := m.afterSkip(st)
		if next == "" {
			return st
		}
		st = m.p.Stage(next)
	}
	return st
}

// firstWon is the stage that a win enters; nil where there is none.
func (m *machine) firstWon() *definitions.Stage {
	for i := range m.p.Stages {
		if m.p.Stages[i].Won {
			return &m.p.Stages[i]
		}
	}
	return nil
}

// leave drops everything that belongs to the stage.
func (m *machine) leave(to string, how entry) {
	data := map[string]any{"to": to, "by": how.by}
	if how.by == "next" {
		data["on"], data["next"] = how.on, how.next
	}
	m.note("stage_left", data)
	for i := range m.tasks() {
		t := &m.s.Tasks[i]
		if t.Status == TaskOpen && !t.AdHoc {
			t.Status = TaskCancelled
			m.cancelTask(t.ID)
		}
	}
	m.cancelKind(timerLetter, timerTimeout, timerLevel, timerNext)
	m.s.StalledSince, m.s.Level, m.s.LevelAt = time.Time{}, 0, time.Time{}
}

// afterSkip is where a skipped stage leads: its first drawn way, or the
// following stage.
func (m *machine) afterSkip(st *definitions.Stage) string {
	if len(st.Next) > 0 {
		return st.Next[0].To
	}
	if i := m.p.StageIndex(st.ID); i+1 < len(m.p.Stages) {
		return m.p.Stages[i+1].ID
	}
	return ""
}

func (m *machine) skipReason(st *definitions.Stage) string {
	if len(st.Next) > 0 {
		return st.Next[0].Reason
	}
	return ""
}

// end brings the deal to an end that is not a stage.
func (m *machine) end(to, reason string, how entry) {
	switch to {
	case toLost:
		m.lose(reason, how)
	case toWon:
		m.win(how)
	case toDone:
		m.close(toDone, how)
	}
}

// win enters the first `won` stage, or ends the deal where there is none, or
// where that one was passed over on the way.
func (m *machine) win(how entry) {
	for _, st := range m.p.Stages {
		if st.Won && !slices.Contains(how.skipped, st.ID) {
			m.enter(st.ID, how)
			return
		}
	}
	m.won()
	m.close(toWon, how)
}

// lose ends the deal for now; a recycle may bring it back.
func (m *machine) lose(reason string, how entry) {
	if m.s.Status != Open {
		return
	}
	m.leave(toLost, how)
	m.s.Status, m.s.LostReason = Lost, reason
	m.note("lost", map[string]any{"reason": reason})
	m.s.ClosedAt = m.at
	m.dropAll()
	if rc := m.p.Recycle; rc != nil && slices.Contains(rc.Reasons, reason) && m.s.Recycled < rc.Max {
		m.schedule(Timer{Kind: timerRecycle, At: m.add(m.at, rc.After), Business: rc.After.IsBusiness()})
	}
}

// close ends the deal for good.
func (m *machine) close(to string, how entry) {
	m.leave(to, how)
	m.s.ClosedAt = m.at
	m.dropAll()
	m.note("closed", nil)
}

// dropAll cancels what a closed deal no longer does.
func (m *machine) dropAll() {
	m.s.Timers, m.s.PausedAt, m.s.Assigning = nil, time.Time{}, nil
	for i := range m.tasks() {
		if m.s.Tasks[i].Status == TaskOpen {
			m.s.Tasks[i].Status = TaskCancelled
		}
	}
}

// recycle brings a lost deal back as the next visit.
func (m *machine) recycle() {
	m.s.Recycled++
	m.again("recycled", m.p.Recycle.To, "system", nil)
}

// again opens a lost deal once more.
func (m *machine) again(kind, stage, actor string, data map[string]any) {
	m.s.Status, m.s.LostReason, m.s.ClosedAt = Open, "", time.Time{}
	m.s.Visit++
	m.cancelKind(timerRecycle)
	m.changed()
	m.noteBy(actor, kind, data)
	m.s.Stage = ""
	if m.p.Stage(stage) == nil {
		stage = m.p.Stages[0].ID
	}
	m.enter(stage, entry{by: kind})
}

func (m *machine) armTimeout() {
	st := m.stage()
	entry := st != nil && st.Timeout != nil && st.Timeout.From == "entry"
	if entry && (m.s.TimedOut || m.armed(timerTimeout)) {
		return // it comes once, and progress does not move it
	}
	m.cancelKind(timerTimeout)
	if st == nil || st.Timeout == nil || st.Timeout.None || m.s.Stalled() || m.s.Closed() {
		return
	}
	from := m.s.LastProgress
	if entry {
		from = m.s.StageEnteredAt
	}
	m.schedule(Timer{Kind: timerTimeout, At: m.add(from, st.Timeout.After), Business: st.Timeout.After.IsBusiness()})
}

// timeout makes the deal stalled and starts the ladder.
func (m *machine) timeout(t Timer) {
	m.s.StalledSince, m.s.TimedOut = t.At, true
	m.s.Stalls++
	m.s.Level, m.s.LevelAt = 0, time.Time{}
	m.happened("timeout")
	m.noteBy("system", "stalled", map[string]any{"since": t.At})
	if st := m.stage(); st.Escalation != nil {
		m.armLadder(timerLevel, "", st.Escalation.Levels, t.At)
	}
}
