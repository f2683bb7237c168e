package definitions

import "slices"

// flow is where the process itself leads deals, by the places of its stages.
type flow struct {
	ways   [][]int      // from each stage to the stages that follow it
	won    int          // the first won stage, or -1
	open   map[int]bool // stages that a deal comes to while it is open
	closed map[int]bool // stages that a won deal comes to
}

// newFlow follows the moves of each stage, or goes on to the following stage
// where there are none. A stage whose only moves are to lost is left by hand as
// well, since nobody draws a stage to lose in.
func (k *checker) newFlow() *flow {
	f := &flow{won: slices.IndexFunc(k.spec.Stages, func(s Stage) bool { return s.Won })}
	for i, s := range k.spec.Stages {
		var ways []int
		onlyLost := true
		for _, m := range s.Next {
			onlyLost = onlyLost && m.To == endLost
			if to := k.target(m.To, f.won); to >= 0 {
				ways = append(ways, to)
			}
		}
		if onlyLost && i+1 < len(k.spec.Stages) {
			ways = append(ways, i+1)
		}
		f.ways = append(f.ways, ways)
	}
	if len(f.ways) == 0 {
		return f
	}
	starts := []int{0}
	if r := k.spec.Recycle; r != nil && r.To != "" {
		starts = append(starts, k.target(r.To, -1))
	}
	f.open = f.reach(starts, func(i int) bool { return !k.spec.Stages[i].Won })
	// People win a deal by hand, and it enters the first won stage then.
	won := []int{f.won}
	for i := range f.open {
		for _, to := range f.ways[i] {
			if k.spec.Stages[to].Won {
				won = append(won, to)
			}
		}
	}
	f.closed = f.reach(won, func(int) bool { return true })
	return f
}

// reach lists the stages that one comes to from those given, themselves
// included, by way of stages that pass.
func (f *flow) reach(from []int, pass func(int) bool) map[int]bool {
	seen := map[int]bool{}
	for len(from) > 0 {
		i := from[len(from)-1]
		from = from[:len(from)-1]
		if i >= 0 && !seen[i] && pass(i) {
			seen[i] = true
			from = append(from, f.ways[i]...)
		}
	}
	return seen
}

// leadingTo lists the stages from which one comes to those given.
func (f *flow) leadingTo(ends []int) map[int]bool {
	back := make([][]int, len(f.ways))
	for i, ways := range f.ways {
		for _, to := range ways {
			back[to] = append(back[to], i)
		}
	}
	return (&flow{ways: back}).reach(ends, func(int) bool { return true })
}

// target is the stage that a move leads to, or -1. A misspelt name stands for
// the closest one, so that one slip does not make half of the process
// unreachable.
func (k *checker) target(to string, won int) int {
	switch to {
	case endWon:
		return won
	case endDone, endLost:
		return -1
	}
	if _, known := k.place[to]; !known {
		to, _ = closest(to, k.stages)
	}
	if i, known := k.place[to]; known {
		return i
	}
	return -1
}

// afterWon reports whether every deal in the stage is won already: the stage is
// won, or only won deals come to it.
func (k *checker) afterWon(s *Stage) bool {
	if s.Won {
		return true
	}
	i, known := k.place[s.ID]
	return known && !k.flow.open[i] && k.flow.closed[i]
}

// checkFlow finds stages that no deal comes to, and those that none leaves.
func (k *checker) checkFlow() {
	if k.twins {
		return
	}
	var ends []int
	last := len(k.spec.Stages) - 1
	for i := range k.spec.Stages {
		if k.ends(i) || (i == last && len(k.flow.ways[i]) == 0) {
			ends = append(ends, i)
		}
	}
	ending := k.flow.leadingTo(ends)
	for i, s := range k.spec.Stages {
		at := index("stages", i)
		if s.ID == "" {
			continue
		}
		if !k.flow.open[i] && !k.flow.closed[i] {
			k.src.at(at+".id", CodeUnreachable, "no way leads to the stage %s: name it in the next of an earlier stage", quote(s.ID))
		}
		if !ending[i] {
			k.src.at(at+".id", CodeNoWayOut, "a deal never gets out of the stage %s: none of the ways from it leads to won, done or lost", quote(s.ID))
		}
		if i == last && len(k.flow.ways[i]) == 0 && !k.ends(i) && !k.src.isBroken(at+".won") && !k.src.isBroken(at+".next") {
			k.src.at(at+".id", CodeEndsByHand, "the last stage %s names no end, so people must win or lose each deal by hand: add a next to won, done or lost, or won: true", quote(s.ID))
		}
	}
}

// ends reports whether a deal can end in the stage: by a move, by a ladder, or
// because it is won there and has nowhere else to go.
func (k *checker) ends(i int) bool {
	s := &k.spec.Stages[i]
	for _, m := range s.Next {
		if m.To == endDone || m.To == endLost || (m.To == endWon && k.flow.won < 0) {
			return true
		}
	}
	if s.Won {
		return len(k.flow.ways[i]) == 0
	}
	var levels []Level
	if k.timesOut(s) {
		levels = append(levels, k.levels(k.ladderOf(s))...)
	}
	for _, t := range s.Tasks {
		levels = append(levels, k.levels(t.Escalation)...)
	}
	return slices.ContainsFunc(levels, func(l Level) bool { return l.Lose != "" })
}

// timesOut reports whether the stage has a timeout, of its own or by default.
func (k *checker) timesOut(s *Stage) bool {
	t := s.Timeout
	if t == nil {
		t = k.spec.Defaults.Timeout
	}
	return t != nil && !t.None
}

// ladderOf is the ladder that a stalled deal climbs in the stage.
func (k *checker) ladderOf(s *Stage) *Ladder {
	if s.Escalation != nil {
		return s.Escalation
	}
	return k.spec.Defaults.Escalation
}
