package deal

import (
	"fmt"
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Upcoming is one thing that will happen by itself unless something comes in
// between.
type Upcoming struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // letter, task_overdue, timeout, escalation, move, recycle, resume
	What   string    `json:"what"` // in words, in the company's language
	Ref    string    `json:"ref,omitempty"`
	Unless string    `json:"unless,omitempty"` // what would stop it
}

// ahead bounds how many wakes Forecast looks into the future.
const ahead = 25

// Forecast runs the deal forward with no new events and lists what will happen
// by itself, in order of time. Assignments to come are settled with whoever is first.
func Forecast(p *definitions.Process, s *State, now time.Time) []Upcoming {
	var out []Upcoming
	at := now
	for range ahead {
		m := &machine{p: p, s: s, at: at}
		next, _ := m.wake()
		if next.IsZero() || s.Closed() && !hasKind(s, timerRecycle) {
			break
		}
		at = next
		r, err := Step(p, s, Event{Kind: KindTimer}, at)
		if err != nil {
			break
		}
		for len(r.State.Assigning) > 0 {
			a := r.State.Assigning[0]
			who := Pick(p.Company.Role(a.Role), 0, nil, at)
			more, err := Step(p, r.State, Event{Kind: KindAssigned, Assign: &a, Owner: who}, at)
			if err != nil {
				return out
			}
			more.Timeline = append(r.Timeline, more.Timeline...)
			more.Letters = append(r.Letters, more.Letters...)
			r = more
		}
		out = append(out, told(p, r, at)...)
		s = r.State
	}
	return out
}

func hasKind(s *State, kind string) bool {
	return slices.ContainsFunc(s.Timers, func(t Timer) bool { return t.Kind == kind })
}

// told words what a step did for the list of what is to come.
func told(p *definitions.Process, r *Result, at time.Time) []Upcoming {
	ru := p.Company.Language == "ru"
	say := func(ruText, enText string, args ...any) string {
		if ru {
			return fmt.Sprintf(ruText, args...)
		}
		return fmt.Sprintf(enText, args...)
	}
	var out []Upcoming
	for _, l := range r.Letters {
		u := Upcoming{At: at, Kind: "letter", Ref: l.Letter, What: say("письмо «%s»", "letter %q", l.Letter)}
		if st := p.Stage(l.Stage); st != nil && st.Sequence != nil && slices.Contains(st.Sequence.StopOn, "reply") {
			u.Unless = say("если клиент не ответит", "unless the client replies")
		}
		out = append(out, u)
	}
	for _, e := range r.Timeline {
		u := Upcoming{At: at}
		switch e.Type {
		case "task_overdue":
			u.Kind, u.Ref = "task_overdue", fmt.Sprint(e.Data["task"])
			u.What = say("просрочена задача «%v»", "task %q is overdue", e.Data["name"])
			u.Unless = say("если её не завершат", "unless it is finished")
		case "stalled":
			u.Kind, u.What = "timeout", say("сделка застрянет: срок этапа без движения выйдет", "the deal is stalled: the stage's timeout passes")
			u.Unless = say("если не будет движения", "unless there is progress")
		case "escalated":
			u.Kind, u.Ref = "escalation", fmt.Sprint(e.Data["level"])
			u.What = say("эскалация сделки, уровень %v", "escalation of the deal, level %v", e.Data["level"])
			u.Unless = say("если не будет движения", "unless there is progress")
			if task := e.Data["task"]; task != nil {
				u.Ref = fmt.Sprint(task)
				u.What = say("эскалация задачи «%s», уровень %v", "escalation of task %q, level %v", taskName(r.State, u.Ref), e.Data["level"])
				u.Unless = say("если её не завершат", "unless it is finished")
			}
		case "stage_entered":
			u.Kind, u.Ref = "move", fmt.Sprint(e.Data["to"])
			u.What = say("переход на этап «%s»", "move to stage %q", stageName(p, fmt.Sprint(e.Data["to"])))
		case "lost":
			u.Kind, u.Ref = "move", "lost"
			u.What = say("сделка потеряна: %s", "the deal is lost: %s", reasonName(p, fmt.Sprint(e.Data["reason"])))
			u.Unless = say("если не будет движения", "unless there is progress")
		case "recycled":
			u.Kind, u.What = "recycle", say("сделка вернётся в работу", "the deal comes back")
		case "resumed":
			u.Kind, u.What = "resume", say("пауза закончится", "the pause ends")
		default:
			continue
		}
		out = append(out, u)
	}
	return out
}

func taskName(s *State, id string) string {
	for i := range s.Tasks {
		if s.Tasks[i].ID == id {
			return s.Tasks[i].Name
		}
	}
	return id
}

func stageName(p *definitions.Process, id string) string {
	if st := p.Stage(id); st != nil {
		return name(st.Name, id)
	}
	return id
}

func reasonName(p *definitions.Process, id string) string {
	for _, r := range p.LostReasons {
		if r.ID == id {
			return name(r.Name, id)
		}
	}
	return id
}
