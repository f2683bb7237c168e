package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// Change is one difference between two versions of a process.
type Change struct {
	Stage string // the stage's id in the later version, or in the earlier where it is gone; empty: the process as a whole
	Kind  string // of the thing: stage, task, letter, gate, document, move, field, reason, criterion, ladder, quota, process, …
	Name  string // what people call the thing
	Attr  string // of the thing; empty: the thing itself came or went
	Was   string // empty: there was none
	Now   string // empty: there is none
}

// Added and Removed tell whether the thing itself came or went.
func (c Change) Added() bool { return c.Attr == "" && c.Was == "" }

// Removed tells whether the thing itself went.
func (c Change) Removed() bool { return c.Attr == "" && c.Now == "" }

// thing is a part of a process with what is said of it.
type thing struct {
	kind, id, name string
	attrs          []attr
}

type attr struct{ name, value string }

// Differences lists what is other in the later of two versions: the process as
// a whole first, then stage by stage in its order, and the stages that are gone
// at their places.
func Differences(was, now *definitions.Spec) []Change {
	all := compare("", numbered(wholes(was)), numbered(wholes(now)))
	for _, pair := range pairs(was, now) {
		before, after := pair[0], pair[1]
		switch {
		case before == nil:
			all = append(all, Change{Stage: after.ID, Kind: "stage", Name: nameOf(after.Name, after.ID), Now: nameOf(after.Name, after.ID)})
		case after == nil:
			all = append(all, Change{Stage: before.ID, Kind: "stage", Name: nameOf(before.Name, before.ID), Was: nameOf(before.Name, before.ID)})
		default:
			all = append(all, compare(after.ID, numbered(partsOf(was, before)), numbered(partsOf(now, after)))...)
		}
	}
	return all
}

// pairs puts the stages of two versions side by side; a renamed one knows by
// `was` which it is.
func pairs(was, now *definitions.Spec) [][2]*definitions.Stage {
	var list [][2]*definitions.Stage
	used := map[string]bool{}
	find := func(st *definitions.Stage) *definitions.Stage {
		for i := range was.Stages {
			if old := &was.Stages[i]; old.ID == st.ID {
				return old
			}
		}
		for i := range was.Stages {
			if old := &was.Stages[i]; slices.Contains(st.Was, old.ID) && !slices.ContainsFunc(now.Stages, func(s definitions.Stage) bool { return s.ID == old.ID }) {
				return old
			}
		}
		return nil
	}
	for i := range now.Stages {
		st := &now.Stages[i]
		old := find(st)
		if old != nil {
			used[old.ID] = true
		}
		list = append(list, [2]*definitions.Stage{old, st})
	}
	for i := range was.Stages {
		if old := &was.Stages[i]; !used[old.ID] {
			list = slices.Insert(list, min(i, len(list)), [2]*definitions.Stage{old, nil})
		}
	}
	return list
}

// numbered tells things of the same kind and id apart by their order.
func numbered(list []thing) []thing {
	seen := map[string]int{}
	for i := range list {
		t := &list[i]
		key := t.kind + "\n" + t.id
		if seen[key]++; seen[key] > 1 {
			t.id += " #" + strconv.Itoa(seen[key])
		}
	}
	return list
}

// compare lists what came, went and changed among the things of a place.
func compare(stage string, was, now []thing) []Change {
	var all []Change
	same := func(t thing) func(thing) bool {
		return func(o thing) bool { return o.kind == t.kind && o.id == t.id }
	}
	for _, t := range was {
		if !slices.ContainsFunc(now, same(t)) {
			all = append(all, Change{Stage: stage, Kind: t.kind, Name: t.name, Was: t.name})
		}
	}
	for _, t := range now {
		i := slices.IndexFunc(was, same(t))
		if i < 0 {
			all = append(all, Change{Stage: stage, Kind: t.kind, Name: t.name, Now: t.name})
			continue
		}
		for _, a := range union(was[i].attrs, t.attrs) {
			before, after := valueOf(was[i].attrs, a), valueOf(t.attrs, a)
			if before != after {
				all = append(all, Change{Stage: stage, Kind: t.kind, Name: was[i].name, Attr: a, Was: before, Now: after})
			}
		}
	}
	return all
}

