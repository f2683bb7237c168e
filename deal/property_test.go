package deal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// TestAnyProcessAnyEvents lets random things happen to deals of random
// processes, and holds what must be true of every one of them.
func TestAnyProcessAnyEvents(t *testing.T) {
	company := loadCompany(t, processYAML+"stages: [{id: one, next: [{to: done}]}]\n", "timezone: Europe/Berlin\n")
	rapid.Check(t, func(rt *rapid.T) {
		spec := drawSpec(rt)
		p, faults := definitions.Compile(spec, company)
		if len(faults) > 0 {
			rt.Fatalf("the process does not compile: %v", faults)
		}
		l := &life{
			t: rt, p: p, at: time.Date(2026, time.March, 27, 15, 30, 0, 0, time.UTC),
			s: &deal.State{ID: "d1", Company: company.ID, Process: p.Process}, keys: map[string]bool{},
		}
		l.take(lead())
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			l.live()
		}
	})
}

// life is one deal and what it has gone through.
type life struct {
	t     *rapid.T
	p     *definitions.Process
	s     *deal.State
	at    time.Time
	read  time.Time
	wake  time.Time
	held  bool
	turn  int
	mails int
	keys  map[string]bool
}

// live lets time pass or something happen.
func (l *life) live() {
	switch rapid.IntRange(0, 3).Draw(l.t, "what") {
	case 0:
		if !l.wake.IsZero() {
			l.at = l.wake
		}
		l.take(deal.Event{Kind: deal.KindTimer})
	case 1:
		l.at = l.at.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(l.t, "minutes")) * time.Minute)
		l.take(deal.Event{Kind: deal.KindTimer})
	case 2:
		if rapid.Bool().Draw(l.t, "unread") {
			l.read = l.at.Add(-time.Duration(rapid.IntRange(0, 48).Draw(l.t, "hours")) * time.Hour)
		} else {
			l.read = time.Time{}
		}
		fallthrough
	default:
		l.at = l.at.Add(time.Duration(rapid.IntRange(0, 300).Draw(l.t, "seconds")) * time.Second)
		e := drawEvent(l.t, l.p, l.at)
		if e.Mail != nil {
			l.mails++
			e.Mail = mail(fmt.Sprint(l.mails))
		}
		l.take(e)
	}
}

// take steps, settles what is asked, and checks every step of it.
func (l *life) take(e deal.Event) {
	for range 100 {
		e.ReadThrough = l.read
		before := encode(l.t, l.s)
		r, err := deal.Step(l.p, l.s, e, l.at)
		if after := encode(l.t, l.s); after != before {
			l.t.Fatalf("%s: Step changed the state it was given:\n%s\n%s", e.Kind, before, after)
		}
		l.sameAfterJSON(e, r, err)
		if errors.Is(err, deal.ErrAssignFirst) {
			l.take(deal.Event{Kind: deal.KindTimer})
			continue
		}
		if refusal, ok := errors.AsType[*deal.Refusal](err); ok {
			if len(refusal.Problems) == 0 {
				l.t.Fatalf("%s: refused without a reason", e.Kind)
			}
			return
		}
		if err != nil {
			l.t.Fatalf("%s: %v", e.Kind, err)
		}
		l.check(e, r)
		l.s, l.wake, l.held = r.State, r.Wake, !r.HeldSince.IsZero()
		if len(l.s.Assigning) == 0 {
			return
		}
		ask := l.s.Assigning[0]
		e = deal.Event{Kind: deal.KindAssigned, Assign: &ask, Owner: deal.Pick(l.p.Company.Role(ask.Role), l.turn, nil, l.at)}
		l.turn++
	}
	l.t.Fatalf("%s: the deal asks for people without end", e.Kind)
}

