package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// Report says what a report is about; an empty part does not restrict.
type Report struct {
	Company string // always given
	Process string
	Version string
	Source  string
	Owner   string // of the deal, now
	From    time.Time
	To      time.Time // not included
}

// deals restricts to the deals the report is about.
func (r *Report) deals(w *condition) {
	w.equal("d.company", r.Company)
	w.equal("d.process", r.Process)
	w.equal("d.version", r.Version)
	w.equal("d.source", r.Source)
	w.equal("d.owner", r.Owner)
}

// within restricts a column to the report's period.
func (r *Report) within(w *condition, column string) {
	if !r.From.IsZero() {
		w.add(column+" >= ?", r.From)
	}
	if !r.To.IsZero() {
		w.add(column+" < ?", r.To)
	}
}

// passages restricts to the passages the report is about.
func (r *Report) passages(w *condition) {
	w.equal("p.company", r.Company)
	w.equal("p.process", r.Process)
}

// some is the way to the deals that the report is about, where that is not all
// of the process.
func (r *Report) some() (deals condition, some bool) {
	r.deals(&deals)
	return deals, r.Version+r.Source+r.Owner != ""
}

// Passage is how many visits to a stage, of those that began in the period,
// went where: to a stage, to one of Went…, or nowhere yet.
type Passage struct {
	Stage, Went string
	Visits      int
}

// Passages counts visits by stage and by where they led.
func (s *Store) Passages(ctx context.Context, r Report) ([]Passage, error) {
	var visits, where condition
	var query string
	if deals, some := r.some(); some {
		visits.add("v.deal_n IN (SELECT d.n FROM deals d"+deals.String()+")", deals.args...)
		r.within(&visits, "v.entered_at")
		query = `SELECT p.stage, p.went, c.visits FROM (SELECT v.passage, COUNT(*) AS visits FROM visits v` + visits.String() + ` GROUP BY v.passage) AS c
			JOIN passages p ON p.n = c.passage`
	} else {
		visits.add("v.passage = p.n")
		r.within(&visits, "v.entered_at")
		query = `SELECT p.stage, p.went, (SELECT COUNT(*) FROM visits v` + visits.String() + `) FROM passages p`
	}
	r.passages(&where)
	rows, err := collect(s.read(ctx), func(row scanner) (Passage, error) {
		var p Passage
		return p, row.Scan(&p.Stage, &p.Went, &p.Visits)
	}, query+where.String()+` ORDER BY p.stage, p.went`, append(visits.args, where.args...)...)
	rows = slices.DeleteFunc(rows, func(p Passage) bool { return p.Visits == 0 })
	return rows, wrap("count visits", err)
}

// Stay is a finished visit to a stage, or another span that a deal took.
type Stay struct {
	Stage    string
	From, To time.Time
}

// Stays reads the finished visits that began in the period, of many every
// one in so many.
func (s *Store) Stays(ctx context.Context, r Report, oneIn int) ([]Stay, error) {
	var where condition
	r.passages(&where)
	where.add("p.went NOT IN ('', '" + WentSkipped + "')")
	r.within(&where, "v.entered_at")
	of := "v.deal_n"
	if oneIn >= sampled {
		where.add(lot("v.n") + " < " + strconv.Itoa(lots/sampled)) // as the index says that has no others
		of = "+v.deal_n"                                           // and by it, not deal by deal
	}
	if deals, some := r.some(); some {
		where.add(of+" IN (SELECT d.n FROM deals d"+deals.String()+")", deals.args...)
	}
	return s.spans(ctx, "visits to stages", `SELECT p.stage, v.entered_at, v.left_at FROM passages p JOIN visits v ON v.passage = p.n`, &where, "v.n", oneIn)
}

// A row's lot, below lots, decides whether it is measured where not all are. It
// is the golden ratio's multiple of its number (Knuth, The Art of Computer
// Programming, 6.4): deals that write the same visits one after the other would
// have those of one stage under the numbers that divide by eight.
func lot(n string) string { return "(" + n + " * 40503) % 65536" }

const (
	lots    = 65536
	sampled = 8 // one in so many visits has a place in the index visits_sample
)

