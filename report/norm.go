package report

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// Norm is a quota for the week that the best people of a role propose.
type Norm struct {
	Role     string  `json:"role"`
	RoleName string  `json:"role_name" doc:"What people call the role; its id unless the company says."`
	Kind     string  `json:"kind" doc:"call, email, meeting, document or todo"`
	Quota    int     `json:"quota" doc:"The week's as it is; 0 without any."`
	Proposal int     `json:"proposal" doc:"What the best did per week, rounded, and at least 1."`
	PerWeek  float64 `json:"per_week" doc:"What the best did per week, on average."`
	Best     int     `json:"best" doc:"How many the best are: the quarter of the people that did most, rounded up."`
	People   int     `json:"people" doc:"How many people of the role did any."`
}

// Norms are the proposals of a process, and what they are made of.
type Norms struct {
	Over  Span
	Items []Norm
}

// longest is how many whole weeks the proposals look back: a quarter.
const longest = 13

// kindsByDefault are what roles are measured by in a process without quotas;
// what is merely to be done is no step of a sale.
var kindsByDefault = []string{"call", "meeting", "email", "document"}

// NormsOf proposes quotas from what the best quarter of each role's people has
// done, in the deals of the process, in the whole weeks before this one: as many
// as there has been work in, up to 13. The article of 004 asks for it: norms for
// the intermediate steps are set from the statistics of the best reps.
func NormsOf(ctx context.Context, s *store.Store, c *definitions.Company, p *definitions.Process, now time.Time) (Norms, error) {
	monday := WeekOf(now).From
	norms := Norms{Over: Span{monday.AddDate(0, 0, -7*longest), monday}, Items: []Norm{}}
	r := store.Report{Company: c.ID}
	if len(c.Processes) > 1 {
		r.Process = p.Process
	}
	people, _ := quotaed(c)
	work, err := s.Work(ctx, norms.Over.Of(r), people, definitions.TaskKinds)
	if err != nil || len(work) == 0 {
		return norms, err
	}
	first := slices.MinFunc(work, func(a, b store.Work) int { return a.First.Compare(b.First) }).First
	norms.Over.From = WeekOf(first.In(now.Location())).From
	for _, role := range c.Roles {
		kinds := slices.Sorted(maps.Keys(p.Quotas[role.ID]))
		if len(p.Quotas) == 0 {
			kinds = kindsByDefault
		}
		for _, kind := range kinds {
			if n, ok := normOf(role, kind, work, norms.Over.Weeks()); ok {
				n.Quota = p.Quotas[role.ID][kind]
				norms.Items = append(norms.Items, n)
			}
		}
	}
	return norms, nil
}

// normOf is what the best quarter of a role's people did of a kind per week.
func normOf(role *definitions.Role, kind string, work []store.Work, weeks float64) (Norm, bool) {
	var done []int
	for _, m := range role.Members {
		for _, w := range work {
			if w.Person == m.Email && w.Kind == kind && w.Done > 0 {
				done = append(done, w.Done)
			}
		}
	}
	n := Norm{Role: role.ID, RoleName: role.Title(), Kind: kind, People: len(done), Best: (len(done) + 3) / 4}
	if n.People == 0 {
		return n, false
	}
	slices.SortFunc(done, func(a, b int) int { return cmp.Compare(b, a) })
	sum := 0
	for _, d := range done[:n.Best] {
		sum += d
	}
	n.PerWeek = float64(sum) / float64(n.Best) / weeks
	n.Proposal = max(1, int(math.Round(n.PerWeek)))
	n.PerWeek = math.Round(n.PerWeek*100) / 100
	return n, true
}

// Patch is the quotas of the process with the proposals in them, as they stand
// in its file.
func (n Norms) Patch(p *definitions.Process) string {
	quotas := map[string]map[string]int{}
	for role, kinds := range p.Quotas {
		quotas[role] = maps.Clone(kinds)
	}
	for _, norm := range n.Items {
		if quotas[norm.Role] == nil {
			quotas[norm.Role] = map[string]int{}
		}
		quotas[norm.Role][norm.Kind] = norm.Proposal
	}
	roles := yaml.Node{Kind: yaml.MappingNode}
	for _, role := range slices.Sorted(maps.Keys(quotas)) {
		var name, kinds yaml.Node
		name.SetString(role)
		if kinds.Encode(quotas[role]) == nil { // numbers by words: there is nothing that cannot be written
			kinds.Style = yaml.FlowStyle
			roles.Content = append(roles.Content, &name, &kinds)
		}
	}
	text, err := yaml.Marshal(map[string]*yaml.Node{"quotas": &roles})
	if err != nil {
		return ""
	}
	return string(text)
}
