package definitions

import (
	"slices"
	"strings"
)

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
			k.order(index(at+".sequence.steps", i), i > 0 && k.shorter(step.After, s.Sequence.Steps[max(i-1, 0)].After), CodeSequenceOrder,
				"this letter goes out before the one above it: put the steps in the order of their times")
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
	k.timeout(at, s)
}

// timeout warns of a won stage that takes a losing ladder from the defaults.
func (k *checker) timeout(at string, s *Stage) {
	t := s.Timeout
	if t == nil {
		t = k.spec.Defaults.Timeout
	}
	if t == nil || t.None || s.Escalation != nil || !k.afterWon(s) {
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
		k.ladder(place+".escalation", t.Escalation, k.afterWon(s))
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

// move checks one way out of a stage.
func (k *checker) move(at string, s *Stage, m *Move) {
	k.known(at+".to", CodeUnknownStage, "stage", m.To, slices.Concat(k.stages, []string{endDone, endWon, endLost}))
	k.trigger(at+".on", s, m.On)
	switch {
	case m.To == endLost && m.Reason == "" && !k.src.has(at+".reason"):
		k.src.at(at, CodeMissingReason, "a deal is lost for a reason: add reason:%s", listed(k.reasons))
	case m.To == endLost:
		k.reason(at+".reason", m.Reason)
		if k.afterWon(s) {
			k.src.at(at+".to", CodeLoseAfterWon, "the deal is won by then and cannot be lost: move it to done")
		}
	case m.Reason != "" && m.To != "":
		k.src.atKey(at+".reason", CodeUselessKey, "a reason belongs to a move to lost")
	}
}

func listed(names []string) string {
	if len(names) == 0 {
		return " and list it under lost_reasons"
	}
	return " one of " + strings.Join(names, ", ")
}

// triggers are what a move may wait for; those with a colon go on with a name.
var triggers = []string{"reply", "tasks_done", "task:", "sequence_done", "field:", "document:", "timeout", "bounce", "unsubscribe", "signal:"}

// trigger checks what a move waits for, and warns where it can never happen.
func (k *checker) trigger(at string, s *Stage, on string) {
	if on == "" {
		return
	}
	kind, name, named := strings.Cut(on, ":")
	if named {
		kind += ":"
	}
	if !slices.Contains(triggers, kind) {
		if slices.Contains(triggers, on+":") {
			k.src.at(at, CodeUnknownTrigger, "%s needs a name: write %s:<id>", quote(on), on)
			return
		}
		k.src.at(at, CodeUnknownTrigger, "unknown trigger %s%s", quote(on), oneOf(on, triggers))
		return
	}
	never := ""
	switch kind {
	case "task:":
		k.known(at, CodeUnknownTask, "task", name, idsOf(s.Tasks, func(t Task) string { return t.ID }))
	case "field:":
		k.known(at, CodeUnknownField, "field", name, k.fields)
	case "document:":
		k.known(at, CodeUnknownDocument, "document", name, k.documents)
	case "tasks_done":
		if len(s.Tasks) == 0 {
			never = "the stage has no tasks"
		}
	case "sequence_done":
		if s.Sequence == nil || len(s.Sequence.Steps) == 0 {
			never = "the stage has no sequence"
		}
	case "timeout":
		if s.Timeout == nil && k.spec.Defaults.Timeout == nil || s.Timeout != nil && s.Timeout.None {
			never = "the stage has no timeout"
		}
	}
	if named && name == "" {
		k.src.at(at, CodeUnknownTrigger, "%s needs a name: write %s<id>", quote(on), on)
	}
	if never != "" {
		k.src.at(at, CodeDeadTrigger, "%s, so %s never happens", never, quote(on))
	}
}

func idsOf[T any](items []T, id func(T) string) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = id(item)
	}
	return ids
}

func (k *checker) order(at string, wrong bool, code Code, message string) {
	if wrong {
		k.src.at(at, code, "%s", message)
	}
}
