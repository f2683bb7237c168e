package definitions

import (
	"maps"
	"slices"
	"time"

	"github.com/dealwright/dealwright/calendar"
)

// ladder checks the escalation of a stage or a task. A named ladder is checked
// where it is declared, but for what depends on the place that uses it. Others
// are whom it may tell besides owner and the roles.
func (k *checker) ladder(at string, l *Ladder, won bool, others ...string) {
	if l == nil {
		return
	}
	if l.Name != "" {
		if !k.known(at, CodeUnknownLadder, "ladder", l.Name, k.ladders) {
			meant, _ := closest(l.Name, k.ladders)
			k.usedLadders[meant] = true
		} else {
			k.usedLadders[l.Name] = true
			if won && slices.ContainsFunc(k.spec.Escalations[l.Name], func(l Level) bool { return l.Lose != "" }) {
				k.src.at(at, CodeLoseAfterWon, "the ladder %s loses the deal, but it is won by then: take another ladder", quote(l.Name))
			}
		}
		return
	}
	k.checkLevels(at, l.Levels, others...)
	for i, level := range l.Levels {
		if won && level.Lose != "" {
			k.src.atKey(index(at, i)+".lose", CodeLoseAfterWon, "the deal is won by then and cannot be lost: remove lose")
		}
	}
}

// namedLadders checks the ladders under escalations.
func (k *checker) namedLadders() {
	for _, name := range slices.Sorted(maps.Keys(k.spec.Escalations)) {
		k.src.checkID("escalations."+name, "ladder", name)
		k.checkLevels("escalations."+name, k.spec.Escalations[name])
	}
}

func (k *checker) checkLevels(at string, levels []Level, others ...string) {
	for i, level := range levels {
		place := index(at, i)
		for j, who := range level.Notify {
			k.role(index(place+".notify", j), who, append([]string{"owner"}, others...)...)
		}
		k.role(place+".reassign", level.Reassign)
		if level.Lose != "" {
			k.reason(place+".lose", level.Lose)
		}
		if len(level.Notify) == 0 && level.Reassign == "" && level.Lose == "" && !k.src.has(place+".notify") && !k.src.has(place+".lose") && !k.src.has(place+".reassign") {
			k.src.at(place, CodeMissingKey, "the level does nothing: write notify, reassign or lose")
		}
		if level.Repeat != nil && level.Repeat.IsZero() {
			k.src.at(place+".repeat", CodeDuration, "a level cannot repeat without a pause: write a duration such as 1 business day")
		}
		if i > 0 && k.shorter(level.After, levels[i-1].After) {
			k.src.at(place+".after", CodeLadderOrder, "this level comes before the one above it, which waits %s: put the levels in the order of their times", levels[i-1].After)
		}
		if level.Lose != "" && i < len(levels)-1 && level.When == nil {
			k.src.at(index(at, i+1), CodeLadderOrder, "nothing comes after a level that loses the deal")
		}
	}
}

// levels are those of a ladder, wherever they are written.
func (k *checker) levels(l *Ladder) []Level {
	switch {
	case l == nil:
		return nil
	case l.Name != "":
		return k.spec.Escalations[l.Name]
	}
	return l.Levels
}

// shorter reports whether a is over before b from whatever moment both are
// counted. It is tried from a week of moments, since business time and the
// clock pass differently on each.
func (k *checker) shorter(a, b calendar.Duration) bool {
	c := k.company.Calendar
	start := time.Date(2026, time.March, 2, 0, 30, 0, 0, c.Location())
	for i := range 14 {
		from := start.Add(time.Duration(i) * 13 * time.Hour)
		if !c.Add(from, a).Before(c.Add(from, b)) {
			return false
		}
	}
	return true
}
