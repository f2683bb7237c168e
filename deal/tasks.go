package deal

import (
	"fmt"
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// tasks are the deal's tasks to be changed in place.
func (m *machine) tasks() []Task {
	if !m.ownTasks {
		m.s.Tasks, m.ownTasks = slices.Clone(m.s.Tasks), true
	}
	return m.s.Tasks
}

// task is the task of that id, to be changed in place, or nil.
func (m *machine) task(id string) *Task {
	// The newest of that id: an earlier visit may have left one behind.
	for i := range slices.Backward(m.tasks()) {
		if m.s.Tasks[i].ID == id {
			return &m.s.Tasks[i]
		}
	}
	return nil
}

// opened reports whether the stage's task was opened since the stage was
// entered.
func (m *machine) opened(id string) bool {
	for i := range m.s.Tasks {
		t := &m.s.Tasks[i]
		if t.ID == id && t.Stage == m.s.Stage && !t.OpenedAt.Before(m.s.StageEnteredAt) && t.Status != TaskCancelled {
			return true
		}
	}
	return false
}

// openTasks opens the stage's tasks whose `when` holds and that are not open yet.
func (m *machine) openTasks() {
	st := m.stage()
	if st == nil || m.s.Closed() {
		return
	}
	for i := range st.Tasks {
		d := &st.Tasks[i]
		if m.opened(d.ID) || !m.holdsTrue(d.When) {
			continue
		}
		m.forget(d.ID)
		t := Task{
			ID: d.ID, Name: name(d.Name, d.ID), Kind: d.Kind, Status: TaskOpen, Stage: st.ID,
			OpenedAt: m.at, Required: d.Required,
		}
		if d.Assignee == "owner" || d.Assignee == "" {
			t.Follows, t.Assignee = true, m.s.Owner
		}
		if d.Due != nil {
			t.DueAt = m.add(m.at, *d.Due)
		}
		m.s.Tasks = append(m.s.Tasks, t)
		m.scheduleTask(&t, d.Due != nil && d.Due.IsBusiness())
		data := map[string]any{"task": t.ID, "name": t.Name, "kind": t.Kind}
		if !t.DueAt.IsZero() {
			data["due_at"] = t.DueAt
		}
		m.noteBy("system", "task_opened", data)
		if !t.Follows {
			m.ask(Assign{Role: d.Assignee, For: "task:" + t.ID})
		}
	}
}

// forget drops an earlier visit's task of the same id, whose story is in the
// timeline.
func (m *machine) forget(id string) {
	m.s.Tasks = slices.DeleteFunc(m.tasks(), func(t Task) bool { return t.ID == id && !t.AdHoc })
}

func (m *machine) scheduleTask(t *Task, business bool) {
	if !t.DueAt.IsZero() {
		m.schedule(Timer{Kind: timerOverdue, Ref: t.ID, At: t.DueAt, Business: business})
	}
}

func (m *machine) cancelTask(id string) {
	m.cancel(func(t Timer) bool { return (t.Kind == timerOverdue || t.Kind == timerTaskLevel) && t.Ref == id })
}

func (m *machine) overdue(tm Timer) {
	t := m.task(tm.Ref)
	if t == nil || t.Status != TaskOpen {
		return
	}
	m.s.Misses++
	t.Overdue, t.Miss = true, m.s.Misses
	m.noteBy("system", "task_overdue", map[string]any{"task": t.ID, "name": t.Name, "due_at": t.DueAt})
	if d := m.taskDef(t); d != nil && d.Escalation != nil {
		m.armLadder(timerTaskLevel, t.ID, d.Escalation.Levels, t.DueAt)
	}
}

func (m *machine) taskDef(t *Task) *definitions.Task {
	st := m.p.Stage(t.Stage)
	if st == nil || t.AdHoc {
		return nil
	}
	for i := range st.Tasks {
		if st.Tasks[i].ID == t.ID {
			return &st.Tasks[i]
		}
	}
	return nil
}

func (m *machine) openTask() (*Task, error) {
	t := m.task(m.e.Task)
	switch {
	case t == nil:
		return nil, invalid("task", "the deal has no task %q", m.e.Task)
	case t.Status == TaskDone:
		return nil, conflict("task %q is finished already", t.ID)
	case t.Status != TaskOpen:
		return nil, conflict("task %q is %s", t.ID, t.Status)
	case m.s.Closed():
		return nil, conflict("the deal is closed")
	}
	return t, nil
}

func (m *machine) complete() error {
	t, err := m.openTask()
	if err != nil {
		return err
	}
	if err := m.setFields(m.e.Fields); err != nil {
		return err
	}
	t.Status, t.DoneAt = TaskDone, m.at
	m.cancelTask(t.ID)
	data := map[string]any{"task": t.ID, "name": t.Name, "kind": t.Kind}
	if m.e.Note != "" {
		data["note"] = m.e.Note
	}
	if t.Assignee != "" {
		data["assignee"] = t.Assignee
	}
	m.note("task_done", data)
	m.progress()
	m.finished(t)
	return nil
}

// finished notes the triggers that a finished or waived task pulls.
func (m *machine) finished(t *Task) {
	m.happened("task:" + t.ID)
	if t.Kind == "meeting" && t.Status == TaskDone {
		m.stopSequence("meeting")
	}
	if m.tasksDone() {
		m.happened("tasks_done")
	}
}

// tasksDone reports whether all required tasks of the stage are finished;
// where none is required, all.
func (m *machine) tasksDone() bool {
	any, required, open, openRequired := false, false, false, false
	for i := range m.s.Tasks {
		t := &m.s.Tasks[i]
		// What an earlier time in the stage left behind says nothing of this one.
		if t.Stage != m.s.Stage || t.AdHoc || t.Status == TaskCancelled || t.OpenedAt.Before(m.s.StageEnteredAt) {
			continue
		}
		any, required = true, required || t.Required
		open = open || t.Status == TaskOpen
		openRequired = openRequired || t.Status == TaskOpen && t.Required
	}
	if required {
		return !openRequired
	}
	return any && !open
}

func (m *machine) addTask() error {
	n := m.e.NewTask
	switch {
	case n == nil || n.Name == "":
		return invalid("name", "a task needs a name")
	case m.s.Closed():
		return conflict("the deal is closed")
	case m.task(n.ID) != nil:
		return conflict("the deal has a task %q already", n.ID)
	}
	t := Task{
		ID: n.ID, Name: n.Name, Kind: name(n.Kind, "todo"), Status: TaskOpen, Stage: m.s.Stage, OpenedAt: m.at,
		DueAt: n.Due, Required: n.Required, AdHoc: true, Assignee: n.Assignee,
	}
	if t.Assignee == "" {
		t.Follows, t.Assignee = true, m.s.Owner
	} else if member, _ := m.p.Company.Member(t.Assignee); member == nil {
		return invalid("assignee", "%s is not a member of the team", t.Assignee)
	}
	m.s.Tasks = append(m.s.Tasks, t)
	m.scheduleTask(&t, false)
	m.note("task_opened", map[string]any{"task": t.ID, "name": t.Name, "kind": t.Kind, "ad_hoc": true})
	return nil
}

func (m *machine) changeTask() error {
	t, err := m.openTask()
	if err != nil {
		return err
	}
	if m.e.Waive {
		if m.e.Reason == "" {
			return invalid("reason", "waiving a task needs a reason")
		}
		t.Status, t.DoneAt = TaskWaived, m.at
		m.cancelTask(t.ID)
		m.note("task_done", map[string]any{"task": t.ID, "name": t.Name, "waived": true, "reason": m.e.Reason})
		m.progress()
		m.finished(t)
		return nil
	}
	if m.e.Assignee != "" {
		if member, _ := m.p.Company.Member(m.e.Assignee); member == nil {
			return invalid("assignee", "%s is not a member of the team", m.e.Assignee)
		}
		t.Assignee, t.Follows = m.e.Assignee, false
		m.note("assigned", map[string]any{"to": t.Assignee, "task": t.ID})
	}
	if !m.e.Due.IsZero() {
		t.DueAt, t.Overdue, t.Level, t.LevelAt = m.e.Due, false, 0, time.Time{}
		m.cancelTask(t.ID)
		m.scheduleTask(t, false)
		m.note("note", map[string]any{"text": fmt.Sprintf("task %q is now due %s", t.ID, m.e.Due.Format(time.RFC3339)), "task": t.ID})
	}
	return nil
}
