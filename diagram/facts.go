package diagram

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// factsOf lists what a card says of its stage.
func (g *graph) factsOf(st *definitions.Stage) []string {
	w := g.words
	var facts []string
	first := ""
	if st.Owner != "" {
		first = w.say("Отвечает: ", "Owner: ") + g.process.Company.RoleTitle(st.Owner)
	}
	if st.Probability != nil {
		percent := strconv.FormatFloat(*st.Probability, 'f', -1, 64)
		first = join(" · ", first, w.say("вероятность %s %%", "probability %s%%", percent))
	}
	facts = append(facts, first)
	if st.Target != nil {
		facts = append(facts, w.say("Цель: ", "Target: ")+w.duration(*st.Target))
	}
	timeout := w.timeout(st.Timeout)
	if st.Timeout != nil && !st.Timeout.None && st.Escalation != nil && len(st.Escalation.Levels) > 0 {
		timeout += " → " + ladderName(w, st)
	}
	facts = append(facts, timeout, g.countsOf(st))
	if st.Skip != nil {
		facts = append(facts, w.say("Пропускается, если %s", "Skipped if %s", st.Skip.Source))
	}
	return slices.DeleteFunc(facts, func(f string) bool { return f == "" })
}

// countsOf says how much of what a stage has.
func (g *graph) countsOf(st *definitions.Stage) string {
	letters := 0
	if st.Sequence != nil {
		letters = len(st.Sequence.Steps)
	}
	var counts []string
	count := func(russian, english string, n int) {
		if n > 0 {
			counts = append(counts, g.words.say(russian, english)+": "+strconv.Itoa(n))
		}
	}
	count("задачи", "tasks", len(st.Tasks))
	count("письма", "letters", letters)
	count("документы", "documents", len(st.Documents))
	count("условия выхода", "exit gates", len(st.Exit))
	return strings.Join(counts, " · ")
}

func ladderName(w words, st *definitions.Stage) string {
	if st.Escalation.Name != "" {
		return w.say("лестница «%s»", "ladder “%s”", st.Escalation.Name)
	}
	return w.say("лестница этапа", "the stage's ladder")
}

// laddersOf lists the ladders that stages and tasks use.
func (g *graph) laddersOf() []ladder {
	var all []ladder
	p := g.process
	used := map[string]bool{}
	var own, tasks []ladder
	for i := range p.Stages {
		st := &p.Stages[i]
		name := or(st.Name, st.ID)
		if l := st.Escalation; l != nil && len(l.Levels) > 0 && st.Timeout != nil && !st.Timeout.None {
			if l.Name != "" {
				used[l.Name] = true
			} else {
				own = append(own, ladder{g.words.say("Лестница этапа «%s»", "Ladder of stage “%s”", name), g.rungs(l.Levels)})
			}
		}
		for _, t := range st.Tasks {
			if t.Escalation == nil || len(t.Escalation.Levels) == 0 {
				continue
			}
			title := g.words.say("Задача «%s» просрочена", "Task “%s” is overdue", or(t.Name, t.ID))
			if t.Escalation.Name != "" {
				used[t.Escalation.Name] = true
				tasks = append(tasks, ladder{title, []rung{{what: g.words.say("лестница «%s»", "ladder “%s”", t.Escalation.Name)}}})
				continue
			}
			tasks = append(tasks, ladder{title, g.rungs(t.Escalation.Levels)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		all = append(all, ladder{g.words.say("Лестница «%s»", "Ladder “%s”", name), g.rungs(p.Escalations[name])})
	}
	return slices.Concat(all, own, tasks)
}

func (g *graph) rungs(levels []definitions.Level) []rung {
	w := g.words
	rungs := make([]rung, len(levels))
	for i, l := range levels {
		when := w.say("сразу", "at once")
		if !l.After.IsZero() {
			when = w.say("через ", "after ") + w.after(l.After)
		}
		var does []string
		if len(l.Notify) > 0 {
			told := make([]string, len(l.Notify))
			for i, who := range l.Notify {
				told[i] = w.told(g.process, who)
			}
			does = append(does, w.say("сообщить: ", "tell ")+strings.Join(told, ", "))
		}
		if l.Repeat != nil {
			does = append(does, w.say("повторять через ", "again after ")+w.after(*l.Repeat))
		}
		if l.Reassign != "" {
			does = append(does, w.say("передать: ", "reassign to ")+g.process.Company.RoleTitle(l.Reassign))
		}
		if l.Lose != "" {
			does = append(does, w.say("потерять: ", "lose: ")+g.reason(l.Lose))
		}
		if l.When != nil {
			does = append(does, w.say("если ", "if ")+l.When.Source)
		}
		rungs[i] = rung{when, strings.Join(does, "; ")}
	}
	return rungs
}

// join puts the parts that say something together.
func join(between string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), between)
}
