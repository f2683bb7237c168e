package simulate

import "fmt"

// words says things in the report's language.
type words struct{ russian bool }

func (w words) say(russian, english string, args ...any) string {
	return fmt.Sprintf(w.pick(russian, english), args...)
}

// pick is say for texts without anything to fill in.
func (w words) pick(russian, english string) string {
	if w.russian {
		return russian
	}
	return english
}

func (r *Report) words() words { return words{russian: r.Language == "ru"} }

// summary says in a few sentences what the figures mean.
func (r *Report) summary() []string {
	w := r.words()
	said := []string{w.say(
		"За %d дн.: обращений — %s, выиграно — %s (в восьми случаях из десяти — от %s до %s), ещё в работе — %s.",
		"In %d days, of %s leads %s are won (in eight cases of ten %s to %s), and %s are still open.",
		r.Days, number(r.Leads.P50, 0), number(r.Won.P50, 0), number(r.Won.P10, 0), number(r.Won.P90, 0), number(r.Open.P50, 0),
	)}
	if r.Amount.P90 > 0 {
		said = append(said, w.say(
			"Сумма выигранных: %s %s (от %s до %s).", "They amount to %s %s (%s to %s).",
			number(r.Amount.P50, 0), r.Currency, number(r.Amount.P10, 0), number(r.Amount.P90, 0),
		))
	}
	if r.Won.P90 > 0 {
		said = append(said, w.say(
			"До выигрыша проходит %s дн., у каждой десятой сделки — больше %s.", "A deal takes %s days to its win, every tenth more than %s.",
			number(r.Cycle.P50, 0), number(r.Cycle.P90, 0),
		))
	}
	if worst := r.worstLeak(); worst != nil {
		said = append(said, w.say(
			"Больше всего сделок теряется на этапе «%s»: %s из %s.", "Most deals are lost in stage “%s”: %s of %s.",
			worst.Name, number(worst.Lost, 0), number(worst.Entered, 0),
		))
	}
	if r.Missed.P50 >= 1 {
		said = append(said, w.say(
			"Потеряно, хотя клиент пошёл бы дальше: %s.", "Lost though the client would have gone on: %s.", number(r.Missed.P50, 0),
		))
	}
	if len(r.Stuck) > 0 {
		s := r.Stuck[0]
		said = append(said, w.say(
			"Чаще всего застревают на этапе «%s»: стоят %s %% сделок, дольше цели — %s %%.", "Deals get stuck most in stage “%s”: %s%% stall, %s%% take longer than the target.",
			s.Name, number(s.Stalled, 0), number(s.OverTarget, 0),
		))
	}
	if p := r.busiest(); p != nil {
		name := p.Name
		if name == "" {
			name = p.Email
		}
		said = append(said, w.say("Больше всех занят сотрудник %s: %s %% времени.", "The busiest person is %s: %s%% of their time.", name, number(p.Utilisation, 0)))
	}
	return said
}

func (r *Report) worstLeak() *StageReport {
	var worst *StageReport
	for i := range r.Stages {
		if s := &r.Stages[i]; s.Lost > 0 && (worst == nil || s.Lost > worst.Lost) {
			worst = s
		}
	}
	return worst
}

func (r *Report) busiest() *PersonReport {
	var busiest *PersonReport
	for i := range r.People {
		if p := &r.People[i]; p.Utilisation > 0 && (busiest == nil || p.Utilisation > busiest.Utilisation) {
			busiest = p
		}
	}
	return busiest
}
