package diagram

import "fmt"

// downLabel is the label of a way straight down, without its place.
func (l *layout) downLabel(w way) text {
	room := cardWidth/2 + rightText/2 - 2*padding
	return text{font: labelType, class: classOf(w), lines: labelType.wrap(w.label, room)}
}

func classOf(w way) string {
	if w.to == lost {
		return "loss"
	}
	return "label"
}

// down draws the ways to the next node; several share one line.
func (l *layout) down() {
	x := l.cardLeft + cardWidth/2
	for i := range l.cards {
		y := l.cards[i].y + l.cards[i].h + 8
		for j := range l.g.ways {
			w := &l.g.ways[j]
			if w.from != i || !w.straight() {
				continue
			}
			t := l.downLabel(*w)
			t.x, t.y = x+12, y
			l.write(t, &y)
			y += 4
			l.draw(w, fmt.Sprintf("M%d %dV%d", x, l.cards[i].y+l.cards[i].h, l.cards[i+1].y-2), true)
		}
	}
}

func (l *layout) draw(w *way, path string, arrow bool) {
	ln := line{path: path, class: string(w.kind), way: w}
	if w.to == lost {
		ln.class += " losing"
	}
	if arrow {
		ln.arrow = "arrow"
		if w.to == lost {
			ln.arrow = "loss"
		}
	}
	l.d.lines = append(l.d.lines, ln)
}

// jumpLabel is the label of a way by the lanes, without its place.
func (l *layout) jumpLabel(w way) text {
	return text{font: labelType, class: "label", lines: labelType.wrap(w.label, leftText-2*padding)}
}

// lossLabel is what stands on a row to lost: the trigger, and the reason.
func (l *layout) lossLabel(w way) (trigger, reason text) {
	room := rightText - 2*padding
	trigger = text{font: labelType, class: "label", lines: labelType.wrap(w.label, room)}
	reason = text{font: font{labelType.size, true}, class: "loss", lines: font{labelType.size, true}.wrap(w.reason, room)}
	return trigger, reason
}

const (
	lineGap = 4  // between a label and its line
	rowGap  = 12 // between a label and the next one
)

// leftHeight is how high a card must be for the rows on its left.
func (l *layout) leftHeight(i int) int {
	h := rowsDown
	for _, w := range l.g.ways {
		if w.from == i && w.jumps() {
			h += l.jumpLabel(w).height() + rowGap
		}
	}
	return h
}

func (l *layout) rightHeight(i int) int {
	h := rowsDown
	for _, w := range l.g.ways {
		if w.from == i && w.to == lost {
			trigger, reason := l.lossLabel(w)
			h += trigger.height() + reason.height() + rowGap
		}
	}
	return h
}

// laneX is where the lane of a target runs.
func (l *layout) laneX(target int) int {
	return l.cardLeft - leftText - l.lanes[target]*laneStep - laneStep/2
}

// jumps draws the ways by the lanes.
func (l *layout) jumps() {
	for i, card := range l.cards {
		y := card.y + rowsDown
		for j := range l.g.ways {
			w := &l.g.ways[j]
			if w.from != i || !w.jumps() {
				continue
			}
			t := l.jumpLabel(*w)
			t.x, t.y = l.cardLeft-leftText+padding, y
			l.write(t, &y)
			y += lineGap
			target := l.cards[w.to]
			arrive, turn := target.y+portDown, corner
			if arrive < y {
				turn = -corner
			}
			x := l.laneX(w.to)
			l.draw(w, fmt.Sprintf("M%d %dH%dQ%d %d %d %dV%dQ%d %d %d %dH%d",
				card.x, y, x+corner, x, y, x, y+turn, arrive-turn, x, arrive, x+corner, arrive, target.x-2), true)
			y += rowGap - lineGap
		}
	}
}

// losses draws the rows to lost, the line that gathers them, the end and the
// ways back. It answers where they end.
func (l *layout) losses(bottom int) int {
	if !l.g.loses {
		return 0
	}
	right := l.cardLeft + cardWidth
	end := box{x: l.busX - pillWidth/2, y: l.lastStageBottom() + gap, w: pillWidth, class: "lost", id: "lost", title: l.g.words.end("lost"), round: true}
	l.pill(&end, end.title)
	l.d.boxes = append(l.d.boxes, end)
	for i, card := range l.cards {
		y := card.y + rowsDown
		for j := range l.g.ways {
			w := &l.g.ways[j]
			if w.from != i || w.to != lost {
				continue
			}
			trigger, reason := l.lossLabel(*w)
			trigger.x, trigger.y = right+padding, y
			l.write(trigger, &y)
			reason.x, reason.y = right+padding, y
			l.write(reason, &y)
			y += lineGap
			l.draw(w, fmt.Sprintf("M%d %dH%dQ%d %d %d %dV%d", card.x+card.w, y, l.busX-corner, l.busX, y, l.busX, y+corner, end.y-2), true)
			y += rowGap - lineGap
		}
	}
	return l.comeBack(end)
}

func (l *layout) lastStageBottom() int {
	y := 0
	for i, n := range l.g.nodes {
		if n.stage != nil {
			y = l.cards[i].y + l.cards[i].h
		}
	}
	return y
}

// comeBack draws the ways from lost back into the column.
func (l *layout) comeBack(end box) int {
	y := end.y + end.h
	for j := range l.g.ways {
		w := &l.g.ways[j]
		if w.kind != wayRecycle {
			continue
		}
		x := end.x + end.w + laneStep
		middle := end.y + end.h/2
		target := l.cards[w.to]
		arrive := target.y + portDown
		l.draw(w, fmt.Sprintf("M%d %dH%dQ%d %d %d %dV%dQ%d %d %d %dH%d",
			end.x+end.w, middle, x-corner, x, middle, x, middle-corner, arrive+corner, x, arrive, x-corner, arrive, target.x+target.w+2), true)
		room := l.d.width - margin - (l.cardLeft + cardWidth + padding)
		t := text{x: l.cardLeft + cardWidth + padding, y: y + 8, font: labelType, class: "label", lines: labelType.wrap(w.label, room)}
		l.write(t, &y)
	}
	return y + gap
}

// legend lists the ladders below the process, in two columns.
func (l *layout) legend(y int) int {
	if len(l.g.ladders) == 0 {
		return y - gap
	}
	l.write(text{x: margin, y: y, font: nameType, class: "ink", lines: []string{l.g.words.say("Эскалации", "Escalations")}}, &y)
	column := (l.d.width - 3*margin) / 2
	ends := [2]int{y + 10, y + 10}
	for _, ladder := range l.g.ladders {
		side := 0
		if ends[1] < ends[0] {
			side = 1
		}
		x := margin + side*(column+margin)
		b := box{x: x, y: ends[side], w: column, class: "ladder", title: ladder.title}
		inner := column - 2*padding
		at := b.y + padding - 2
		bold := font{factType.size, true}
		l.write(text{x: x + padding, y: at, font: bold, class: "ink", lines: bold.wrap(ladder.title, inner), on: true}, &at)
		for _, r := range ladder.rungs {
			l.write(text{x: x + padding, y: at + 3, font: factType, class: "muted", lines: factType.wrap(join(" — ", r.when, r.what), inner), on: true}, &at)
		}
		b.h = at + padding - 2 - b.y
		l.d.boxes = append(l.d.boxes, b)
		ends[side] = b.y + b.h + 12
	}
	return max(ends[0], ends[1]) - 12
}