func (l *life) check(e deal.Event, r *deal.Result) {
	s := r.State
	if l.p.Stage(s.Stage) == nil {
		l.t.Fatalf("%s: the deal is in no stage: %q", e.Kind, s.Stage)
	}
	types := map[string]bool{}
	for _, entry := range r.Timeline {
		types[entry.Type] = true
		if entry.At != l.at {
			l.t.Fatalf("%s: an entry of another moment: %+v", e.Kind, entry)
		}
	}
	if l.s.Status == deal.Lost && s.Status != deal.Lost && !types["reopened"] && !types["recycled"] {
		l.t.Fatalf("%s: a lost deal became %s by itself", e.Kind, s.Status)
	}
	if l.s.Status == deal.Won && s.Status != deal.Won {
		l.t.Fatalf("%s: a won deal became %s", e.Kind, s.Status)
	}
	if (s.Status == deal.Lost) != (s.LostReason != "") && s.MergedTo == "" {
		l.t.Fatalf("%s: status %s with the lost reason %q", e.Kind, s.Status, s.LostReason)
	}
	for _, letter := range r.Letters {
		l.once("letter", letter.Key)
	}
	for _, notice := range r.Notices {
		l.once("notice", notice.Key)
		if member, _ := l.p.Company.Member(notice.To); member == nil {
			l.t.Fatalf("%s: a notice to %q, who is nobody", e.Kind, notice.To)
		}
	}
	if !r.Wake.IsZero() && !r.Wake.After(l.at) {
		l.t.Fatalf("%s at %s: the next wake, %s, is past", e.Kind, l.at, r.Wake)
	}
	if !r.HeldSince.IsZero() && l.read.IsZero() && len(s.Assigning) == 0 {
		l.t.Fatalf("%s: something is held though everything is read: %s", e.Kind, encode(l.t, s.Timers))
	}
	if s.Closed() && slices.ContainsFunc(s.Timers, func(t deal.Timer) bool { return t.Kind != "recycle" }) {
		l.t.Fatalf("%s: a closed deal has timers: %s", e.Kind, encode(l.t, s.Timers))
	}
	deal.Blocked(l.p, s)
}

func (l *life) once(what, key string) {
	if l.keys[what+key] {
		l.t.Fatalf("the %s %s came twice", what, key)
	}
	l.keys[what+key] = true
}

// sameAfterJSON steps from a state that has been through JSON.
func (l *life) sameAfterJSON(e deal.Event, want *deal.Result, wantErr error) {
	var stored deal.State
	if err := json.Unmarshal([]byte(encode(l.t, l.s)), &stored); err != nil {
		l.t.Fatal(err)
	}
	got, err := deal.Step(l.p, &stored, e, l.at)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		l.t.Fatalf("%s: %v after JSON, else %v", e.Kind, err, wantErr)
	}
	if err != nil {
		return
	}
	if a, b := encode(l.t, got), encode(l.t, want); a != b {
		l.t.Fatalf("%s: another future after JSON:\n%s\n%s", e.Kind, a, b)
	}
}

