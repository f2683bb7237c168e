package diagram

import (
	"fmt"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// Mermaid writes the process as a Mermaid flowchart.
func Mermaid(p *definitions.Process) string {
	g := graphOf(p)
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	for i, n := range g.nodes {
		if n.stage == nil {
			fmt.Fprintf(&b, "  n%d([\"%s\"])\n", i, mermaidText(n.name))
		} else {
			fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, mermaidLines(n.name, n.facts))
		}
	}
	if g.loses {
		fmt.Fprintf(&b, "  lost([\"%s\"])\n", mermaidText(g.words.end("lost")))
	}
	for _, w := range g.ways {
		arrow := "-->"
		if w.kind != wayMove {
			arrow = "-.->"
		}
		label := mermaidText(w.label)
		if w.reason != "" {
			label += "<br/>" + mermaidText(w.reason)
		}
		fmt.Fprintf(&b, "  %s %s|\"%s\"| %s\n", mermaidNode(w.from), arrow, label, mermaidNode(w.to))
	}
	for i, l := range g.ladders {
		var rungs []string
		for _, r := range l.rungs {
			rungs = append(rungs, join(": ", r.when, r.what))
		}
		fmt.Fprintf(&b, "  ladder%d>\"%s\"]\n", i, mermaidLines(l.title, rungs))
	}
	b.WriteString("  classDef won fill:#e8f6ec,stroke:#2f8450,color:#1b2430\n")
	b.WriteString("  classDef lost fill:#fdecea,stroke:#c2413a,color:#1b2430\n")
	for i, n := range g.nodes {
		if n.won {
			fmt.Fprintf(&b, "  class n%d won\n", i)
		}
	}
	if g.loses {
		b.WriteString("  class lost lost\n")
	}
	return b.String()
}

func mermaidNode(i int) string {
	if i == lost {
		return "lost"
	}
	return fmt.Sprintf("n%d", i)
}

// mermaidLines is a label of several lines, the first of them bold.
func mermaidLines(title string, lines []string) string {
	all := []string{"<b>" + mermaidText(title) + "</b>"}
	for _, line := range lines {
		all = append(all, mermaidText(line))
	}
	return strings.Join(all, "<br/>")
}

// mermaidText keeps a text from ending its quotes or acting as markup.
func mermaidText(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "`", "#96;").Replace(s)
}