// drawn restricts to one row in so many.
func (w *condition) drawn(n string, oneIn int) {
	if oneIn > 1 {
		w.add(lot(n)+" < ?", lots/oneIn)
	}
}

// spans reads spans of time, of many every one in so many.
func (s *Store) spans(ctx context.Context, what, query string, where *condition, n string, oneIn int) ([]Stay, error) {
	where.drawn(n, oneIn)
	stays, err := collect(s.read(ctx), func(row scanner) (Stay, error) {
		var stay Stay
		return stay, row.Scan(&stay.Stage, moment{&stay.From}, moment{&stay.To})
	}, query+where.String(), where.args...)
	return stays, wrap("read "+what, err)
}

// Touches counts the deals that were opened in the period, and those of them
// whose client a person has been in touch with.
func (s *Store) Touches(ctx context.Context, r Report) (opened, touched int, err error) {
	where := r.opened()
	err = s.read(ctx).row(`SELECT COUNT(*), COUNT(NULLIF(d.touched_at, 0)) FROM deals d`+where.String(), where.args, &opened, &touched)
	return opened, touched, wrap("count first touches", err)
}

// FirstTouches reads from when to when the clients of the deals opened in the
// period waited for a person.
func (s *Store) FirstTouches(ctx context.Context, r Report, oneIn int) ([]Stay, error) {
	where := r.opened()
	where.add("d.touched_at <> 0")
	return s.spans(ctx, "first touches", `SELECT '', d.opened_at, d.touched_at FROM deals d`, where, "d.n", oneIn)
}

func (r *Report) opened() *condition {
	var w condition
	r.deals(&w)
	r.within(&w, "d.opened_at")
	return &w
}

func (r *Report) decided() *condition {
	var w condition
	r.deals(&w)
	w.add("d.decided_at <> 0")
	r.within(&w, "d.decided_at")
	return &w
}

// Decision sums up the deals that were won, or lost, in the period.
type Decision struct {
	Status string
	Deals  int
	Amount float64
	Took   time.Duration // of all together, from their opening
}

// Decisions counts the deals that were won and lost in the period.
func (s *Store) Decisions(ctx context.Context, r Report) ([]Decision, error) {
	where := r.decided()
	rows, err := collect(s.read(ctx), func(row scanner) (Decision, error) {
		var d Decision
		var took float64
		err := row.Scan(&d.Status, &d.Deals, &d.Amount, &took)
		d.Took = time.Duration(took * 1000)
		return d, err
	}, `SELECT d.status, COUNT(*), SUM(d.amount), SUM(CAST(d.decided_at - d.opened_at AS DOUBLE PRECISION)) FROM deals d`+where.String()+`
		GROUP BY d.status ORDER BY d.status`, where.args...)
	return rows, wrap("count decisions", err)
}

// Decided counts the deals that were won and lost in the period, and nothing
// else of them.
func (s *Store) Decided(ctx context.Context, r Report) (won, lost int, err error) {
	w, l := r.decided(), r.decided()
	w.equal("d.status", deal.Won)
	l.equal("d.status", deal.Lost)
	err = s.read(ctx).row(`SELECT (SELECT COUNT(*) FROM deals d`+w.String()+`), (SELECT COUNT(*) FROM deals d`+l.String()+`)`,
		slices.Concat(w.args, l.args), &won, &lost)
	return won, lost, wrap("count decided deals", err)
}

// Cycles reads from when to when the deals took that were won in the period.
func (s *Store) Cycles(ctx context.Context, r Report, oneIn int) ([]Stay, error) {
	where := r.decided()
	where.equal("d.status", deal.Won)
	return s.spans(ctx, "cycles", `SELECT '', d.opened_at, d.decided_at FROM deals d`, where, "d.n", oneIn)
}

// Loss is how many deals were lost for a reason in a stage.
type Loss struct {
	Reason, Stage string
	Deals         int
	Amount        float64
}

