package deal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// teller words what a step will have done.
type teller struct {
	p    *definitions.Process
	r    *Result
	at   time.Time
	left *Entry // the stage that was left last, and where to
	rung string // what stops the ladder that was climbed last
	out  []Upcoming
}

// foretell lists what a step without an event did, for the list of what is to come.
func foretell(p *definitions.Process, r *Result, at time.Time) []Upcoming {
	t := &teller{p: p, r: r, at: at}
	for i := range r.Letters {
		t.letter(&r.Letters[i])
	}
	for i := range r.Timeline {
		t.entry(&r.Timeline[i])
	}
	return t.out
}

func (t *teller) letter(l *Letter) {
	st := t.p.Stage(l.Stage)
	stops := append(t.sequenceStops(st), StopLeave)
	var when *definitions.Expr
	if st != nil && st.Sequence != nil {
		for i := range st.Sequence.Steps {
			if st.Sequence.Steps[i].ID == l.Step {
				when = st.Sequence.Steps[i].When
			}
		}
	}
	t.add("letter", l.Letter, t.say("письмо «%s»", "letter %q", l.Letter), when, stops...)
}

// sequenceStops is what stops a stage's letters.
func (t *teller) sequenceStops(st *definitions.Stage) []string {
	if st == nil || st.Sequence == nil {
		return nil
	}
	return slices.Clone(st.Sequence.StopOn)
}

func (t *teller) entry(e *Entry) {
	switch e.Type {
	case "task_overdue":
		t.add("task_overdue", fmt.Sprint(e.Data["task"]), t.say("просрочена задача «%v»", "task %q is overdue", e.Data["name"]), nil, StopFinish)
	case "stalled":
		t.add("timeout", "", t.say("сделка застрянет: срок этапа без движения выйдет", "the deal is stalled: the stage's timeout passes"), nil, t.timeoutStop(e.Stage))
	case "escalated":
		t.escalated(e)
	case "stage_left":
		t.left = e
	case "stage_entered":
		if e.Data["by"] == "recycled" {
			return // which was said
		}
		to := textOf(e.Data["to"])
		t.move(to, t.say("переход на этап «%s»", "move to stage %q", stageName(t.p, to)))
	case "lost":
		t.move(toLost, t.say("сделка потеряна: %s", "the deal is lost: %s", reasonName(t.p, textOf(e.Data["reason"]))))
	case "closed":
		to := toDone
		if t.left != nil {
			to = textOf(t.left.Data["to"])
		}
		t.move(to, t.say("сделка закроется", "the deal is closed"))
	case "recycled":
		t.add("recycle", "", t.say("сделка вернётся в работу", "the deal comes back"), nil, StopReopen)
	case "resumed":
		t.add("resume", "", t.say("пауза закончится", "the pause ends"), nil, StopResume)
	}
}

func (t *teller) escalated(e *Entry) {
	level := e.Data["level"]
	task := e.Data["task"]
	if task == nil {
		t.rung = StopProgress
		t.add("escalation", fmt.Sprint(level), t.say("эскалация сделки, уровень %v", "escalation of the deal, level %v", level), nil, StopProgress)
		return
	}
	t.rung = StopFinish
	id := fmt.Sprint(task)
	t.add("escalation", id, t.say("эскалация задачи «%s», уровень %v", "escalation of task %q, level %v", taskName(t.r.State, id), level), nil, StopFinish)
}

// move tells of a change of stage, or of an end. What would stop it is what
// stops the thing that triggers it.
func (t *teller) move(to, what string) {
	mv, from := t.way()
	if mv == nil { // by a ladder that has run out
		t.add("move", to, what, nil, cmp.Or(t.rung, StopProgress))
		return
	}
	stops := []string{StopLeave}
	switch mv.On {
	case "timeout":
		stops = []string{t.timeoutStop(from.ID)}
	case "sequence_done":
		stops = append(t.sequenceStops(from), StopLeave)
	}
	t.add("move", to, what, mv.When, stops...)
}

// way is the drawn move that left a stage, and the stage; nil for none.
func (t *teller) way() (*definitions.Move, *definitions.Stage) {
	if t.left == nil {
		return nil, nil
	}
	from := t.p.Stage(t.left.Stage)
	next, drawn := t.left.Data["next"].(int)
	if from == nil || !drawn || next >= len(from.Next) {
		return nil, nil
	}
	return &from.Next[next], from
}

// timeoutStop is what stops the timeout of a stage: one from the entry on is
// not moved by progress.
func (t *teller) timeoutStop(stage string) string {
	if st := t.p.Stage(stage); st != nil && st.Timeout != nil && st.Timeout.From == "entry" {
		return StopLeave
	}
	return StopProgress
}

func (t *teller) add(kind, ref, what string, when *definitions.Expr, stops ...string) {
	words := make([]string, 0, len(stops)+1)
	for _, stop := range stops {
		words = append(words, t.say(stopRussian[stop], stopEnglish[stop]))
	}
	if when != nil {
		stops = append(stops, StopWhen)
		words = append(words, t.say("верно условие %s", "this holds no longer: %s", when.Source))
	}
	unless := t.say("если ", "unless ") + strings.Join(words, t.say(" и ", ", or "))
	t.out = append(t.out, Upcoming{At: t.at, Kind: kind, Ref: ref, What: what, Unless: unless, StoppedBy: stops})
}

// say words something in the company's language.
func (t *teller) say(russian, english string, args ...any) string {
	words := english
	if t.p.Company.Language == "ru" {
		words = russian
	}
	if len(args) == 0 {
		return words
	}
	return fmt.Sprintf(words, args...)
}

var (
	stopEnglish = map[string]string{
		StopReply: "the client replies", StopMeeting: "a meeting is held", StopProgress: "there is progress", StopFinish: "it is finished",
		StopLeave: "the deal leaves the stage", StopResume: "it is ended before", StopReopen: "it is taken up before",
	}
	stopRussian = map[string]string{
		StopReply: "клиент не ответит", StopMeeting: "встреча не состоится", StopProgress: "не будет движения", StopFinish: "её не завершат",
		StopLeave: "сделка не уйдёт с этапа", StopResume: "её не закончат раньше", StopReopen: "её не вернут раньше",
	}
)

func textOf(v any) string {
	text, _ := v.(string)
	return text
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
