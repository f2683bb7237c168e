package diagram

import "slices"

// Measures of the drawing, in pixels.
const (
	margin    = 24
	cardWidth = 330
	padding   = 14
	leftText  = 190 // room for the labels of ways that leave to the left
	rightText = 250 // room for the labels of ways to lost
	laneStep  = 16
	busRoom   = 40 // from the labels to the line that gathers the lost
	corner    = 8
	gap       = 34 // between two cards, at least
	portDown  = 18 // where ways arrive, from the top of a card
	rowsDown  = 30 // where ways begin to leave, from the top of a card
	pillWidth = 200
)

// The type of the drawing.
var (
	headType  = font{size: 20, bold: true}
	nameType  = font{size: 15, bold: true}
	factType  = font{size: 12}
	labelType = font{size: 11}
)

// drawing is everything in its place.
type drawing struct {
	width, height int
	boxes         []box
	texts         []text
	lines         []line
}

// box is a card, an end or a block of the ladders.
type box struct {
	x, y, w, h int
	class      string
	id         string // of the stage or the end
	title      string
	round      bool
}

// text is a block of lines; x and y are its left or middle, and its top.
type text struct {
	x, y   int
	font   font
	class  string
	middle bool
	lines  []string
	on     bool // it stands on a box
}

// line is a way as a path.
type line struct {
	path  string
	class string
	arrow string // which marker ends it; "" for one that joins another
	way   *way
}

// width and height of the block.
func (t text) width() int {
	widest := 0
	for _, l := range t.lines {
		widest = max(widest, t.font.width(l))
	}
	return widest
}

func (t text) height() int { return len(t.lines) * t.font.lineHeight() }

func (t text) left() int {
	if t.middle {
		return t.x - t.width()/2
	}
	return t.x
}

// layout places a graph: the stages in a column, ways to the next one straight
// down, other ways by lanes on the left, losses by labelled rows on the right
// that one line gathers.
type layout struct {
	g     *graph
	d     drawing
	cards []box       // of the nodes
	lanes map[int]int // target -> lane, 0 next to the labels
	below map[int]int // node -> height of the labels of its way straight down

	laneCount int
	cardLeft  int
	busX      int
}

func place(g *graph) *layout {
	l := &layout{g: g, lanes: map[int]int{}, below: map[int]int{}}
	l.assignLanes()
	l.cardLeft = margin + l.laneCount*laneStep
	if l.laneCount > 0 {
		l.cardLeft += leftText
	}
	right := l.cardLeft + cardWidth
	l.d.width = right + rightText/2
	if g.loses {
		l.busX = right + rightText + busRoom/2
		l.d.width = l.busX + pillWidth/2
		if g.recycles() {
			l.d.width += laneStep * 2
		}
	}
	l.d.width += margin
	y := l.head()
	for i := range g.nodes {
		y = l.card(i, y)
	}
	l.down()
	l.jumps()
	bottom := l.losses(y)
	l.d.height = l.legend(max(y, bottom)) + margin
	return l
}

func (g *graph) recycles() bool {
	return slices.ContainsFunc(g.ways, func(w way) bool { return w.kind == wayRecycle })
}

// straight reports whether the way leads to the next node of the column.
func (w way) straight() bool { return w.from != lost && w.to == w.from+1 }

// jumps reports whether the way takes a lane.
func (w way) jumps() bool { return w.from != lost && w.to != lost && !w.straight() }

// assignLanes gives all ways to a target one lane, the shortest nearest to the
// cards, and different ones where they would run side by side.
func (l *layout) assignLanes() {
	type span struct{ target, from, to int }
	var spans []span
	for _, w := range l.g.ways {
		if !w.jumps() {
			continue
		}
		i := slices.IndexFunc(spans, func(s span) bool { return s.target == w.to })
		if i < 0 {
			spans = append(spans, span{w.to, w.to, w.to})
			i = len(spans) - 1
		}
		spans[i].from, spans[i].to = min(spans[i].from, w.from), max(spans[i].to, w.from)
	}
	slices.SortStableFunc(spans, func(a, b span) int { return (a.to - a.from) - (b.to - b.from) })
	var taken [][]span
	for _, s := range spans {
		lane := slices.IndexFunc(taken, func(others []span) bool {
			return !slices.ContainsFunc(others, func(o span) bool { return s.from <= o.to && o.from <= s.to })
		})
		if lane < 0 {
			taken = append(taken, nil)
			lane = len(taken) - 1
		}
		taken[lane] = append(taken[lane], s)
		l.lanes[s.target] = lane
	}
	l.laneCount = len(taken)
}

// head writes what the drawing is of.
func (l *layout) head() int {
	p := l.g.process
	y := margin
	l.write(text{x: margin, y: y, font: headType, class: "ink", lines: headType.wrap(or(p.Name, p.Process), l.d.width-2*margin)}, &y)
	if p.Company != nil && p.Company.Name != "" {
		l.write(text{x: margin, y: y + 2, font: factType, class: "muted", lines: factType.wrap(p.Company.Name, l.d.width-2*margin)}, &y)
	}
	return y + margin
}

// write adds a text and moves y below it.
func (l *layout) write(t text, y *int) {
	l.d.texts = append(l.d.texts, t)
	*y = t.y + t.height()
}

// card places a node and answers where the next one may begin.
func (l *layout) card(i, y int) int {
	n := l.g.nodes[i]
	b := box{x: l.cardLeft, y: y, w: cardWidth, class: "card", id: n.id, title: n.name}
	if n.won {
		b.class = "won"
	}
	if n.stage == nil {
		b.x, b.w, b.round = l.cardLeft+(cardWidth-pillWidth)/2, pillWidth, true
		l.pill(&b, n.name)
	} else {
		at := y + padding
		inner := cardWidth - 2*padding
		l.write(text{x: b.x + padding, y: at, font: nameType, class: "ink", lines: nameType.wrap(n.name, inner), on: true}, &at)
		if n.won {
			bold := font{factType.size, true}
			l.write(text{x: b.x + padding, y: at + 3, font: bold, class: "win", lines: bold.wrap(l.g.words.wins(), inner), on: true}, &at)
		}
		for _, fact := range n.facts {
			l.write(text{x: b.x + padding, y: at + 3, font: factType, class: "muted", lines: factType.wrap(fact, inner), on: true}, &at)
		}
		b.h = max(at+padding-y, l.leftHeight(i), l.rightHeight(i))
	}
	l.cards = append(l.cards, b)
	l.d.boxes = append(l.d.boxes, b)
	labels := 0
	for _, w := range l.g.ways {
		if w.from == i && w.straight() {
			labels += l.downLabel(w).height() + 4
		}
	}
	if labels > 0 {
		labels += 16
	}
	l.below[i] = labels
	return y + b.h + max(gap, labels)
}

// pill writes the name of an end into its box.
func (l *layout) pill(b *box, name string) {
	t := text{x: b.x + b.w/2, y: b.y + 10, font: nameType, class: "ink", middle: true, lines: nameType.wrap(name, b.w-2*padding), on: true}
	b.h = t.height() + 20
	l.d.texts = append(l.d.texts, t)
}
