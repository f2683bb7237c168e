package deal

import (
	"slices"
	"strconv"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// armSequence starts the clock of the stage's letters.
func (m *machine) armSequence(st *definitions.Stage) {
	if st.Sequence == nil || m.s.Unsubscribed {
		return
	}
	for _, step := range st.Sequence.Steps {
		if step.Once && m.everSent(st.ID, step.ID) {
			continue
		}
		at := m.sendable(&step, m.add(m.at, step.After))
		m.schedule(Timer{Kind: timerLetter, Ref: step.ID, At: at, Business: step.After.IsBusiness()})
	}
	if !m.lettersLeft() {
		m.happened("sequence_done")
	}
}

// sendable is the first moment from the one given at which the letter may go
// out: in business hours where it keeps to them, outside the quiet hours unless
// it goes at any hour.
func (m *machine) sendable(step *definitions.Step, at time.Time) time.Time {
	c := m.p.Company
	for range 10 { // where quiet hours leave no business hours, business hours win
		before := at
		if step.Quiet {
			at = c.Sending.Quiet.End(at.In(c.Calendar.Location()))
		}
		if step.Hours == "business" {
			at = c.Calendar.NextOpen(at)
		}
		if at.Equal(before) {
			break
		}
	}
	return at
}

func (m *machine) lettersLeft() bool { return m.armed(timerLetter) }

// letterKey names a letter so that it is sent once: deal, visit, stage, step.
func (m *machine) letterKey(stage, step string) string {
	return m.s.ID + "/" + strconv.Itoa(m.s.Visit) + "/" + stage + "/" + step
}

func (m *machine) everSent(stage, step string) bool {
	suffix := "/" + stage + "/" + step
	return slices.ContainsFunc(m.s.Sent, func(key string) bool {
		return len(key) > len(suffix) && key[len(key)-len(suffix):] == suffix
	})
}

// sequenceLetter sends a step's letter when its condition holds and there is
// an address that takes it.
func (m *machine) sequenceLetter(t Timer) {
	st := m.stage()
	if st == nil || st.Sequence == nil {
		return
	}
	i := slices.IndexFunc(st.Sequence.Steps, func(s definitions.Step) bool { return s.ID == t.Ref })
	if i >= 0 {
		// A pause or an outage may have moved it out of its hours.
		if at := m.sendable(&st.Sequence.Steps[i], m.at); at.After(m.at) {
			t.At = at
			m.schedule(t)
			return
		}
	}
	if i >= 0 && m.holdsTrue(st.Sequence.Steps[i].When) {
		m.send(st, &st.Sequence.Steps[i])
	}
	if !m.lettersLeft() {
		m.happened("sequence_done")
	}
}

func (m *machine) send(st *definitions.Stage, step *definitions.Step) {
	key := m.letterKey(st.ID, step.ID)
	switch {
	case slices.Contains(m.s.Sent, key), m.s.Unsubscribed, m.s.Muted:
		return
	case m.s.Contact.Email == "" || m.s.Contact.Email == m.s.BadAddress:
		return
	}
	m.s.Sent = append(m.s.Sent, key)
	m.r.Letters = append(m.r.Letters, Letter{
		Key: key, Letter: step.Send, Stage: st.ID, Step: step.ID, Version: m.p.Hash, To: m.s.Contact,
		Data:      m.s.LetterData(m.p),
		InReplyTo: m.s.Thread.LastMessageID, References: m.s.Thread.References,
	})
}

// stopSequence ends the stage's letters when it is to stop on the trigger.
// Bounces and unsubscribes always stop it.
func (m *machine) stopSequence(why string) {
	st := m.stage()
	if st == nil || st.Sequence == nil || m.s.Sequence.Stopped != "" {
		return
	}
	if why != "bounce" && why != "unsubscribe" && !slices.Contains(st.Sequence.StopOn, why) {
		return
	}
	if m.lettersLeft() {
		m.s.Sequence.Stopped = why
		m.cancelKind(timerLetter)
	}
}