func encode(t *rapid.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func pick[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

func duration(t *rapid.T, label string) calendar.Duration {
	return calendar.MustParseDuration(pick(t, label, "0m", "10m", "1h", "1d", "2d", "1w", "15 business minutes", "4 business hours", "1 business day", "3 business days"))
}

// longer is a duration that is not nothing.
func longer(t *rapid.T, label string) calendar.Duration {
	return calendar.MustParseDuration(pick(t, label, "10m", "1h", "2d", "2 business hours", "1 business day"))
}

// condition is nil half of the time.
func condition(t *rapid.T, label string) *definitions.Expr {
	source := pick(t, label, "", "", "", "", "deal.known", "!deal.known", "deal.budget > 10", `deal.need != ""`, "deal.visit > 1", "deal.twice < 50")
	if source == "" {
		return nil
	}
	return &definitions.Expr{Source: source}
}

func drawSpec(t *rapid.T) *definitions.Spec {
	budget := &definitions.Expr{Source: "deal.budget * 2"}
	spec := &definitions.Spec{
		Process: "sales", Amount: "budget",
		Fields: []definitions.Field{
			{ID: "budget", Type: "money", Currency: "EUR"},
			{ID: "need", Type: "text"},
			{ID: "known", Type: "bool"},
			{ID: "twice", Type: "money", Currency: "EUR", Compute: budget},
		},
		Defaults:    definitions.Defaults{Owner: "rep"},
		LostReasons: []definitions.Reason{{ID: "silent"}, {ID: "gone"}},
		Letters:     map[string]*definitions.Letter{"hello": {Subject: "x", Body: "x"}, "bye": {Subject: "x", Body: "x"}},
	}
	stages := rapid.IntRange(1, 4).Draw(t, "stages")
	for i := range stages {
		spec.Stages = append(spec.Stages, drawStage(t, i, stages))
	}
	if rapid.Bool().Draw(t, "recycle") {
		spec.Recycle = &definitions.Recycle{Reasons: []string{"silent"}, After: longer(t, "recycle after"), Max: rapid.IntRange(1, 3).Draw(t, "max")}
	}
	return spec
}

func stageID(i int) string { return fmt.Sprintf("s%d", i) }

func drawStage(t *rapid.T, i, stages int) definitions.Stage {
	st := definitions.Stage{ID: stageID(i), Owner: pick(t, "owner", "", "rep", "lawyer", "manager"), Skip: nil}
	if rapid.IntRange(0, 4).Draw(t, "skip") == 0 {
		st.Skip = condition(t, "skip when")
	}
	st.Won = i > 0 && rapid.IntRange(0, 3).Draw(t, "won") == 0
	if rapid.Bool().Draw(t, "timeout") {
		st.Timeout = &definitions.Timeout{After: longer(t, "timeout after"), From: pick(t, "from", "progress", "entry")}
		st.Escalation = drawLadder(t)
	}
	for j := range rapid.IntRange(0, 2).Draw(t, "tasks") {
		due := duration(t, "due")
		task := definitions.Task{
			ID: fmt.Sprintf("t%d", j), Kind: pick(t, "kind", "call", "meeting"), Assignee: pick(t, "assignee", "owner", "lawyer"),
			Due: &due, Required: rapid.Bool().Draw(t, "required"), When: condition(t, "task when"),
		}
		if rapid.Bool().Draw(t, "task ladder") {
			task.Escalation = drawLadder(t)
		}
		st.Tasks = append(st.Tasks, task)
	}
	if rapid.Bool().Draw(t, "document") {
		st.Documents = []definitions.Document{{ID: "offer", Required: rapid.Bool().Draw(t, "document required")}}
	}
	if steps := rapid.IntRange(0, 3).Draw(t, "letters"); steps > 0 {
		st.Sequence = &definitions.Sequence{StopOn: pick(t, "stop_on", []string{"reply"}, []string{"meeting"}, []string{"reply", "meeting"})}
		for range steps {
			st.Sequence.Steps = append(st.Sequence.Steps, definitions.Step{
				After: duration(t, "letter after"), Send: pick(t, "send", "hello", "bye"), When: condition(t, "letter when"),
				Once: rapid.Bool().Draw(t, "once"), Hours: pick(t, "hours", "", "any", "business"),
			})
		}
	}
	if when := condition(t, "exit"); when != nil {
		st.Exit = []definitions.Gate{{Require: when}, {Filled: []string{"need"}}}
	}
	for range rapid.IntRange(0, 3).Draw(t, "ways") {
		st.Next = append(st.Next, drawMove(t, stages))
	}
	return st
}

func drawLadder(t *rapid.T) *definitions.Ladder {
	l := &definitions.Ladder{}
	for range rapid.IntRange(0, 3).Draw(t, "levels") {
		level := definitions.Level{After: duration(t, "level after"), When: condition(t, "level when")}
		switch rapid.IntRange(0, 3).Draw(t, "level does") {
		case 0:
			level.Lose = pick(t, "lose", "silent", "gone")
		case 1:
			level.Reassign = pick(t, "reassign", "manager", "lawyer")
		default:
			level.Notify = []string{pick(t, "notify", "owner", "manager", "lawyer")}
			if rapid.Bool().Draw(t, "repeats") {
				repeat := longer(t, "repeat")
				level.Repeat = &repeat
			}
		}
		l.Levels = append(l.Levels, level)
	}
	return l
}

func drawMove(t *rapid.T, stages int) definitions.Move {
	mv := definitions.Move{
		To: pick(t, "to", "won", "lost", "done", stageID(0), stageID(stages-1), stageID(stages/2)), When: condition(t, "move when"),
		On: pick(t, "on", "", "reply", "tasks_done", "task:t0", "sequence_done", "field:budget", "document:offer", "timeout", "bounce", "unsubscribe", "signal:go"),
	}
	if mv.To == "lost" {
		mv.Reason = pick(t, "reason", "silent", "gone")
	}
	if mv.On == "" && rapid.Bool().Draw(t, "after") {
		after := duration(t, "move after")
		mv.After = &after
	}
	return mv
}

func drawEvent(t *rapid.T, p *definitions.Process, at time.Time) deal.Event {
	fields := map[string]any{}
	if rapid.Bool().Draw(t, "fields") {
		fields = map[string]any{
			"budget": pick[any](t, "budget", 5, 20.5, nil, "many"), "known": pick[any](t, "known", true, false, nil), "need": pick[any](t, "need", "x", nil),
		}
	}
	to := pick(t, "move to", "won", "lost", "done", "nowhere", p.Stages[0].ID, p.Stages[len(p.Stages)-1].ID)
	reason := pick(t, "move reason", "", "silent", "gone")
	events := []deal.Event{
		{Kind: deal.KindReply, Mail: mail("reply"), Fields: fields},
		{Kind: deal.KindAutoReply, Mail: mail("auto")},
		{Kind: deal.KindOutbound, Mail: mail("out")},
		{Kind: deal.KindEvidence, Mail: mail("again")},
		bounce(),
		{Kind: deal.KindBounce, Delayed: true},
		{Kind: deal.KindLetterFailed, LetterKey: "x", Permanent: true},
		{Kind: deal.KindUnsubscribe},
		{Kind: deal.KindSet, Fields: fields, Owner: pick(t, "new owner", "", "ann@acme.test", "lea@acme.test", "max@acme.test", "eve@acme.test")},
		{Kind: deal.KindSet, Contact: &definitions.Contact{Email: pick(t, "email", "", "new@client.test")}},
		complete(pick(t, "task", "t0", "t1", "own")),
		complete("t0"),
		{Kind: deal.KindAddTask, NewTask: &deal.NewTask{ID: "own", Name: "Own", Required: rapid.Bool().Draw(t, "own required"), Due: at.Add(time.Hour)}},
		{Kind: deal.KindChangeTask, Task: "t0", Due: at.Add(2 * time.Hour), Assignee: "bob@acme.test"},
		{Kind: deal.KindChangeTask, Task: "t1", Waive: true, Reason: reason},
		{Kind: deal.KindDocument, Document: "offer"},
		{Kind: deal.KindNote, Text: "x"},
		{Kind: deal.KindMove, To: to, Reason: reason},
		{Kind: deal.KindMove, To: to, Reason: "silent", Force: true},
		signal("go"),
		{Kind: deal.KindPause},
		{Kind: deal.KindPause, Until: at.Add(30 * time.Hour)},
		{Kind: deal.KindResume},
		{Kind: deal.KindReopen, To: pick(t, "reopen to", "", p.Stages[0].ID)},
		{Kind: deal.KindUpgrade},
		{Kind: deal.KindMember},
	}
	if rapid.IntRange(0, 30).Draw(t, "merge") == 0 {
		return deal.Event{Kind: deal.KindMerge, To: "d2"}
	}
	return pick(t, "event", events...)
}
