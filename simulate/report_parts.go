package simulate

import (
	"cmp"
	"slices"
)

// people fills in the load of everybody who did anything.
func (r *Report) people(m *model, tallies []*tally) {
	weeks := m.end.Sub(m.start).Hours() / week.Hours()
	for i, p := range tallies[0].people {
		person := PersonReport{Email: p.email, Name: p.name, Role: p.role, RoleName: m.p.Company.RoleTitle(p.role), TasksPerWeek: map[string]float64{}, Quota: m.p.Quotas[p.role]}
		var hours []float64
		spent, open := 0.0, 0.0
		kinds := map[string]int{}
		for _, t := range tallies {
			same := t.people[i]
			busy := same.spent.Hours()
			hours = append(hours, busy*m.capacity/weeks)
			spent, open = spent+busy, open+t.hours
			for kind, n := range same.done {
				kinds[kind] += n
			}
		}
		for kind, n := range kinds {
			person.TasksPerWeek[kind] = round(float64(n)/float64(len(tallies))/weeks, 1)
		}
		person.HoursPerWeek = spreadOf(hours)
		if open > 0 {
			person.Utilisation = round(100*spent/open, 1)
		}
		r.People = append(r.People, person)
	}
}

// mostNamed bounds how many tasks and blocks a stuck place names.
const mostNamed = 3

// stuck finds the stages where most deals stall or stay past their target.
func (r *Report) stuck(m *model, tallies []*tally) {
	r.Stuck = []StuckReport{}
	for i, s := range r.Stages {
		if s.Entered == 0 {
			continue
		}
		place := StuckReport{Stage: s.ID, Name: s.Name, Stalled: round(100*s.Stalled/s.Entered, 1)}
		if s.OverTarget != nil {
			place.OverTarget = *s.OverTarget
		}
		place.Overdue = countsOf(tallies, func(t *tally) map[string]int { return t.stages[i].overdue }, nil)
		place.Blocked = countsOf(tallies, func(t *tally) map[string]int { return t.stages[i].blocked }, nil)
		place.Overdue = place.Overdue[:min(mostNamed, len(place.Overdue))]
		place.Blocked = place.Blocked[:min(mostNamed, len(place.Blocked))]
		if place.Stalled > 0 || place.OverTarget > 0 {
			r.Stuck = append(r.Stuck, place)
		}
	}
	slices.SortStableFunc(r.Stuck, func(a, b StuckReport) int {
		return cmp.Compare(b.Stalled+b.OverTarget, a.Stalled+a.OverTarget)
	})
}

// figures are those of one run.
func figures(m *model, t *tally) RunFigures {
	f := RunFigures{
		Leads: t.leads, Won: t.won, Amount: t.amount, Lost: t.lost, Missed: t.missed(), Open: t.open, WinRate: round(share(t.won, t.won+t.lost), 2),
		Cycle: spreadOf(t.cycles).P50, Conversion: map[string]float64{}, StageDays: map[string]float64{},
	}
	for _, n := range t.letters {
		f.Letters += n
	}
	for _, n := range t.levels {
		f.Escalations += n
	}
	for _, p := range t.people {
		f.Hours += p.spent.Hours() * m.capacity
	}
	f.Hours = round(f.Hours/(m.end.Sub(m.start).Hours()/week.Hours()), 2)
	for i := range m.p.Stages {
		id, s := m.p.Stages[i].ID, &t.stages[i]
		f.Conversion[id] = round(share(s.passed, s.entered), 2)
		f.StageDays[id] = spreadOf(s.days).P50
	}
	return f
}
