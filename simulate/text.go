package simulate

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table is columns of text, the first to the left, the others to the right.
type table struct{ rows [][]string }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(b *strings.Builder) {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range t.rows {
		padded := make([]string, len(row))
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if padded[i] = space + cell; i == 0 {
				padded[i] = cell + space
			}
		}
		b.WriteString(strings.TrimRight(strings.Join(padded, "  "), " ") + "\n")
	}
}

// spread writes P50 with P10 and P90.
func (s Spread) text(digits int) string {
	return fmt.Sprintf("%s (%s–%s)", number(s.P50, digits), number(s.P10, digits), number(s.P90, digits))
}

// Print writes the report for people: the summary, then the figures.
func (r *Report) Print(to io.Writer) error {
	w := r.words()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", r.Name, w.say("%d дн., обращений в неделю: %s, прогонов: %d", "%d days, %s leads per week, %d runs",
		r.Days, number(r.LeadsPerWeek, 1), r.Runs))
	for _, line := range r.Summary {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	r.stageTable(w).print(&b)
	b.WriteString("\n")
	r.personTable(w).print(&b)
	for _, part := range []struct {
		title  string
		counts []Count
	}{
		{w.pick("Причины потерь", "Lost for"), r.Reasons},
		{w.pick("Письма", "Letters"), r.Letters},
	} {
		if len(part.counts) > 0 {
			fmt.Fprintf(&b, "\n%s: %s\n", part.title, listCounts(part.counts))
		}
	}
	for _, part := range []struct {
		title  string
		levels []LevelCount
	}{
		{w.pick("Эскалации сделок по уровням", "Escalations of deals by level"), r.Escalations},
		{w.pick("Эскалации задач по уровням", "Escalations of tasks by level"), r.TaskLevels},
	} {
		var said []string
		for _, l := range part.levels {
			said = append(said, fmt.Sprintf("%d — %s", l.Level, number(l.Count, 0)))
		}
		if len(said) > 0 {
			fmt.Fprintf(&b, "\n%s: %s\n", part.title, strings.Join(said, ", "))
		}
	}
	_, err := io.WriteString(to, b.String())
	return err
}

func (r *Report) stageTable(w words) *table {
	t := &table{}
	t.row(w.pick("Этап", "Stage"), w.pick("вошло", "entered"), w.pick("дальше", "went on"), "%", w.pick("потеряно", "lost"),
		w.pick("стояло", "stalled"), w.pick("осталось", "open"), w.pick("дней", "days"), w.pick("цель", "target"), w.pick("дольше цели", "over target"))
	for _, s := range r.Stages {
		over := ""
		if s.OverTarget != nil {
			over = number(*s.OverTarget, 0) + " %"
		}
		t.row(s.Name, number(s.Entered, 0), number(s.Passed, 0), number(s.Conversion, 0), number(s.Lost, 0), number(s.Stalled, 0), number(s.Open, 0),
			s.Days.text(1), s.Target, over)
	}
	return t
}

func (r *Report) personTable(w words) *table {
	t := &table{}
	t.row(w.pick("Сотрудник", "Person"), w.pick("роль", "role"), w.pick("часов в неделю", "hours a week"), w.pick("занятость", "busy"), w.pick("задач в неделю", "tasks a week"))
	for _, p := range r.People {
		name := p.Name
		if name == "" {
			name = p.Email
		}
		t.row(name, p.RoleName, p.HoursPerWeek.text(1), number(p.Utilisation, 0)+" %", number(p.tasks(), 1))
	}
	return t
}

// tasks is how many tasks the person finishes in a week.
func (p *PersonReport) tasks() float64 {
	sum := 0.0
	for _, n := range p.TasksPerWeek {
		sum += n
	}
	return round(sum, 1)
}

func listCounts(counts []Count) string {
	said := make([]string, len(counts))
	for i, c := range counts {
		name := c.Name
		if name == "" {
			name = c.ID
		}
		said[i] = name + " — " + number(c.Count, 0)
	}
	return strings.Join(said, ", ")
}

// Print writes the comparison for people.
func (c *Comparison) Print(to io.Writer) error {
	w := words{russian: c.Language == "ru"}
	var b strings.Builder
	for _, line := range c.Summary {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	t := &table{}
	t.row("", c.NameA, c.NameB, w.pick("разница", "difference"), w.pick("95 % интервал", "95% interval"), "")
	for _, d := range c.Figures {
		t.difference(d.Label, d)
	}
	for _, s := range c.Stages {
		t.difference(s.Name+": "+s.Conversion.Label, s.Conversion)
		t.difference(s.Name+": "+s.Days.Label, s.Days)
	}
	t.print(&b)
	fmt.Fprintf(&b, "\n%s\n", w.pick("* — интервал не содержит нуля", "* the interval does not hold 0"))
	_, err := io.WriteString(to, b.String())
	return err
}

func (t *table) difference(label string, d Difference) {
	sure := ""
	if d.Sure {
		sure = "*"
	}
	t.row(label, number(d.A, 1), number(d.B, 1), signed(d.Diff), signed(d.Low)+" … "+signed(d.High), sure)
}
