package diagram

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/definitions"
)

// words says things in the company's language.
type words struct{ russian bool }

func wordsOf(p *definitions.Process) words {
	return words{russian: p.Company != nil && p.Company.Language == "ru"}
}

func (w words) say(russian, english string, args ...any) string {
	text := english
	if w.russian {
		text = russian
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (w words) end(id string) string {
	switch id {
	case "won":
		return w.say("Выиграна", "Won")
	case "lost":
		return w.say("Потеряна", "Lost")
	}
	return w.say("Завершена", "Done")
}

// wins says what entering a won stage means.
func (w words) wins() string { return w.say("Сделка выиграна", "The deal is won") }

// trigger words what a move waits for.
func (w words) trigger(p *definitions.Process, st *definitions.Stage, mv *definitions.Move) string {
	var ways []string
	if mv.On != "" {
		ways = append(ways, w.event(p, st, mv.On))
	}
	if mv.After != nil {
		ways = append(ways, w.say("через %s", "after %s", w.after(*mv.After)))
	}
	text := strings.Join(ways, w.say(" или ", " or "))
	switch {
	case mv.When != nil && text != "":
		return text + w.say(", если %s", ", if %s", mv.When.Source)
	case mv.When != nil:
		return w.say("когда %s", "when %s", mv.When.Source)
	case text == "":
		return w.say("вручную", "by hand")
	}
	return text
}

func (w words) event(p *definitions.Process, st *definitions.Stage, on string) string {
	kind, name, _ := strings.Cut(on, ":")
	switch kind {
	case "reply":
		return w.say("клиент ответил", "the client replies")
	case "tasks_done":
		return w.say("задачи завершены", "the tasks are done")
	case "sequence_done":
		return w.say("письма отправлены", "the letters are sent")
	case "timeout":
		return w.say("срок вышел", "the timeout passes")
	case "bounce":
		return w.say("письмо не дошло", "a letter bounces")
	case "unsubscribe":
		return w.say("клиент отписался", "the client unsubscribes")
	case "task":
		for _, t := range st.Tasks {
			if t.ID == name {
				name = or(t.Name, name)
			}
		}
		return w.say("задача «%s»", "task “%s”", name)
	case "field":
		if f := p.Field(name); f != nil {
			name = or(f.Name, name)
		}
		return w.say("поле «%s»", "field “%s”", name)
	case "document":
		for _, d := range st.Documents {
			if d.ID == name {
				name = or(d.Name, name)
			}
		}
		return w.say("документ «%s»", "document “%s”", name)
	case "signal":
		return w.say("сигнал %s", "signal %s", name)
	}
	return on
}

// told is what people call whom a level of a ladder tells: a role, or who has the
// deal or the task.
func (w words) told(p *definitions.Process, id string) string {
	switch id {
	case "owner":
		return w.say("ответственный", "owner")
	case "assignee":
		return w.say("исполнитель", "assignee")
	}
	return p.Company.RoleTitle(id)
}

func (w words) stalledFor(after calendar.Duration) string {
	if after.IsZero() {
		return w.say("срок вышел", "the timeout passes")
	}
	return w.say("застой %s", "stalled for %s", w.after(after))
}

func (w words) recycle(p *definitions.Process, rc *definitions.Recycle) string {
	var reasons []string
	for _, id := range rc.Reasons {
		reasons = append(reasons, reasonName(p, id))
	}
	text := w.say("Возвращается через %s", "Comes back after %s", w.after(rc.After))
	switch {
	case rc.Max > 0 && w.russian && plural(rc.Max) == 0:
		text += fmt.Sprintf(", не больше %d раза", rc.Max)
	case rc.Max > 0:
		text += w.say(", не больше %d раз", ", %d times at most", rc.Max)
	}
	return text + ": " + strings.Join(reasons, ", ")
}

// timeout words how long a stage may go without progress.
func (w words) timeout(t *definitions.Timeout) string {
	switch {
	case t == nil || t.None:
		return w.say("Срока нет", "No timeout")
	case t.From == "entry":
		return w.say("Срок этапа: %s", "Timeout: %s from entry", w.duration(t.After))
	}
	return w.say("Срок без движения: %s", "Timeout: %s without progress", w.duration(t.After))
}

// units gives each unit of a duration its English word and its three Russian
// forms: one, two, five.
var units = map[string][4]string{
	"s":               {"second", "секунда", "секунды", "секунд"},
	"m":               {"minute", "минута", "минуты", "минут"},
	"h":               {"hour", "час", "часа", "часов"},
	"d":               {"day", "день", "дня", "дней"},
	"w":               {"week", "неделя", "недели", "недель"},
	"business minute": {"business minute", "рабочая минута", "рабочие минуты", "рабочих минут"},
	"business hour":   {"business hour", "рабочий час", "рабочих часа", "рабочих часов"},
	"business day":    {"business day", "рабочий день", "рабочих дня", "рабочих дней"},
}

// accusative replaces the forms that change after «через».
var accusative = strings.NewReplacer(
	"секунда", "секунду", "рабочая минута", "рабочую минуту", "минута", "минуту", "неделя", "неделю")

// after words a duration as it stands behind «через», in the accusative.
func (w words) after(d calendar.Duration) string { return accusative.Replace(w.duration(d)) }

// duration words a duration.
func (w words) duration(d calendar.Duration) string {
	text := d.String()
	unit := strings.TrimLeft(text, "0123456789")
	n, err := strconv.Atoi(strings.TrimSuffix(text, unit))
	if err != nil {
		return text
	}
	unit = strings.TrimSpace(unit)
	if len(unit) > 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	forms, known := units[unit]
	switch {
	case !known:
		return text
	case w.russian:
		return fmt.Sprintf("%d %s", n, forms[1+plural(n)])
	case n == 1:
		return "1 " + forms[0]
	}
	return fmt.Sprintf("%d %ss", n, forms[0])
}

// plural picks the Russian form that goes with a number: 0 for 1 and 21, 1 for
// 2 to 4, 2 for the others.
func plural(n int) int {
	switch {
	case n%10 == 1 && n%100 != 11:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return 1
	}
	return 2
}
