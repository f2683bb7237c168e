package deal

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// armLadder schedules every level of a ladder that counts from a moment.
func (m *machine) armLadder(kind, ref string, levels []definitions.Level, from time.Time) {
	for i, l := range levels {
		m.schedule(Timer{Kind: kind, Ref: ref, Level: i + 1, At: m.add(from, l.After), Business: l.After.IsBusiness()})
	}
}

// climb fires the deal's ladder. Levels reached at once act as one: the
// highest that is not a `lose` nobody was warned of.
func (m *machine) climb(t Timer) {
	st := m.stage()
	if st == nil || st.Escalation == nil || !m.s.Stalled() {
		return
	}
	subject := fmt.Sprintf("stalled/%s/%d", m.s.Stage, m.s.Stalls)
	m.climbed(t, st.Escalation.Levels, subject, &m.s.Level, &m.s.LevelAt)
}

// climbTask fires a task's own ladder.
func (m *machine) climbTask(tm Timer) {
	t := m.task(tm.Ref)
	if t == nil || t.Status != TaskOpen {
		return
	}
	d := m.taskDef(t)
	if d == nil || d.Escalation == nil {
		return
	}
	subject := fmt.Sprintf("task/%s/%s/%d", t.Stage, t.ID, t.Miss)
	level, at := t.Level, t.LevelAt
	m.climbed(tm, d.Escalation.Levels, subject, &level, &at)
	if t = m.task(tm.Ref); t != nil {
		t.Level, t.LevelAt = level, at
	}
}

func (m *machine) climbed(t Timer, levels []definitions.Level, subject string, level *int, levelAt *time.Time) {
	top := m.highest(t, levels, *level, *levelAt)
	if top.Level == 0 || top.Level > len(levels) {
		return
	}
	l := levels[top.Level-1]
	reached := top.Level
	repeated := top.Count
	if l.Lose != "" {
		*level, *levelAt = reached, m.at
		m.noteBy("system", "escalated", m.escalated(t.Ref, reached, l))
		m.lose(l.Lose, entry{by: "escalation"})
		return
	}
	// Whatever stands lower, repeats included, has had its time.
	m.cancel(func(o Timer) bool { return o.Kind == t.Kind && o.Ref == t.Ref && o.Level <= reached })
	if repeated == 0 {
		*level, *levelAt = reached, m.at
		m.noteBy("system", "escalated", m.escalated(t.Ref, reached, l))
		m.delayLose(t, levels, reached)
	}
	if l.Repeat != nil {
		m.schedule(Timer{
			Kind: t.Kind, Ref: t.Ref, Level: reached, Count: repeated + 1,
			At: m.add(m.at, *l.Repeat), Business: l.Repeat.IsBusiness(),
		})
	}
	about := "stalled"
	if t.Kind == timerTaskLevel {
		about = "task_overdue"
	}
	key := fmt.Sprintf("%s/%d", subject, reached)
	if repeated > 0 {
		key += "/" + strconv.Itoa(repeated)
	}
	for _, to := range m.people(l.Notify, t) {
		m.notify(to, Notice{Key: key, About: about, Level: reached, Task: t.Ref})
	}
	switch {
	case l.Reassign == "" || repeated > 0:
	case t.Kind == timerLevel:
		m.ask(Assign{Role: l.Reassign, For: "reassign"})
	default:
		m.task(t.Ref).Follows = false // it is no longer the owner's
		m.ask(Assign{Role: l.Reassign, For: "task:" + t.Ref})
	}
}

func (m *machine) escalated(task string, level int, l definitions.Level) map[string]any {
	data := map[string]any{"level": level}
	if task != "" {
		data["task"] = task
	}
	if l.Lose != "" {
		data["lose"] = l.Lose
	}
	if l.Reassign != "" {
		data["reassign"] = l.Reassign
	}
	return data
}

