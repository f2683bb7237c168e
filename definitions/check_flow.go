package definitions

import "slices"

// ways lists where the process itself leads a deal from a stage: its moves, or
// the following stage where there are none. A stage whose only moves are to
// lost is left by hand as well, since nobody draws a stage to lose in.
func (k *checker) ways(i int) []string {
	var to []string
	onlyLost := true
	for _, m := range k.spec.Stages[i].Next {
		to = append(to, k.meant(m.To))
		onlyLost = onlyLost && m.To == endLost
	}
	if onlyLost && i+1 < len(k.spec.Stages) {
		to = append(to, k.spec.Stages[i+1].ID)
	}
	return to
}

// reach lists the stages that a deal comes to from those given, themselves
// included.
func (k *checker) reach(from ...int) map[int]bool {
	seen := map[int]bool{}
	for len(from) > 0 {
		i := from[len(from)-1]
		from = from[:len(from)-1]
		if i < 0 || seen[i] {
			continue
		}
		seen[i] = true
		for _, to := range k.ways(i) {
			if to == endWon {
				from = append(from, k.firstWon())
			}
			from = append(from, k.stageIndex(to))
		}
	}
	return seen
}

// meant is the stage that a misspelt name stands for, so that one slip does not
// make half of the process unreachable.
func (k *checker) meant(to string) string {
	if to == endDone || to == endWon || to == endLost || k.stageIndex(to) >= 0 {
		return to
	}
	if stage, ok := closest(to, k.stages); ok {
		return stage
	}
	return to
}

func (k *checker) stageIndex(id string) int {
	return slices.IndexFunc(k.spec.Stages, func(s Stage) bool { return s.ID == id })
}

func (k *checker) firstWon() int {
	return slices.IndexFunc(k.spec.Stages, func(s Stage) bool { return s.Won })
}

// afterWon reports whether a deal in the stage is won already: the stage is
// won, or comes later in the file and only won stages lead to it.
func (k *checker) afterWon(s *Stage) bool {
	if s.Won {
		return true
	}
	at, first := k.stageIndex(s.ID), k.firstWon()
	if first < 0 || at < first {
		return false
	}
	if k.beforeWon == nil {
		k.beforeWon = k.reachUnwon()
	}
	return !k.beforeWon[at] && k.reach(first)[at]
}

// reachUnwon lists the stages that an open deal can come to.
func (k *checker) reachUnwon() map[int]bool {
	seen, from := map[int]bool{}, k.starts()
	for len(from) > 0 {
		i := from[len(from)-1]
		from = from[:len(from)-1]
		if i < 0 || seen[i] || k.spec.Stages[i].Won {
			continue
		}
		seen[i] = true
		for _, to := range k.ways(i) {
			from = append(from, k.stageIndex(to))
		}
	}
	return seen
}

// starts are the stages that deals begin in or come back to.
func (k *checker) starts() []int {
	from := []int{0}
	if r := k.spec.Recycle; r != nil && r.To != "" {
		from = append(from, k.stageIndex(r.To))
	}
	return from
}

// checkFlow finds stages that no deal comes to, and those that none leaves.
func (k *checker) checkFlow() {
	if len(k.spec.Stages) == 0 || k.twins {
		return
	}
	reached := k.reach(k.starts()...)
	if first := k.firstWon(); first >= 0 && !reached[first] {
		// People win a deal by hand, and it enters the first won stage then.
		for i := range k.reach(first) {
			reached[i] = true
		}
	}
	for i, s := range k.spec.Stages {
		at := index("stages", i)
		if !reached[i] && s.ID != "" {
			k.src.at(at+".id", CodeUnreachable, "no way leads to the stage %s: name it in the next of an earlier stage", quote(s.ID))
		}
		if s.ID != "" {
			k.wayOut(at, i)
		}
	}
}

// wayOut reports a stage from which a deal never comes to an end.
func (k *checker) wayOut(at string, i int) {
	last := len(k.spec.Stages) - 1
	if k.ends(i) {
		return
	}
	for j := range k.reach(i) {
		if k.ends(j) || (j == last && len(k.ways(j)) == 0) {
			if i == last && len(k.ways(i)) == 0 && !k.src.isBroken(at+".won") && !k.src.isBroken(at+".next") {
				k.src.at(at+".id", CodeEndsByHand, "the last stage %s names no end, so people must win or lose each deal by hand: add a next to won, done or lost, or won: true", quote(k.spec.Stages[i].ID))
			}
			return
		}
	}
	k.src.at(at+".id", CodeNoWayOut, "a deal never gets out of the stage %s: none of the ways from it leads to won, done or lost", quote(k.spec.Stages[i].ID))
}

// ends reports whether a deal can end in the stage: by a move, by a ladder, or
// because it is won there and has nowhere else to go.
func (k *checker) ends(i int) bool {
	s := &k.spec.Stages[i]
	for _, m := range s.Next {
		if m.To == endDone || m.To == endLost || (m.To == endWon && k.firstWon() < 0) {
			return true
		}
	}
	if s.Won {
		return len(k.ways(i)) == 0
	}
	ladder := s.Escalation
	if ladder == nil {
		ladder = k.spec.Defaults.Escalation
	}
	timeout := s.Timeout
	if timeout == nil {
		timeout = k.spec.Defaults.Timeout
	}
	levels := slices.Clone(k.levels(ladder))
	if timeout == nil || timeout.None {
		levels = nil
	}
	for _, t := range s.Tasks {
		levels = append(levels, k.levels(t.Escalation)...)
	}
	return slices.ContainsFunc(levels, func(l Level) bool { return l.Lose != "" })
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
