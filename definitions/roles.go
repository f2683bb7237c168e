package definitions

import "slices"

// MissingRoles lists, sorted, the roles that the process names and its company
// does not have. A process that was just loaded has none; an earlier version
// may, once the team has changed.
func (p *Process) MissingRoles() []string {
	var missing []string
	need := func(role string, others ...string) {
		if role != "" && !slices.Contains(others, role) && p.Company.Role(role) == nil && !slices.Contains(missing, role) {
			missing = append(missing, role)
		}
	}
	ladder := func(l *Ladder) {
		if l == nil {
			return
		}
		for _, level := range l.Levels {
			need(level.Reassign)
			for _, role := range level.Notify {
				need(role, "owner", "assignee")
			}
		}
	}
	for _, stage := range p.Stages {
		need(stage.Owner)
		ladder(stage.Escalation)
		for _, task := range stage.Tasks {
			need(task.Assignee, "owner")
			ladder(task.Escalation)
		}
	}
	slices.Sort(missing)
	return missing
}
