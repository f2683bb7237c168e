package web

import (
	"strings"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/plan"
	"github.com/dealwright/dealwright/store"
)

// comparison is what is other in one version of a process than in another.
type comparison struct {
	From, To []option
	Groups   []changeGroup
	Broken   bool // one of them cannot be read
}

// changeGroup is what changed in a stage, or in the process as a whole.
type changeGroup struct {
	Name  string
	Lines []changeLine
}

type changeLine struct {
	Sign     string // added, removed, changed
	What     string
	Attr     string
	Was, Now string
	Text     []plan.Line // of a text of several lines
}

// compared lays the chosen versions side by side: the two latest unless others
// are chosen. Versions are the latest first.
func compared(q *request, versions []store.VersionRow) (*comparison, error) {
	if len(versions) < 2 {
		return nil, nil
	}
	from, to := versions[1], versions[0]
	for _, v := range versions {
		if v.Hash == q.FormValue("from") {
			from = v
		}
		if v.Hash == q.FormValue("to") {
			to = v
		}
	}
	c := &comparison{}
	for _, v := range versions {
		name := short(v.Hash) + " · " + q.viewer.Moment(v.FirstLive)
		c.From = append(c.From, option{v.Hash, name, v.Hash == from.Hash})
		c.To = append(c.To, option{v.Hash, name, v.Hash == to.Hash})
	}
	was, err := definitions.ParseSpec(from.Spec)
	if err == nil {
		var now *definitions.Spec
		if now, err = definitions.ParseSpec(to.Spec); err == nil {
			c.Groups = q.viewer.changes(q.company, was, now)
		}
	}
	c.Broken = err != nil // written by a newer program
	return c, nil
}

// changes words the differences of two versions, stage by stage. Roles have the
// names that the company gives them now: no version of a process holds any.
func (v viewer) changes(company *definitions.Company, was, now *definitions.Spec) []changeGroup {
	var groups []changeGroup
	for _, c := range plan.Differences(was, now) {
		if n := len(groups); n == 0 || groups[n-1].Name != v.place(c.Stage, was, now) {
			groups = append(groups, changeGroup{Name: v.place(c.Stage, was, now)})
		}
		g := &groups[len(groups)-1]
		g.Lines = append(g.Lines, v.change(company, c))
	}
	return groups
}

// place is what the stage of a change is called.
func (v viewer) place(id string, was, now *definitions.Spec) string {
	if id == "" {
		return v.T("diff.whole")
	}
	for _, s := range []*definitions.Spec{now, was} {
		for i := range s.Stages {
			if st := &s.Stages[i]; st.ID == id && st.Name != "" {
				return st.Name
			} else if st.ID == id {
				return id
			}
		}
	}
	return id
}

func (v viewer) change(company *definitions.Company, c plan.Change) changeLine {
	name := readable(c.Name)
	switch c.Kind {
	case "move":
		to, on, _ := strings.Cut(name, " (")
		name = strings.TrimSpace(v.Or("end."+to, to) + " " + strings.TrimSuffix(on, ")"))
	case "quota":
		role, kind, _ := strings.Cut(name, ": ")
		name = readable(company.RoleTitle(role)) + " · " + v.Or("kinds."+kind, kind)
	}
	l := changeLine{Sign: "changed", What: v.T("diff.kind."+c.Kind, name)}
	switch {
	case c.Added():
		l.Sign = "added"
		return l
	case c.Removed():
		l.Sign = "removed"
		return l
	}
	l.Attr = v.Or("diff.attr."+c.Attr, c.Attr)
	if strings.Contains(c.Was+c.Now, "\n") {
		l.Text = fewer(plan.Lines(readable(c.Was), readable(c.Now)))
		return l
	}
	l.Was, l.Now = v.changed(company, c.Attr, c.Was), v.changed(company, c.Attr, c.Now)
	return l
}

// changed is a value of a process in the viewer's words.
func (v viewer) changed(company *definitions.Company, attr, value string) string {
	switch {
	case value == "" && (attr == "required" || attr == "once" || attr == "won"):
		return v.T("bool.false")
	case value == "":
		return "—"
	case value == "true":
		return v.T("bool.true")
	case attr == "kind":
		return v.Or("kind."+value, value)
	case (attr == "owner" || attr == "assignee") && value != "owner":
		return readable(company.RoleTitle(value))
	}
	if text := v.duration(value); text != value {
		return strings.ReplaceAll(text, " ", nbsp)
	}
	return v.Or("diff.value."+value, readable(value))
}

// around is how many lines that did not change are shown beside those that did.
const around = 2

// fewer leaves out what did not change and is far from what did; where lines
// are left out, an empty operation stands.
func fewer(lines []plan.Line) []plan.Line {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op == ' ' {
			continue
		}
		for j := max(0, i-around); j <= min(len(lines)-1, i+around); j++ {
			near[j] = true
		}
	}
	var all []plan.Line
	for i, l := range lines {
		switch {
		case near[i]:
			all = append(all, l)
		case len(all) > 0 && all[len(all)-1].Op != 0:
			all = append(all, plan.Line{})
		}
	}
	if n := len(all); n > 0 && all[n-1].Op == 0 {
		all = all[:n-1]
	}
	return all
}
