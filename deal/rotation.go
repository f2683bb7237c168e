package deal

import (
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Pick chooses the member whose turn it is. Turn counts the role's assignments
// so far; load is how many open deals each member has, by address. A member
// who is away is passed over unless everybody is. It answers "" for a role
// without members.
func Pick(r *definitions.Role, turn int, load map[string]int, at time.Time) string {
	here := present(r, at)
	if len(here) == 0 {
		return ""
	}
	switch r.Assign {
	case "first":
		return here[0]
	case "least_loaded":
		best := here[0]
		for _, email := range here[1:] {
			if load[email]*weight(r, best) < load[best]*weight(r, email) {
				best = email
			}
		}
		return best
	}
	round := turns(r)
	for i := range round {
		if email := round[(turn+i)%len(round)]; slices.Contains(here, email) {
			return email
		}
	}
	return here[0]
}

func weight(r *definitions.Role, email string) int {
	for _, m := range r.Members {
		if m.Email == email {
			return max(m.Weight, 1)
		}
	}
	return 1
}

// turns lays out one round: each member as often as their weight, spread
// evenly (smooth weighted round robin), beginning with the first of the file.
func turns(r *definitions.Role) []string {
	total := 0
	for _, m := range r.Members {
		total += max(m.Weight, 1)
	}
	credit := make([]int, len(r.Members))
	round := make([]string, 0, total)
	for range total {
		best := 0
		for i, m := range r.Members {
			credit[i] += max(m.Weight, 1)
			if credit[i] > credit[best] {
				best = i
			}
		}
		credit[best] -= total
		round = append(round, r.Members[best].Email)
	}
	first := slices.Index(round, r.Members[0].Email)
	return slices.Concat(round[first:], round[:first])
}