func union(a, b []attr) []string {
	var names []string
	for _, x := range slices.Concat(b, a) {
		if !slices.Contains(names, x.name) {
			names = append(names, x.name)
		}
	}
	return names
}

func valueOf(list []attr, name string) string {
	for _, a := range list {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func nameOf(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

// wholes are the things of a process that are of no stage.
func wholes(s *definitions.Spec) []thing {
	list := []thing{{kind: "process", name: nameOf(s.Name, s.Process), attrs: []attr{
		{"name", s.Name},
		{"upgrade", s.Upgrade},
		{"amount", s.Amount},
		{"owner", s.Defaults.Owner},
		{"timeout", timeout(s.Defaults.Timeout)},
		{"escalation", ladder(s.Defaults.Escalation)},
		{"order", stageOrder(s)},
	}}}
	for i := range s.Fields {
		f := &s.Fields[i]
		list = append(list, thing{"field", f.ID, nameOf(f.Name, f.ID), []attr{
			{"name", f.Name}, {"type", f.Type}, {"options", strings.Join(f.Options, ", ")}, {"currency", f.Currency}, {"compute", expr(f.Compute)},
		}})
	}
	if q := s.Qualification; q != nil {
		list = append(list, thing{"qualification", "", nameOf(q.Method, "qualification"), []attr{{"method", q.Method}, {"combine", q.Combine}}})
		for i := range q.Criteria {
			c := &q.Criteria[i]
			list = append(list, thing{"criterion", c.ID, nameOf(c.Name, c.ID), []attr{
				{"name", c.Name}, {"when", expr(c.When)}, {"weight", number(c.Weight)}, {"score", expr(c.Score)},
			}})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Escalations)) {
		list = append(list, thing{"ladder", id, id, []attr{{"levels", levels(s.Escalations[id])}}})
	}
	for _, r := range s.LostReasons {
		list = append(list, thing{"reason", r.ID, nameOf(r.Name, r.ID), []attr{{"name", r.Name}}})
	}
	if r := s.Recycle; r != nil {
		list = append(list, thing{"recycle", "", "", []attr{
			{"reasons", strings.Join(r.Reasons, ", ")}, {"after", r.After.String()}, {"to", r.To}, {"max", strconv.Itoa(r.Max)},
		}})
	}
	for _, role := range slices.Sorted(maps.Keys(s.Quotas)) {
		for _, kind := range slices.Sorted(maps.Keys(s.Quotas[role])) {
			list = append(list, thing{"quota", role + "/" + kind, role + ": " + kind, []attr{{"per_week", strconv.Itoa(s.Quotas[role][kind])}}})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Letters)) {
		l := s.Letters[id]
		list = append(list, thing{"text", id, id, []attr{{"subject", l.Subject}, {"body", l.Body}, {"attach", strings.Join(l.Attach, ", ")}}})
	}
	for _, files := range []struct {
		kind string
		of   map[string]string
	}{{"playbook", s.Playbooks}, {"template", s.Templates}} {
		for _, path := range slices.Sorted(maps.Keys(files.of)) {
			list = append(list, thing{files.kind, path, path, []attr{{"body", files.of[path]}}})
		}
	}
	return list
}

// stageOrder is the order of the stages, by name.
func stageOrder(s *definitions.Spec) string {
	var names []string
	for i := range s.Stages {
		names = append(names, s.Stages[i].ID)
	}
	return strings.Join(names, " → ")
}

// partsOf are the things of a stage, itself among them.
func partsOf(s *definitions.Spec, st *definitions.Stage) []thing {
	itself := thing{kind: "stage", name: nameOf(st.Name, st.ID), attrs: []attr{
		{"id", st.ID},
		{"name", st.Name},
		{"goal", st.Goal},
		{"resources", strings.Join(st.Resources, "; ")},
		{"playbook", st.Playbook},
		{"owner", st.Owner},
		{"timeout", timeout(st.Timeout)},
		{"escalation", ladder(st.Escalation)},
		{"skip", expr(st.Skip)},
		{"won", flag(st.Won)},
	}}
	if st.Probability != nil {
		itself.attrs = append(itself.attrs, attr{"probability", number(*st.Probability) + "%"})
	}
	if st.Target != nil {
		itself.attrs = append(itself.attrs, attr{"target", st.Target.String()})
	}
	if st.Sequence != nil {
		itself.attrs = append(itself.attrs, attr{"stop_on", strings.Join(st.Sequence.StopOn, ", ")})
	}
	list := []thing{itself}
	for i := range st.Tasks {
		list = append(list, task(&st.Tasks[i]))
	}
	for _, d := range st.Documents {
		list = append(list, thing{"document", d.ID, nameOf(d.Name, d.ID), []attr{{"name", d.Name}, {"required", flag(d.Required)}, {"template", d.Template}}})
	}
	if st.Sequence != nil {
		for _, step := range st.Sequence.Steps {
			list = append(list, thing{"letter", step.Send, step.Send, []attr{
				{"after", step.After.String()}, {"when", expr(step.When)}, {"once", flag(step.Once)}, {"hours", step.Hours},
			}})
		}
	}
	// Letters, gates and moves have no ids: what they say is what they are.
	for _, gates := range []struct {
		kind string
		of   []definitions.Gate
	}{{"entry", st.Entry}, {"exit", st.Exit}} {
		for _, g := range gates.of {
			text := expr(g.Require)
			if len(g.Filled) > 0 {
				text = strings.Join(g.Filled, ", ")
			}
			list = append(list, thing{gates.kind, text, text, []attr{{"message", g.Message}}})
		}
	}
	for i := range st.Next {
		list = append(list, move(s, &st.Next[i]))
	}
	return list
}

func task(t *definitions.Task) thing {
	made := thing{"task", t.ID, nameOf(t.Name, t.ID), []attr{
		{"name", t.Name},
		{"kind", t.Kind},
		{"assignee", t.Assignee},
		{"required", flag(t.Required)},
		{"asks", strings.Join(t.Asks, ", ")},
		{"when", expr(t.When)},
		{"escalation", ladder(t.Escalation)},
	}}
	if t.Due != nil {
		made.attrs = append(made.attrs, attr{"due", t.Due.String()})
	}
	return made
}

func move(s *definitions.Spec, m *definitions.Move) thing {
	to := m.To
	for i := range s.Stages {
		if s.Stages[i].ID == to {
			to = nameOf(s.Stages[i].Name, to)
		}
	}
	made := thing{"move", m.To + " " + m.On, to, []attr{{"when", expr(m.When)}, {"reason", m.Reason}}}
	if m.On != "" {
		made.name += " (" + m.On + ")"
	}
	if m.After != nil {
		made.attrs = append(made.attrs, attr{"after", m.After.String()})
	}
	return made
}

func expr(e *definitions.Expr) string {
	if e == nil {
		return ""
	}
	return e.Source
}

func flag(on bool) string {
	if on {
		return "true"
	}
	return ""
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func timeout(t *definitions.Timeout) string {
	switch {
	case t == nil:
		return ""
	case t.None:
		return "none"
	case t.From == "entry":
		return t.After.String() + " (entry)"
	}
	return t.After.String()
}

func ladder(l *definitions.Ladder) string {
	switch {
	case l == nil:
		return ""
	case l.Name != "":
		return l.Name
	}
	return levels(l.Levels)
}

// levels writes a ladder in one line, rung by rung.
func levels(list []definitions.Level) string {
	var all []string
	for i := range list {
		l := &list[i]
		parts := []string{l.After.String()}
		for _, part := range []attr{{"notify", strings.Join(l.Notify, "+")}, {"reassign", l.Reassign}, {"lose", l.Lose}, {"when", expr(l.When)}} {
			if part.value != "" {
				parts = append(parts, part.name, part.value)
			}
		}
		if l.Repeat != nil {
			parts = append(parts, "repeat", l.Repeat.String())
		}
		all = append(all, strings.Join(parts, " "))
	}
	return strings.Join(all, "; ")
}
