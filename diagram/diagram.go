// Package diagram draws a sales process: its stages, the ways between them with
// what pulls each, timeouts, ladders, and the ends. Mermaid writes it for
// documents, SVG draws it without any other program.
package diagram

import (
	"slices"

	"github.com/dealwright/dealwright/definitions"
)

// graph is what a process looks like, before anything has a place.
type graph struct {
	process *definitions.Process
	words   words
	nodes   []node // the column from top to bottom: stages, then the ends in it
	ways    []way  // in the order of the file
	ladders []ladder
	loses   bool // a deal may be lost
}

// node is a stage or an end.
type node struct {
	id    string
	name  string
	stage *definitions.Stage // nil: an end
	won   bool
	facts []string // what a person should know of the stage, a line each
}

// lost stands for the end that has its place beside the column.
const lost = -1

// way is one transition. From and to are places in graph.nodes, or lost.
type way struct {
	from, to int
	label    string
	reason   string // why a deal is lost by it
	kind     wayKind
}

type wayKind string

const (
	wayMove    wayKind = "move"    // happens by itself
	wayHand    wayKind = "hand"    // a person goes it
	wayLadder  wayKind = "ladder"  // the last rung of a ladder
	wayRecycle wayKind = "recycle" // a lost deal comes back
)

// ladder is an escalation in words.
type ladder struct {
	title string
	rungs []rung
}

// rung is one level, or one task's ladder.
type rung struct{ when, what string }

// graphOf reads the graph off a compiled process.
func graphOf(p *definitions.Process) *graph {
	g := &graph{process: p, words: wordsOf(p)}
	for i := range p.Stages {
		st := &p.Stages[i]
		g.nodes = append(g.nodes, node{id: st.ID, name: or(st.Name, st.ID), stage: st, won: st.Won, facts: g.factsOf(st)})
	}
	g.loses = len(p.LostReasons) > 0
	for _, end := range []string{"won", "done"} {
		if g.leadsTo(end) {
			g.nodes = append(g.nodes, node{id: end, name: g.words.end(end), won: end == "won"})
		}
	}
	for i := range p.Stages {
		g.waysOf(i, &p.Stages[i])
	}
	g.recycle()
	g.ladders = g.laddersOf()
	return g
}

// leadsTo reports whether the end has a place of its own: every deal may be
// won, be it by entering a stage.
func (g *graph) leadsTo(end string) bool {
	if end == "won" {
		return g.wonStage() < 0
	}
	return g.lastEnd() == end || slices.ContainsFunc(g.process.Stages, func(st definitions.Stage) bool {
		return slices.ContainsFunc(st.Next, func(mv definitions.Move) bool { return mv.To == end })
	})
}

// lastEnd is where people take a deal from a last stage that draws no way out.
func (g *graph) lastEnd() string {
	last := g.process.Stages[len(g.process.Stages)-1]
	switch {
	case len(last.Next) > 0:
		return ""
	case g.wonStage() >= 0:
		return "done"
	}
	return "won"
}

func (g *graph) wonStage() int {
	return slices.IndexFunc(g.process.Stages, func(st definitions.Stage) bool { return st.Won })
}

// place finds the node that a move leads to.
func (g *graph) place(to string) int {
	switch {
	case to == "lost":
		return lost
	case to == "won" && g.wonStage() >= 0:
		return g.wonStage()
	}
	return slices.IndexFunc(g.nodes, func(n node) bool { return n.id == to })
}

func (g *graph) waysOf(from int, st *definitions.Stage) {
	for i := range st.Next {
		mv := &st.Next[i]
		w := way{from: from, to: g.place(mv.To), label: g.words.trigger(g.process, st, mv), reason: g.reason(mv.Reason), kind: wayMove}
		if mv.On == "" && mv.After == nil && mv.When == nil {
			w.kind = wayHand
		}
		g.add(w)
	}
	if len(st.Next) == 0 {
		to := from + 1
		if to == len(g.process.Stages) {
			to = g.place(g.lastEnd())
		}
		g.add(way{from: from, to: to, label: g.words.say("вручную", "by hand"), kind: wayHand})
	}
	if st.Escalation == nil || st.Won || st.Timeout == nil || st.Timeout.None {
		return
	}
	for _, l := range st.Escalation.Levels {
		if l.Lose != "" {
			g.add(way{from: from, to: lost, label: g.words.stalledFor(l.After), reason: g.reason(l.Lose), kind: wayLadder})
		}
	}
}

func (g *graph) add(w way) {
	g.loses = g.loses || w.to == lost
	g.ways = append(g.ways, w)
}

func (g *graph) recycle() {
	if rc := g.process.Recycle; rc != nil && g.loses {
		g.ways = append(g.ways, way{from: lost, to: max(g.place(rc.To), 0), label: g.words.recycle(g.process, rc), kind: wayRecycle})
	}
}

// reason is the name of a lost reason.
func (g *graph) reason(id string) string { return reasonName(g.process, id) }

func reasonName(p *definitions.Process, id string) string {
	for _, r := range p.LostReasons {
		if r.ID == id {
			return or(r.Name, id)
		}
	}
	return id
}

func or(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}