// highest picks among the timer and its fellows that are due now the level to
// act, and drops those that it stands for. A zero Level means none applies.
func (m *machine) highest(t Timer, levels []definitions.Level, reached int, reachedAt time.Time) Timer {
	due := []Timer{t}
	for _, o := range m.s.Timers {
		if o.Kind == t.Kind && o.Ref == t.Ref && !o.At.After(m.at) && !m.holds(o) {
			due = append(due, o)
		}
	}
	var top Timer
	warned := reached > 0 && reachedAt.Before(m.at)
	for _, o := range due {
		if o.Level > len(levels) || o.Level < reached || !m.holdsTrue(levels[o.Level-1].When) {
			continue
		}
		if levels[o.Level-1].Lose != "" && !m.mayLose(levels, o.Level, warned, reached) {
			continue
		}
		if o.Level > top.Level {
			top = o
		}
	}
	return top
}

// mayLose reports whether everybody whom the levels before name has been told
// in an earlier wake.
func (m *machine) mayLose(levels []definitions.Level, lose int, warned bool, reached int) bool {
	for i := lose - 2; i >= 0; i-- {
		if levels[i].Lose == "" && m.holdsTrue(levels[i].When) {
			return warned && reached >= i+1
		}
	}
	return true // nobody is to be told before
}

// delayLose gives the people just told the time that the ladder means them to
// have before it loses the deal, though they were told late.
func (m *machine) delayLose(t Timer, levels []definitions.Level, reached int) {
	base := m.s.StalledSince
	if t.Kind == timerTaskLevel {
		base = m.task(t.Ref).DueAt
	}
	told := m.add(base, levels[reached-1].After)
	for i := reached; i < len(levels); i++ {
		if levels[i].Lose == "" {
			continue
		}
		due := m.add(base, levels[i].After)
		if late := m.at.Add(max(due.Sub(told), time.Minute)); late.After(due) {
			due = late
		}
		m.cancel(func(o Timer) bool { return o.Kind == t.Kind && o.Ref == t.Ref && o.Level == i+1 })
		m.schedule(Timer{Kind: t.Kind, Ref: t.Ref, Level: i + 1, At: due, Business: levels[i].After.IsBusiness()})
	}
}

// people resolves owner and roles to addresses, each once. Members who are
// away are left out unless everybody is.
func (m *machine) people(names []string, t Timer) []string {
	var all []string
	add := func(email string) {
		if slices.Contains(all, email) {
			return
		}
		if email != "" {
			all = append(all, email)
		}
	}
	for _, n := range names {
		switch n {
		case "owner":
			if m.s.Owner != "" {
				add(m.s.Owner)
				continue
			}
			if st := m.stage(); st != nil {
				for _, email := range present(m.p.Company.Role(st.Owner), m.at.In(m.p.Company.Calendar.Location())) {
					add(email)
				}
			}
		case "assignee":
			if task := m.task(t.Ref); task != nil {
				add(task.Assignee)
			}
		default:
			for _, email := range present(m.p.Company.Role(n), m.at.In(m.p.Company.Calendar.Location())) {
				add(email)
			}
		}
	}
	return all
}

// present lists the role's members who are not away, or all when all are.
func present(r *definitions.Role, t time.Time) []string {
	if r == nil {
		return nil
	}
	var here, all []string
	for _, m := range r.Members {
		all = append(all, m.Email)
		if !m.AwayOn(t) {
			here = append(here, m.Email)
		}
	}
	if len(here) == 0 {
		return all
	}
	return here
}

// notify decides a notice to one person.
func (m *machine) notify(to string, n Notice) {
	n.To = to
	n.Key = m.s.ID + "/" + strconv.Itoa(m.s.Visit) + "/" + n.Key + "/" + to
	m.r.Notices = append(m.r.Notices, n)
	data := map[string]any{"to": to, "about": n.About}
	if n.Level > 0 {
		data["level"] = n.Level
	}
	if n.Task != "" {
		data["task"] = n.Task
	}
	m.noteBy("system", "notified", data)
}

// notifyOwner tells whoever answers for the deal, or the stage's role where
// nobody does. While it is being settled who that is, it waits.
func (m *machine) notifyOwner(key, about, reason string) {
	m.tell(Untold{Key: key, About: about, Reason: reason})
}

func (m *machine) tell(u Untold) {
	if slices.ContainsFunc(m.s.Assigning, func(a Assign) bool { return a.For == "owner" }) {
		m.s.Untold = append(m.s.Untold, u)
		return
	}
	for _, to := range m.people([]string{name(u.To, "owner")}, Timer{}) {
		m.notify(to, Notice{Key: u.Key, About: u.About, Reason: u.Reason})
	}
}
