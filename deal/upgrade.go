package deal

import (
	"maps"
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// upgrade takes up the process version given to Step in place of the one the
// deal ran on. What remains of a running time is kept: timers whose owner still
// exists run on, new ones start now.
func (m *machine) upgrade() error {
	if m.s.Version == m.p.Hash || m.s.Closed() {
		return nil
	}
	st := renamed(m.p, m.s.Stage)
	if st == nil {
		m.adopt(map[string]any{"stage_gone": m.s.Stage})
		m.s.Stage = ""
		m.enter(m.p.Stages[0].ID, entry{by: "upgrade", detour: true})
		return nil
	}
	data := map[string]any{}
	if st.ID != m.s.Stage {
		data["stage_was"] = m.s.Stage
		for i := range m.tasks() {
			if m.s.Tasks[i].Stage == m.s.Stage {
				m.s.Tasks[i].Stage = st.ID
			}
		}
		m.s.Stage = st.ID
	}
	m.adopt(data)
	m.dropGone(st)
	m.armNew(st)
	m.ownerFor(st)
	m.openTasks()
	return nil
}

// takeUp lets the deal go by the version that waits for its next stage, and
// returns the stage to enter. A version without that stage waits for one that
// it has.
func (m *machine) takeUp(id string) *definitions.Stage {
	to := m.p.Stage(id)
	if next := m.e.Next; next != nil {
		if there := renamed(next, id); there != nil {
			m.p, to = next, there
		}
	}
	if m.s.Version != m.p.Hash {
		m.adopt(map[string]any{})
	}
	return to
}

// adopt makes the process the deal's version. What is computed is computed anew.
func (m *machine) adopt(data map[string]any) {
	data["from"], data["to"] = m.s.Version, m.p.Hash
	m.s.Version = m.p.Hash
	fields := maps.Clone(m.s.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	if m.p.Compute(fields); len(fields) == 0 {
		fields = nil
	}
	m.s.Fields = fields
	m.changed()
	m.note("process_changed", data)
}

// renamed finds the stage by its id, or by an id it had before.
func renamed(p *definitions.Process, id string) *definitions.Stage {
	if st := p.Stage(id); st != nil {
		return st
	}
	for i := range p.Stages {
		if slices.Contains(p.Stages[i].Was, id) {
			return &p.Stages[i]
		}
	}
	return nil
}

// dropGone cancels tasks and timers that the new version does not know.
func (m *machine) dropGone(st *definitions.Stage) {
	for i := range m.tasks() {
		t := &m.s.Tasks[i]
		if t.Status == TaskOpen && !t.AdHoc && m.taskDef(t) == nil {
			t.Status = TaskCancelled
			m.cancelTask(t.ID)
		}
	}
	m.cancel(func(t Timer) bool {
		switch t.Kind {
		case timerLetter:
			return st.Sequence == nil || !slices.ContainsFunc(st.Sequence.Steps, func(s definitions.Step) bool { return s.ID == t.Ref })
		case timerLevel:
			return st.Escalation == nil || t.Level > len(st.Escalation.Levels)
		case timerNext:
			return true // armed anew: the way out is the new version's
		case timerTimeout:
			return st.Timeout == nil || st.Timeout.None
		}
		return false
	})
}

// armNew starts the clock of what only the new version has.
func (m *machine) armNew(st *definitions.Stage) {
	m.armMoves(st)
	has := func(kind, ref string) bool {
		return slices.ContainsFunc(m.s.Timers, func(t Timer) bool { return t.Kind == kind && t.Ref == ref })
	}
	if !has(timerTimeout, "") && !m.s.Stalled() {
		m.armTimeout()
	}
	if st.Sequence == nil || m.s.Sequence.Stopped != "" || m.s.Unsubscribed {
		return
	}
	for _, step := range st.Sequence.Steps {
		due := m.sendable(&step, m.add(m.s.StageEnteredAt, step.After))
		if has(timerLetter, step.ID) || slices.Contains(m.s.Sent, m.letterKey(st.ID, step.ID)) || due.Before(m.at.Add(-time.Minute)) {
			continue
		}
		m.schedule(Timer{Kind: timerLetter, Ref: step.ID, At: due, Business: step.After.IsBusiness()})
	}
}
