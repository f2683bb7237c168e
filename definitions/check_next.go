package definitions

import (
	"slices"
	"strings"
)

// move checks one way out of a stage.
func (k *checker) move(at string, s *Stage, m *Move) {
	if _, known := k.place[m.To]; !known {
		k.known(at+".to", CodeUnknownStage, "stage", m.To, slices.Concat(k.stages, []string{endDone, endWon, endLost}))
	}
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
	case m.To == endDone && !k.afterWon(s):
		k.src.at(at+".to", CodeDoneUnwon, "done closes a deal as it is, and one that leaves the stage %s is neither won nor lost: move it to won, or to lost with a reason", quote(s.ID))
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
	switch {
	case !named && slices.Contains(triggers, on+":"):
		k.src.at(at, CodeUnknownTrigger, "%s needs a name: write %s:<id>", quote(on), on)
		return
	case !slices.Contains(triggers, kind):
		k.src.at(at, CodeUnknownTrigger, "unknown trigger %s%s", quote(on), oneOf(on, triggers))
		return
	case named && name == "":
		k.src.at(at, CodeUnknownTrigger, "%s needs a name: write %s<id>", quote(on), on)
		return
	}
	never := ""
	switch kind {
	case "task:":
		k.known(at, CodeUnknownTask, "task", name, taskIDs(s.Tasks))
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
		if !k.timesOut(s) {
			never = "the stage has no timeout"
		}
	}
	if never != "" {
		k.src.at(at, CodeDeadTrigger, "%s, so %s never happens", never, quote(on))
	}
}

func taskIDs(tasks []Task) []string {
	ids := make([]string, len(tasks))
	for i, t := range tasks {
		ids[i] = t.ID
	}
	return ids
}

// shadowed reports moves that an earlier one of the stage always wins over.
func (k *checker) shadowed(at string, s *Stage) {
	for j := range s.Next {
		later := &s.Next[j]
		if later.On == "" && later.After == nil && later.When == nil {
			continue // a way for people
		}
		for i := range j {
			if k.wins(&s.Next[i], later) {
				k.src.at(index(at+".next", j), CodeShadowedNext, "the entry above, to %s, always wins over this one: give it a when, or remove this one", quote(s.Next[i].To))
				break
			}
		}
	}
}

// wins reports whether the earlier move is made whenever the later could be.
func (k *checker) wins(earlier, later *Move) bool {
	if earlier.When != nil && earlier.When.String() != later.When.String() {
		return false
	}
	if earlier.On == "" && earlier.After == nil {
		return earlier.When != nil
	}
	if later.On == "" && later.After == nil {
		return false
	}
	if later.On != "" && later.On != earlier.On {
		return false
	}
	return later.After == nil || (earlier.After != nil && !k.shorter(*later.After, *earlier.After))
}
