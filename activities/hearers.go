package activities

import (
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// gather is how long a notice that is not a ladder's waits for others to the
// same person, so that many at once become one mail.
const gather = 2 * time.Second

// ofLadder tells whether a ladder decides who hears of a kind of notice.
func ofLadder(kind string) bool {
	return kind == definitions.NoticeStalled || kind == definitions.NoticeTaskOverdue
}

// hearers lists who is told of a kind of notice, each once: the owners, and
// the present members of the roles, that the company names for it.
func hearers(c *definitions.Company, kind string, owners []string, at time.Time) []string {
	var all []string
	add := func(emails ...string) {
		for _, email := range emails {
			if email != "" && !slices.Contains(all, email) {
				all = append(all, email)
			}
		}
	}
	for _, who := range c.Notices.Tells(kind) {
		if role := c.Role(who); role != nil {
			add(presentMembers(role, at.In(c.Calendar.Location()))...)
		} else {
			add(owners...)
		}
	}
	return all
}

// presentMembers are those of a role who are not away, or all when all are.
func presentMembers(r *definitions.Role, at time.Time) []string {
	var here, all []string
	for _, m := range r.Members {
		all = append(all, m.Email)
		if !m.AwayOn(at) {
			here = append(here, m.Email)
		}
	}
	if len(here) == 0 {
		return all
	}
	return here
}

// hold says when a notice may go out: with others to the same person, at the
// end of the hour where the company wants a digest. A ladder's goes at once.
func hold(c *definitions.Company, row store.OutboxRow, now time.Time, hour time.Duration) store.OutboxRow {
	switch {
	case c.Notices.Delivery == "digest":
		row.NotBefore = now.Truncate(hour).Add(hour)
	case !ofLadder(row.Letter):
		row.NotBefore = now.Add(gather)
	}
	return row
}

// tell puts the company's wishes in place of who was decided to hear of what:
// the levels of ladders stand as they are. What is told is in the timeline.
func (s *step) tell(decided []deal.Notice, timeline []deal.Entry) ([]deal.Notice, []deal.Entry) {
	var notices, wanted []deal.Notice
	for _, n := range decided {
		if ofLadder(n.About) {
			notices = append(notices, n)
			continue
		}
		subject := strings.TrimSuffix(n.Key, "/"+n.To)
		i := slices.IndexFunc(wanted, func(w deal.Notice) bool { return w.Key == subject })
		if i < 0 {
			n.Key = subject
			wanted = append(wanted, n)
		} else {
			wanted[i].To += "\n" + n.To // an address holds no line break
		}
	}
	timeline = slices.DeleteFunc(slices.Clone(timeline), func(e deal.Entry) bool {
		about, _ := e.Data["about"].(string)
		return e.Type == "notified" && !ofLadder(about)
	})
	for _, w := range wanted {
		owners := strings.Split(w.To, "\n")
		if w.About == definitions.NoticeMemberLeft {
			owners = []string{s.state.Owner}
		}
		notices = append(notices, s.toEach(w, owners)...)
	}
	for _, e := range timeline {
		switch e.Type {
		case "opened":
			s.opened = true
		case "task_overdue":
			notices = append(notices, s.due(e, decided)...)
		}
	}
	for _, n := range notices {
		if !ofLadder(n.About) {
			timeline = append(timeline, s.notified(n))
		}
	}
	return notices, timeline
}

// toEach makes a notice for each hearer of its kind.
func (s *step) toEach(n deal.Notice, owners []string) []deal.Notice {
	var all []deal.Notice
	for _, to := range hearers(s.p.Company, n.About, owners, s.at) {
		one := n
		one.To, one.Key = to, n.Key+"/"+to
		all = append(all, one)
	}
	return all
}

func (s *step) notified(n deal.Notice) deal.Entry {
	data := map[string]any{"to": n.To, "about": n.About}
	if n.Task != "" {
		data["task"] = n.Task
	}
	return deal.Entry{At: s.at, Type: "notified", Actor: "system", Stage: s.state.Stage, Data: data}
}

// due tells the assignee that a task is due, unless the task's own ladder
// tells them in the same breath.
func (s *step) due(e deal.Entry, decided []deal.Notice) []deal.Notice {
	id, _ := e.Data["task"].(string)
	for _, t := range s.state.Tasks {
		if t.ID != id || t.Status != deal.TaskOpen {
			continue
		}
		n := deal.Notice{Key: s.noticeKey("task_due/" + t.Stage + "/" + id + "/" + integer(t.Miss)), About: definitions.NoticeTaskDue, Task: id}
		return slices.DeleteFunc(s.toEach(n, []string{t.Assignee}), func(n deal.Notice) bool {
			return slices.ContainsFunc(decided, func(d deal.Notice) bool { return d.To == n.To && d.Task == id })
		})
	}
	return nil
}

// welcome tells of a new lead, once it is settled who owns it.
func (s *step) welcome() error {
	if !s.opened {
		return nil
	}
	n := deal.Notice{Key: s.noticeKey("new_lead"), About: definitions.NoticeNewLead}
	var rows []store.OutboxRow
	var timeline []deal.Entry
	for _, n := range s.toEach(n, []string{s.state.Owner}) {
		rows = append(rows, s.a.notice(s.p, s.state, n))
		timeline = append(timeline, s.notified(n))
	}
	if len(rows) == 0 {
		return nil
	}
	s.queued = true
	if err := s.tx.Append(timeline); err != nil {
		return err
	}
	return s.tx.Enqueue(rows, s.at)
}

func (s *step) noticeKey(subject string) string {
	return s.state.ID + "/" + integer(s.state.Visit) + "/" + subject
}
