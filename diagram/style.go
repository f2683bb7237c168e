package diagram

import "strings"

// palette gives the parts of the drawing their colours. Text keeps a contrast
// of at least 4.5 to 1 on what it stands on.
type palette struct {
	page, card, edge, ink, muted, line string
	wonFill, wonEdge, wonInk           string
	lostFill, lostEdge, lostInk        string
}

var light = palette{
	page: "#ffffff", card: "#f5f7fa", edge: "#b9c4d3", ink: "#1b2430", muted: "#4d5c70", line: "#64748b",
	wonFill: "#e6f5eb", wonEdge: "#2f8450", wonInk: "#216b3d", lostFill: "#fdeceb", lostEdge: "#c2413a", lostInk: "#b3352e",
}

var dark = palette{
	page: "#11161d", card: "#1c2531", edge: "#3d4b5f", ink: "#e8edf4", muted: "#a7b6c9", line: "#8fa1b8",
	wonFill: "#16301f", wonEdge: "#56bd80", wonInk: "#7fd7a1", lostFill: "#3b1e1d", lostEdge: "#e8766d", lostInk: "#f29a92",
}

// fixed are the rules that do not depend on colours.
const fixed = `.dw text{font-family:system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
.dw-line{fill:none;stroke-width:1.5}
.dw-hand,.dw-ladder.dw-line,.dw-recycle{stroke-dasharray:5 4}
`

func (p palette) rules() string {
	return strings.NewReplacer(
		"PAGE", p.page, "CARD", p.card, "EDGE", p.edge, "INK", p.ink, "MUTED", p.muted, "LINE", p.line,
		"WONFILL", p.wonFill, "WONEDGE", p.wonEdge, "WONTEXT", p.wonInk, "LOSTFILL", p.lostFill, "LOSTEDGE", p.lostEdge, "LOSTTEXT", p.lostInk,
	).Replace(`.dw-page{fill:PAGE}.dw-card{fill:CARD;stroke:EDGE}rect.dw-ladder{fill:PAGE;stroke:EDGE}
.dw-won{fill:WONFILL;stroke:WONEDGE}.dw-lost{fill:LOSTFILL;stroke:LOSTEDGE}
.dw-ink{fill:INK}.dw-muted,.dw-label{fill:MUTED}text.dw-loss{fill:LOSTTEXT}.dw-win{fill:WONTEXT}
.dw-line{stroke:LINE}.dw-line.dw-losing{stroke:LOSTEDGE}.dw-arrow-head{fill:LINE}.dw-loss-head{fill:LOSTEDGE}
`)
}

// style is the style sheet of a theme.
func style(theme Theme) string {
	rules := light.rules()
	switch theme {
	case Dark:
		rules = dark.rules()
	case Auto:
		rules += "@media (prefers-color-scheme:dark){" + dark.rules() + "}\n"
	}
	return "<style>\n" + fixed + rules + "</style>\n"
}
