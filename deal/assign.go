package deal

import (
	"maps"
	"slices"

	"github.com/dealwright/dealwright/definitions"
)

// ownerFor gives the deal an owner of the stage's role: whoever of that role
// owned it before, else whose turn it is.
func (m *machine) ownerFor(st *definitions.Stage) {
	role := m.p.Company.Role(st.Owner)
	if role == nil {
		return
	}
	if m.s.Owner != "" && m.s.Role == role.ID && !m.s.Borrowed && isMember(role, m.s.Owner) {
		return
	}
	m.s.Borrowed = false
	if before := m.s.Owners[role.ID]; isMember(role, before) {
		m.own(before, role.ID, "before")
		return
	}
	m.ask(Assign{Role: role.ID, For: "owner"})
}

func isMember(r *definitions.Role, email string) bool {
	return email != "" && r != nil && slices.ContainsFunc(r.Members, func(m definitions.Member) bool { return m.Email == email })
}

// ask wants somebody of a role. Where there is only one to choose, nothing
// shared has to be decided.
func (m *machine) ask(a Assign) {
	here := present(m.p.Company.Role(a.Role), m.at.In(m.p.Company.Calendar.Location()))
	switch len(here) {
	case 0:
		return
	case 1:
		m.give(a, here[0])
	default:
		m.s.Assigning = append(m.s.Assigning, a)
	}
}

// assigned takes the answer to an Assign.
func (m *machine) assigned() error {
	a := m.e.Assign
	if a == nil || len(m.s.Assigning) == 0 || m.s.Assigning[0] != *a {
		return conflict("nobody asked for that assignment")
	}
	m.s.Assigning = m.s.Assigning[1:]
	if m.e.Owner != "" {
		m.give(*a, m.e.Owner)
	}
	if a.For == "owner" {
		untold := m.s.Untold
		m.s.Untold = nil
		for _, u := range untold {
			m.tell(u)
		}
	}
	return nil
}

func (m *machine) give(a Assign, email string) {
	switch a.For {
	case "owner":
		m.own(email, a.Role, "turn")
	case "reassign":
		role := m.s.Role
		m.own(email, role, "escalation")
		m.s.Borrowed = true
	default: // task:<id>
		if t := m.task(a.For[len("task:"):]); t != nil {
			t.Assignee = email
			m.noteBy("system", "assigned", map[string]any{"to": email, "task": t.ID, "role": a.Role})
		}
	}
}

// own makes somebody the owner, with the tasks that follow the owner.
func (m *machine) own(email, role, why string) {
	from := m.s.Owner
	m.s.Owner, m.s.Role = email, role
	if why != "escalation" {
		m.remember(role, email)
	}
	for i := range m.tasks() {
		if t := &m.s.Tasks[i]; t.Follows && t.Status == TaskOpen {
			t.Assignee = email
		}
	}
	m.changed()
	if from == email {
		return
	}
	m.note("assigned", map[string]any{"to": email, "from": from, "role": role, "why": why})
}

// remember notes who of a role owns the deal, for when it comes back to the role.
func (m *machine) remember(role, email string) {
	if m.s.Owners[role] == email {
		return
	}
	owners := maps.Clone(m.s.Owners)
	if owners == nil {
		owners = map[string]string{}
	}
	owners[role] = email
	m.s.Owners = owners
}

// giveTo is a person handing the deal to somebody.
func (m *machine) giveTo(email string) error {
	member, role := m.p.Company.Member(email)
	if member == nil {
		return invalid("owner", "%s is not a member of the team", email)
	}
	if m.s.Owner == email {
		return nil
	}
	to := m.s.Role
	if st := m.stage(); to == "" && st != nil {
		to = name(st.Owner, role.ID)
	}
	if !isMember(m.p.Company.Role(to), email) {
		// Somebody of another role helps out until the stage is left.
		m.own(email, to, "escalation")
		m.s.Borrowed = true
		return nil
	}
	m.own(email, to, "hand")
	m.s.Borrowed = false
	return nil
}

// memberLeft reassigns what a removed member held.
func (m *machine) memberLeft() {
	if member, _ := m.p.Company.Member(m.s.Owner); m.s.Owner != "" && member == nil && !m.s.Closed() {
		if st := m.stage(); st != nil {
			left := m.s.Owner
			m.s.Owner = ""
			m.remember(m.s.Role, "")
			m.ask(Assign{Role: st.Owner, For: "owner"})
			m.tell(Untold{Key: "member_left/" + left, About: "member_left", Reason: left, To: "manager"})
		}
	}
	for i := range m.tasks() {
		t := &m.s.Tasks[i]
		if member, _ := m.p.Company.Member(t.Assignee); t.Assignee == "" || member != nil || t.Status != TaskOpen {
			continue
		}
		if d := m.taskDef(t); d != nil && !t.Follows {
			m.ask(Assign{Role: d.Assignee, For: "task:" + t.ID})
		} else {
			t.Follows, t.Assignee = true, m.s.Owner
		}
	}
}
