package scenario

import (
	"fmt"
	"slices"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// Kinds of what scenarios can cover.
const (
	KindStage      = "stage"
	KindTransition = "transition"
	KindLetter     = "letter"
	KindLevel      = "level"
	KindRecycle    = "recycle"
)

// Item is one thing of a process that scenarios should reach, and then assert
// in an `expect`.
type Item struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Reached says that it happened, Asserted that a step that brought it about
	// expected it.
	Reached  bool `json:"reached"`
	Asserted bool `json:"asserted"`
	// Assert is what to expect in order to cover it.
	Assert string `json:"assert"`

	key string
}

// Coverage is how far scenarios cover one process.
type Coverage struct {
	Process string `json:"process"`
	Items   []Item `json:"items"`
}

// Missed are the items that no scenario reached and asserted.
func (c *Coverage) Missed() []Item {
	return slices.DeleteFunc(slices.Clone(c.Items), func(i Item) bool { return i.Asserted })
}

// Percent is the share of the items that are reached and asserted; 100 only
// when all are.
func (c *Coverage) Percent() int {
	if len(c.Items) == 0 {
		return 100
	}
	return 100 * (len(c.Items) - len(c.Missed())) / len(c.Items)
}

// Cover sums up what the reports of a company's scenarios cover of each of its
// processes.
func Cover(c *definitions.Company, reports []*Report) []*Coverage {
	var all []*Coverage
	for _, p := range c.Processes {
		cover := &Coverage{Process: p.Process, Items: items(p)}
		for _, r := range reports {
			if r.Process == p {
				cover.add(r)
			}
		}
		all = append(all, cover)
	}
	return all
}

// add marks what one report covers. A step after a failure asserts nothing.
func (c *Coverage) add(r *Report) {
	for i, done := range r.ran {
		passed := r.OK() || i < len(r.ran)-1
		w := &witness{cover: c, p: r.Process, expect: done.step.Expect}
		if w.expect == nil || !passed {
			w.expect = &Expect{}
		}
		for _, entry := range r.Timeline[done.from:done.to] {
			w.see(entry)
		}
		if w.expect.Stage != "" {
			c.mark(stageKey(w.expect.Stage), true)
		}
		to := len(r.Letters)
		if i+1 < len(r.ran) {
			to = r.ran[i+1].letters
		}
		for _, l := range r.Letters[done.letters:to] {
			c.mark(letterKey(l.Stage, l.Step), w.expect.Sent != nil)
		}
	}
}

func (c *Coverage) mark(key string, asserted bool) {
	for i := range c.Items {
		if item := &c.Items[i]; item.key == key {
			item.Reached = true
			item.Asserted = item.Asserted || asserted
		}
	}
}

// witness compares what a step brought about with what it expected.
type witness struct {
	cover  *Coverage
	p      *definitions.Process
	expect *Expect
}

func (w *witness) see(e deal.Entry) {
	to, _ := e.Data["to"].(string)
	switch e.Type {
	case "stage_entered":
		w.cover.mark(stageKey(to), false)
	case "stage_left":
		w.left(e, to)
	case "escalated":
		w.escalated(e)
	case "recycled":
		w.cover.mark(KindRecycle, w.expect.Visit != nil || w.expect.Stage != "" || w.expect.Status == deal.Open)
	}
}

// left sees a stage being left, by one of its ways or otherwise.
func (w *witness) left(e deal.Entry, to string) {
	st := w.p.Stage(e.Stage)
	if st == nil {
		return
	}
	switch e.Data["by"] {
	case "next":
		i, _ := e.Data["next"].(int)
		w.cover.mark(moveKey(st.ID, i), w.asserts(st.Next[i].To))
	case "hand":
		for i, mv := range st.Next {
			if mv.On == "" && mv.After == nil && mv.When == nil && (mv.To == to || mv.To == "won" && w.won(to)) {
				w.cover.mark(moveKey(st.ID, i), w.asserts(mv.To))
			}
		}
		if len(st.Next) == 0 {
			w.cover.mark(moveKey(st.ID, -1), w.asserts(to))
		}
	}
}

// won reports whether the stage is one that makes a deal won.
func (w *witness) won(stage string) bool {
	st := w.p.Stage(stage)
	return st != nil && st.Won
}

// asserts reports whether the step expects the deal to be where a move leads.
func (w *witness) asserts(to string) bool {
	e := w.expect
	switch to {
	case "lost":
		return e.Status == deal.Lost || e.Reason != nil && *e.Reason != ""
	case "won":
		return e.Status == deal.Won || w.won(e.Stage)
	case "done":
		return e.Closed != nil && *e.Closed || e.Status != ""
	}
	// A stage may be passed at once on the way to another one.
	return e.Stage == to || e.Stage != "" && w.skips(to)
}

func (w *witness) skips(stage string) bool {
	st := w.p.Stage(stage)
	return st != nil && st.Skip != nil
}

func (w *witness) escalated(e deal.Entry) {
	level, _ := e.Data["level"].(int)
	task, _ := e.Data["task"].(string)
	st := w.p.Stage(e.Stage)
	if st == nil {
		return
	}
	ladder := st.Escalation
	for i := range st.Tasks {
		if task != "" && st.Tasks[i].ID == task {
			ladder = st.Tasks[i].Escalation
		}
	}
	if ladder == nil || level < 1 || level > len(ladder.Levels) {
		return
	}
	l, x := ladder.Levels[level-1], w.expect
	asserted := len(l.Notify) > 0 && len(x.Notified) > 0 || l.Reassign != "" && x.Owner != nil ||
		l.Lose != "" && (x.Status == deal.Lost || x.Reason != nil) || task == "" && x.Level != nil && *x.Level >= level
	w.cover.mark(levelKey(ladder, st.ID, task, level), asserted)
}

// String is the coverage in one line.
func (c *Coverage) String() string {
	return fmt.Sprintf("%s: %d%% covered, %d of %d", c.Process, c.Percent(), len(c.Items)-len(c.Missed()), len(c.Items))
}
