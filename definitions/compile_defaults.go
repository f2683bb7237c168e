package definitions

import (
	"cmp"
	"fmt"
)

// fillDefaults writes out what the Spec leaves unsaid. None of it changes the
// version's hash, which is that of the Spec as written.
func (c *compiler) fillDefaults() {
	p := c.p
	p.Upgrade = cmp.Or(p.Upgrade, "next_stage")
	if q := p.Qualification; q != nil {
		q.Combine = cmp.Or(q.Combine, CombineSum)
		for i := range q.Criteria {
			if q.Criteria[i].Weight == 0 {
				q.Criteria[i].Weight = 1
			}
		}
	}
	for i := range p.Stages {
		c.fillStage(&p.Stages[i])
	}
	if r := p.Recycle; r != nil {
		r.Max = cmp.Or(r.Max, 1)
		if r.To == "" && len(p.Stages) > 0 {
			r.To = p.Stages[0].ID
		}
	}
}

func (c *compiler) fillStage(s *Stage) {
	d := c.p.Defaults
	s.Owner = cmp.Or(s.Owner, d.Owner)
	if s.Timeout == nil {
		s.Timeout = &Timeout{None: true}
		if d.Timeout != nil {
			t := *d.Timeout
			s.Timeout = &t
		}
	}
	s.Timeout.From = cmp.Or(s.Timeout.From, "progress")
	for i := range s.Tasks {
		t := &s.Tasks[i]
		t.Kind = cmp.Or(t.Kind, "todo")
		t.Assignee = cmp.Or(t.Assignee, "owner")
	}
	if s.Sequence != nil {
		c.fillSequence(s.Sequence)
	}
}

func (c *compiler) fillSequence(s *Sequence) {
	if s.StopOn == nil {
		s.StopOn = []string{"reply"}
	}
	hours := "any"
	if c.p.Company != nil {
		hours = cmp.Or(c.p.Company.Sending.Hours, hours)
	}
	sent := map[string]int{}
	for i := range s.Steps {
		step := &s.Steps[i]
		step.Quiet = step.Hours != "any"
		step.Hours = cmp.Or(step.Hours, hours)
		sent[step.Send]++
		step.ID = step.Send
		if n := sent[step.Send]; n > 1 {
			step.ID = fmt.Sprintf("%s-%d", step.Send, n)
		}
	}
}
