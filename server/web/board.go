package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// columnCards is how many deals a column shows at first.
const columnCards = 20

type boardView struct {
	Filter   filter
	Narrowed bool // by the viewer
	Columns  []column
	Owners   []option
	Sources  []string
	Deals    int
	Stalled  int
	Amount   float64
	Weighted float64
	Currency string
	Refusal  *refusal
	Reasons  []option
}

// filter is what the board is narrowed to; it is the address's query.
type filter struct {
	Owner, Source, Age, Q, Stage string
	Stalled                      bool
}

// Empty reports whether no stage has a deal.
func (v boardView) Empty() bool {
	return !slices.ContainsFunc(v.Columns, func(c column) bool { return c.Deals > 0 })
}

type option struct {
	Value, Name string
	Chosen      bool
}

type column struct {
	ID, Name, Goal, Target string
	Won                    bool
	Deals, Stalled         int
	Amount, Weighted       float64
	Probability            *float64
	Cards                  []card
	More                   int
	Link                   string
}

// Share is how likely the column's deals are to be won, of 1.
func (c column) Share() float64 { return *c.Probability / 100 }

func readFilter(v url.Values) filter {
	f := filter{
		Owner: strings.TrimSpace(v.Get("owner")), Source: strings.TrimSpace(v.Get("source")), Age: v.Get("age"),
		Q: clip(strings.TrimSpace(v.Get("q")), 200), Stage: v.Get("stage"), Stalled: v.Get("stalled") != "",
	}
	if days, err := strconv.Atoi(f.Age); err != nil || days < 1 || days > 10_000 {
		f.Age = ""
	}
	return f
}

func (w *Web) board(q *request) error {
	return w.showBoard(q, http.StatusOK, nil)
}

func (w *Web) showBoard(q *request, status int, refused *refusal) error {
	v := boardView{Refusal: refused}
	if q.process == nil {
		w.render(q, status, "board", q.viewer.T("nav.board"), v)
		return nil
	}
	v.Filter = readFilter(q.URL.Query())
	if q.Method != http.MethodGet {
		v.Filter = filter{}
	}
	v.Narrowed = v.Filter != filter{}
	if q.who.Own != "" {
		v.Filter.Owner = q.who.Own
	}
	if f := q.process.Field(q.process.Amount); f != nil {
		v.Currency = f.Currency
	}
	if err := w.columns(q, &v); err != nil {
		return err
	}
	for _, c := range v.Columns {
		if !c.Won {
			v.Deals, v.Stalled, v.Amount, v.Weighted = v.Deals+c.Deals, v.Stalled+c.Stalled, v.Amount+c.Amount, v.Weighted+c.Weighted
		}
	}
	v.Owners = owners(q.company, v.Filter.Owner)
	v.Reasons = reasons(q.process)
	w.render(q, status, "board", q.viewer.T("nav.board"), v)
	return nil
}

// owners are the people of the team, by name.
func owners(c *definitions.Company, chosen string) []option {
	var all []option
	seen := map[string]bool{}
	for _, r := range c.Roles {
		for _, m := range r.Members {
			if !seen[m.Email] {
				seen[m.Email] = true
				all = append(all, option{m.Email, person(c, m.Email), m.Email == chosen})
			}
		}
	}
	slices.SortFunc(all, func(a, b option) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func reasons(p *definitions.Process) []option {
	var all []option
	for _, r := range p.LostReasons {
		name := r.Name
		if name == "" {
			name = r.ID
		}
		all = append(all, option{Value: r.ID, Name: name})
	}
	return all
}

// columns are the stages of the process, and those of earlier versions that
// deals still stand in.
func (w *Web) columns(q *request, v *boardView) error {
	counts, err := w.Store.Standing(q.Context(), v.Filter.of(q))
	if err != nil {
		return err
	}
	for i := range q.process.Stages {
		st := &q.process.Stages[i]
		c := column{ID: st.ID, Name: stageName(q.viewer, q.process, st.ID), Goal: st.Goal, Won: st.Won, Probability: st.Probability}
		if st.Target != nil && !st.Target.IsZero() {
			c.Target = q.viewer.duration(st.Target.String())
		}
		v.Columns = append(v.Columns, c)
	}
	for _, n := range counts {
		if n.Stage != "" && !slices.ContainsFunc(v.Columns, func(c column) bool { return c.ID == n.Stage }) {
			v.Columns = append(v.Columns, column{ID: n.Stage, Name: n.Stage, Won: n.Status == deal.Won})
		}
	}
	for i := range v.Columns {
		c := &v.Columns[i]
		for _, n := range counts {
			if n.Stage == c.ID && (n.Status == deal.Won) == c.Won {
				c.Deals, c.Stalled, c.Amount = c.Deals+n.Deals, c.Stalled+n.Stalled, c.Amount+n.Amount
			}
		}
		if c.Deals == 0 {
			continue
		}
		if err := w.fill(q, v, c); err != nil {
			return err
		}
		switch {
		case c.Won:
			c.Weighted = c.Amount
		case c.Probability != nil:
			c.Weighted = c.Amount * *c.Probability / 100
		}
	}
	return nil
}

// of is what the filter asks of the store.
func (f filter) of(q *request) store.Filter {
	of := store.Filter{Companies: []string{q.company.ID}, Process: q.process.Process, Owner: f.Owner, Source: f.Source, Q: f.Q, Standing: true}
	if days, err := strconv.Atoi(f.Age); err == nil {
		of.OpenedBy = q.now.Add(-time.Duration(days) * 24 * time.Hour)
	}
	if stalled := true; f.Stalled {
		of.Stalled = &stalled
	}
	return of
}

// fill reads a column's deals: the stalled ones first, then by amount.
func (w *Web) fill(q *request, v *boardView, c *column) error {
	most := columnCards
	if v.Filter.Stage == c.ID {
		most = 200
	}
	f := v.Filter.of(q)
	f.Stage, f.Status, f.Sort = c.ID, deal.Open, "-amount"
	if c.Won {
		f.Status = deal.Won
	}
	var rows []store.DealRow
	for _, part := range []struct {
		stalled bool
		deals   int
	}{{true, c.Stalled}, {false, c.Deals - c.Stalled}} {
		if part.deals == 0 || len(rows) >= most {
			continue
		}
		f.Stalled, f.Counted, f.Limit = &part.stalled, part.deals, most-len(rows)
		page, err := w.Store.Deals(q.Context(), f)
		if err != nil {
			return err
		}
		rows = append(rows, page.Items...)
	}
	for i := range rows {
		d := w.subject(q.Context(), q, &rows[i])
		c.Cards = append(c.Cards, d.card())
		if s := readable(rows[i].State.Source); s != "" && !slices.Contains(v.Sources, s) {
			v.Sources = append(v.Sources, s)
		}
	}
	if c.More = c.Deals - len(c.Cards); c.More > 0 && most == columnCards {
		all := q.URL.Query()
		all.Set("stage", c.ID)
		c.Link = "/?" + all.Encode() + "#stage-" + c.ID
	}
	return nil
}
