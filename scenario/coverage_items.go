package scenario

import (
	"fmt"

	"github.com/dealwright/dealwright/definitions"
)

func stageKey(stage string) string        { return KindStage + "/" + stage }
func moveKey(stage string, i int) string  { return fmt.Sprintf("%s/%s/%d", KindTransition, stage, i) }
func letterKey(stage, step string) string { return KindLetter + "/" + stage + "/" + step }

// levelKey names a level of a ladder. A ladder with a name is one, in however
// many stages it is used.
func levelKey(l *definitions.Ladder, stage, task string, level int) string {
	if l.Name != "" {
		return fmt.Sprintf("%s/%s/%d", KindLevel, l.Name, level)
	}
	return fmt.Sprintf("%s/%s/%s/%d", KindLevel, stage, task, level)
}

// items lists everything of a process that scenarios should cover.
func items(p *definitions.Process) []Item {
	var all []Item
	seen := map[string]bool{}
	add := func(key string, item Item) {
		if !seen[key] {
			seen[key] = true
			item.key = key
			all = append(all, item)
		}
	}
	for i := range p.Stages {
		st := &p.Stages[i]
		add(stageKey(st.ID), Item{Kind: KindStage, Name: st.ID, Assert: "stage: " + st.ID})
	}
	for i := range p.Stages {
		stageMoves(p, i, add)
	}
	for i := range p.Stages {
		st := &p.Stages[i]
		if st.Sequence == nil {
			continue
		}
		for _, step := range st.Sequence.Steps {
			add(letterKey(st.ID, step.ID), Item{Kind: KindLetter, Name: step.ID + " in " + st.ID, Assert: "sent: [" + step.Send + "]"})
		}
	}
	for i := range p.Stages {
		stageLevels(&p.Stages[i], add)
	}
	if p.Recycle != nil {
		add(KindRecycle, Item{Kind: KindRecycle, Name: "to " + p.Recycle.To, Assert: "visit: 2"})
	}
	return all
}

func stageMoves(p *definitions.Process, at int, add func(string, Item)) {
	st := &p.Stages[at]
	for i, mv := range st.Next {
		name := st.ID + " → " + mv.To
		switch {
		case mv.On != "":
			name += " on " + mv.On
		case mv.After != nil:
			name += " after " + mv.After.String()
		}
		if mv.When != nil {
			name += " when " + mv.When.Source
		}
		add(moveKey(st.ID, i), Item{Kind: KindTransition, Name: name, Assert: assertion(mv.To)})
	}
	if len(st.Next) == 0 && at+1 < len(p.Stages) {
		next := p.Stages[at+1].ID
		add(moveKey(st.ID, -1), Item{Kind: KindTransition, Name: st.ID + " → " + next + " by hand", Assert: assertion(next)})
	}
}

// assertion is how an expectation says that a move was made.
func assertion(to string) string {
	switch to {
	case "won", "lost":
		return "status: " + to
	case "done":
		return "closed: true"
	}
	return "stage: " + to
}

func stageLevels(st *definitions.Stage, add func(string, Item)) {
	ladder := func(l *definitions.Ladder, task string) {
		if l == nil {
			return
		}
		for i, level := range l.Levels {
			name, assert := fmt.Sprintf("level %d of the ladder of %s", i+1, st.ID), "notified: […]"
			switch {
			case l.Name != "":
				name = fmt.Sprintf("level %d of %s", i+1, l.Name)
			case task != "":
				name = fmt.Sprintf("level %d of task %s", i+1, task)
			}
			if level.Lose != "" {
				assert = "status: lost"
			}
			add(levelKey(l, st.ID, task, i+1), Item{Kind: KindLevel, Name: name, Assert: assert})
		}
	}
	if st.Timeout != nil && !st.Timeout.None {
		ladder(st.Escalation, "")
	}
	for i := range st.Tasks {
		ladder(st.Tasks[i].Escalation, st.Tasks[i].ID)
	}
}
