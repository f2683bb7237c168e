package definitions

import "slices"

func (k *checker) checkDefaults() {
	d := k.spec.Defaults
	k.role("defaults.owner", d.Owner)
	k.ladder("defaults.escalation", d.Escalation, false)
}

func (k *checker) checkStage(at string, s *Stage) {
	k.role(at+".owner", s.Owner)
	if s.Owner == "" && k.spec.Defaults.Owner == "" && s.ID != "" && !k.anyRole {
		k.src.at(at, CodeMissingKey, "the stage %s has no owner: name a role here, or in defaults", quote(s.ID))
	}
	for i, old := range s.Was {
		if slices.Contains(k.stages, old) {
			k.src.at(index(at+".was", i), CodeConflict, "%s is a stage of this process still: was names ids that are gone", quote(old))
		}
	}
	k.gates(at+".entry", s.Entry)
	k.gates(at+".exit", s.Exit)
	k.tasks(at, s)
	seen := map[string]bool{}
	for i, d := range s.Documents {
		k.unique(index(at+".documents", i)+".id", "document", d.ID, seen)
	}
	if s.Sequence != nil {
		for i, step := range s.Sequence.Steps {
			if i > 0 && k.shorter(step.After, s.Sequence.Steps[i-1].After) {
				k.src.at(index(at+".sequence.steps", i), CodeSequenceOrder, "this letter goes out before the one above it: put the steps in the order of their times")
			}
		}
	}
	for i := range s.Next {
		k.move(index(at+".next", i), s, &s.Next[i])
	}
	k.shadowed(at, s)
	if s.Skip != nil && len(s.Next) > 0 && s.Next[0].To == endLost {
		k.src.at(at+".skip", CodeSkipToLost, "a stage that is passed over leads to the first of its next, and that is lost: put the way ahead first")
	}
	k.ladder(at+".escalation", s.Escalation, k.afterWon(s))
	k.inherited(at, s)
}

// inherited warns of a won stage that takes a losing ladder from the defaults.
func (k *checker) inherited(at string, s *Stage) {
	if !k.timesOut(s) || s.Escalation != nil || !k.afterWon(s) {
		return
	}
	if slices.ContainsFunc(k.levels(k.spec.Defaults.Escalation), func(l Level) bool { return l.Lose != "" }) {
		k.src.at(at, CodeLoseIgnored, "the ladder of the defaults would lose the deal, but it is won here: write timeout: none, or an escalation of its own")
	}
}

func (k *checker) gates(at string, gates []Gate) {
	for i, g := range gates {
		place := index(at, i)
		k.fieldIDs(place+".filled", g.Filled)
		if len(g.Filled) == 0 && g.Require == nil && !k.src.has(place+".filled") && !k.src.has(place+".require") {
			k.src.at(place, CodeMissingKey, "the requirement asks for nothing: write filled, or require with an expression")
		}
	}
}

func (k *checker) tasks(at string, s *Stage) {
	seen := map[string]bool{}
	for i, t := range s.Tasks {
		place := index(at+".tasks", i)
		k.unique(place+".id", "task", t.ID, seen)
		k.role(place+".assignee", t.Assignee, "owner")
		k.fieldIDs(place+".asks", t.Asks)
		for j, id := range t.Asks {
			if f := k.field(id); f != nil && f.Compute != nil {
				k.src.at(index(place+".asks", j), CodeComputedField, "the field %s is computed: nobody can be asked for it", quote(id))
			}
		}
		k.ladder(place+".escalation", t.Escalation, k.afterWon(s), "assignee")
		if t.Escalation != nil && t.Due == nil && !k.src.has(place+".due") {
			k.src.atKey(place+".escalation", CodeUselessKey, "the ladder counts from the due time of the task, and it has none: write due")
		}
	}
}

// unique checks an id and that it stands once in its list.
func (k *checker) unique(at, what, id string, seen map[string]bool) {
	if id == "" {
		return
	}
	k.src.checkID(at, what, id)
	if seen[id] {
		k.src.at(at, CodeDuplicateID, "there is a %s %s in this stage already: give one of them another id", what, quote(id))
	}
	seen[id] = true
}