// Losses counts the deals that were lost in the period and have not come back.
func (s *Store) Losses(ctx context.Context, r Report) ([]Loss, error) {
	where := r.decided()
	where.equal("d.status", deal.Lost)
	rows, err := collect(s.read(ctx), func(row scanner) (Loss, error) {
		var l Loss
		return l, row.Scan(&l.Reason, &l.Stage, &l.Deals, &l.Amount)
	}, `SELECT d.lost_reason, d.stage, COUNT(*), SUM(d.amount) FROM deals d`+where.String()+`
		GROUP BY d.lost_reason, d.stage ORDER BY d.lost_reason, d.stage`, where.args...)
	return rows, wrap("count losses", err)
}

// StageCounts is Standing of the deals the report is about; the period does not
// matter.
func (s *Store) StageCounts(ctx context.Context, r Report) ([]StageCount, error) {
	return s.Standing(ctx, Filter{Companies: []string{r.Company}, Process: r.Process, Version: r.Version, Source: r.Source, Owner: r.Owner})
}

// Won is how many of the decided deals that were in a stage were won.
type Won struct {
	Stage      string
	Deals, Won int
}

// WonFrom looks at the deals that were decided last, up to so many, and
// counts by the stages they have been in how many were won.
func (s *Store) WonFrom(ctx context.Context, r Report, last int) (stages []Won, decided int, err error) {
	var latest []string
	var args []any
	for _, status := range []string{deal.Won, deal.Lost} {
		where := r.decided()
		where.equal("d.status", status)
		latest = append(latest, `SELECT * FROM (SELECT d.n, d.status, d.decided_at FROM deals d`+where.String()+` ORDER BY d.decided_at DESC LIMIT ?) AS `+status+`s`)
		args = append(append(args, where.args...), last)
	}
	some := `(SELECT * FROM (` + strings.Join(latest, " UNION ALL ") + `) AS decided ORDER BY decided_at DESC LIMIT ?)`
	args = append(args, last)
	c := s.read(ctx)
	if err := c.row(`SELECT COUNT(*) FROM `+some+` AS d`, args, &decided); err != nil {
		return nil, 0, wrap("count decided deals", err)
	}
	stages, err = collect(c, func(row scanner) (Won, error) {
		var w Won
		return w, row.Scan(&w.Stage, &w.Deals, &w.Won)
	}, `SELECT p.stage, COUNT(DISTINCT d.n), COUNT(DISTINCT CASE WHEN d.status = 'won' THEN d.n END) FROM `+some+` AS d
		JOIN visits v ON v.deal_n = d.n JOIN passages p ON p.n = v.passage WHERE p.went <> '`+WentSkipped+`' GROUP BY p.stage ORDER BY p.stage`, args...)
	return stages, decided, wrap("count wins by stage", err)
}

// Work is how many tasks of a kind a person has finished.
type Work struct {
	Person, Kind string
	Done         int
	First        time.Time // that was finished
}

// Work counts what these persons of the company have finished of these kinds
// in the period, with deals of the process where one is given.
func (s *Store) Work(ctx context.Context, r Report, persons, kinds []string) ([]Work, error) {
	if len(persons) == 0 || len(kinds) == 0 {
		return nil, nil
	}
	var done, where condition
	done.add("w.duty = d.n")
	r.within(&done, "w.at")
	if r.Process != "" {
		done.add("EXISTS (SELECT 1 FROM deals x WHERE x.n = w.deal_n AND x.process = ?)", r.Process)
	}
	where.equal("d.company", r.Company)
	where.among("d.person", persons)
	where.among("d.kind", kinds)
	args := slices.Concat(done.args, done.args, where.args)
	rows, err := collect(s.read(ctx), func(row scanner) (Work, error) {
		var w Work
		return w, row.Scan(&w.Person, &w.Kind, &w.Done, moment{&w.First})
	}, `SELECT d.person, d.kind, (SELECT COUNT(*) FROM work w`+done.String()+`), (SELECT COALESCE(MIN(w.at), 0) FROM work w`+done.String()+`)
		FROM duties d`+where.String()+` ORDER BY d.person, d.kind`, args...)
	rows = slices.DeleteFunc(rows, func(w Work) bool { return w.Done == 0 })
	return rows, wrap("count finished tasks", err)
}
