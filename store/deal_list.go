package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxLimit is the longest page of a list.
const MaxLimit = 500

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Next  string // cursor of the next page, empty on the last
	Total int    // of all pages
}

// Filter chooses deals; an empty part does not restrict.
type Filter struct {
	Companies []string
	Process   string
	Version   string
	Stage     string
	Status    string
	Owner     string
	Source    string
	Stalled   *bool
	Standing  bool      // only what is not closed
	Waiting   bool      // only open deals that wait for a person: stalled, with a task overdue, or a bad address
	OpenedBy  time.Time // at the latest; zero: whenever
	Q         string    // words that name, address, subject or text fields hold, in any case
	Sort      string    // a key of DealSorts, descending with "-" before it; "-opened_at" unless given
	Limit     int       // MaxLimit unless given
	Cursor    string

	Counted int // how many there are, where that is known; 0: they are counted
}

// DealSorts are the columns that deals may be sorted by.
var DealSorts = []string{"opened_at", "updated_at", "stage_entered_at", "next_wake", "amount"}

// condition builds a WHERE clause, behind what it is of.
type condition struct {
	from  string // empty: the clause alone
	terms []string
	args  []any
}

func (w *condition) add(term string, args ...any) {
	w.terms = append(w.terms, term)
	w.args = append(w.args, args...)
}

// equal restricts a column, unless the value is empty.
func (w *condition) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

// among restricts a column to a list, unless it is empty.
func (w *condition) among(column string, list []string) {
	if len(list) > 0 {
		w.add(column+" IN ("+placeholders(len(list))+")", anys(list)...)
	}
}

func (w *condition) String() string {
	if len(w.terms) == 0 {
		return w.from
	}
	return w.from + " WHERE " + strings.Join(w.terms, " AND ")
}

// equals restricts to what the columns say.
func (f *Filter) equals(w *condition) {
	w.among("d.company", f.Companies)
	w.equal("d.process", f.Process)
	w.equal("d.version", f.Version)
	w.equal("d.stage", f.Stage)
	w.equal("d.status", f.Status)
	w.equal("d.owner", f.Owner)
	w.equal("d.source", f.Source)
	switch {
	case f.Stalled == nil:
	case *f.Stalled:
		w.add("d.stalled_since <> 0")
	default:
		w.add("d.stalled_since = 0")
	}
	if f.Standing {
		w.add("d.closed_at = 0")
	}
	if f.Waiting {
		w.add("d.waits")
	}
	if !f.OpenedBy.IsZero() {
		w.add("d.opened_at <= ?", f.OpenedBy)
	}
}

// Deals lists deals. An impossible cursor or sort is a *BadQuery.
func (s *Store) Deals(ctx context.Context, f Filter) (Page[DealRow], error) {
	var page Page[DealRow]
	order, err := parseOrder(f.Sort)
	if err != nil {
		return page, err
	}
	var behind condition
	if f.Cursor != "" {
		if err := order.after(&behind, f.Cursor); err != nil {
			return page, err
		}
	}
	c, end, err := s.snapshot(ctx)
	if err != nil {
		return page, wrap("list deals", err)
	}
	defer end()
	if page.Total = f.Counted; page.Total == 0 {
		all := f.counted(c.postgres)
		if err := c.row(`SELECT COUNT(*) FROM `+all.String(), all.args, &page.Total); err != nil {
			return page, wrap("count deals", err)
		}
	}
	if page.Total == 0 {
		return page, nil
	}
	found, by := f.found(c.postgres), order.sorted()
	if page.Total > few {
		found, by = f.along(c.postgres, order.column), order.String()
	}
	found.terms, found.args = append(found.terms, behind.terms...), append(found.args, behind.args...)
	limit := pageLimit(f.Limit)
	page.Items, err = collect(c, scanDeal, dealShown+` FROM (SELECT d.n FROM `+found.String()+by+` LIMIT ?) AS p
		JOIN deals d ON d.n = p.n JOIN deal_states s ON s.n = p.n`+order.sorted(), append(found.args, limit+1)...)
	if err != nil {
		return page, wrap("list deals", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = order.cursor(page.Items[limit-1])
	}
	return page, nil
}

// few is up to how many deals a list finds first and sorts then. Of more, it
// walks along the index that is in its order, where the next match is not far.
const few = 1000

// counted is the quickest way to how many match: what is asked for by words
// alone is counted where the words are.
func (f *Filter) counted(postgres bool) *condition {
	alone := *f
	alone.Companies, alone.Q, alone.Sort, alone.Limit, alone.Cursor = nil, "", "", 0, ""
	var rest condition
	alone.equals(&rest)
	w := &condition{}
	w.search(f.Q, postgres)
	table, joined, _ := strings.Cut(w.from, " ")
	switch {
	case joined == "" || len(rest.terms) > 0:
		return f.found(postgres)
	case table == "deal_search":
		w.from = "deal_search q"
		w.among("q.company", f.Companies)
	case len(f.Companies) == 0 && len(w.terms) == 1:
		w.from = table
	default:
		return f.found(postgres)
	}
	return w
}

// found is the way to all deals that match.
func (f *Filter) found(postgres bool) *condition {
	w := &condition{from: "deals d"}
	w.search(f.Q, postgres)
	f.equals(w)
	return w
}

// along is the way to them in the order of a column.
func (f *Filter) along(postgres bool, column string) *condition {
	w := &condition{from: "deals d"}
	switch { // PostgreSQL chooses well by itself
	case postgres:
	case f.Waiting && column == "amount":
		w.from += " INDEXED BY deals_waiting"
	default:
		w.from += " INDEXED BY deals_by_" + column
	}
	f.equals(w)
	w.holding(f.Q, postgres)
	return w
}

// StageCount is how many deals stand in a stage.
type StageCount struct {
	Process, Stage, Status string
	Deals, Stalled         int
	Amount                 float64
}

// Standing counts the deals that match and are not closed, by process, stage
// and status.
func (s *Store) Standing(ctx context.Context, f Filter) ([]StageCount, error) {
	f.Standing = true
	found := f.found(s.postgres)
	counts, err := collect(s.read(ctx), func(row scanner) (StageCount, error) {
		var c StageCount
		return c, row.Scan(&c.Process, &c.Stage, &c.Status, &c.Deals, &c.Stalled, &c.Amount)
	}, `SELECT d.process, d.stage, d.status, COUNT(*), COUNT(NULLIF(d.stalled_since, 0)), SUM(d.amount) FROM `+found.String()+`
		GROUP BY d.process, d.stage, d.status ORDER BY d.process, d.stage, d.status`, found.args...)
	return counts, wrap("count deals by stage", err)
}

// Worth counts the deals that match, and adds up their amounts.
func (s *Store) Worth(ctx context.Context, f Filter) (deals int, amount float64, err error) {
	found := f.found(s.postgres)
	err = s.read(ctx).row(`SELECT COUNT(*), COALESCE(SUM(d.amount), 0) FROM `+found.String(), found.args, &deals, &amount)
	return deals, amount, wrap("add up deals", err)
}

// pageLimit keeps the length of a page within bounds.
func pageLimit(asked int) int {
	if asked <= 0 || asked > MaxLimit {
		return MaxLimit
	}
	return asked
}

// dealOrder is a sort of deals; their ids settle what is equal.
type dealOrder struct {
	column     string
	descending bool
}

func parseOrder(sort string) (dealOrder, error) {
	if sort == "" {
		sort = "-opened_at"
	}
	column, descending := strings.CutPrefix(sort, "-")
	if slices.Contains(DealSorts, column) {
		return dealOrder{column, descending}, nil
	}
	return dealOrder{}, &BadQuery{"sort", strconv.Quote(sort) + " is unknown; use one of " + strings.Join(DealSorts, ", ") + `, with "-" before it for descending`}
}

func (o dealOrder) String() string {
	if o.descending {
		return " ORDER BY d." + o.column + " DESC, d.id DESC"
	}
	return " ORDER BY d." + o.column + ", d.id"
}

// sorted is the same order for few deals: none of its indexes serves it.
func (o dealOrder) sorted() string { return strings.Replace(o.String(), "d.", "+d.", 1) }

// cursor names the place behind a deal.
func (o dealOrder) cursor(d DealRow) string {
	var key string
	switch o.column {
	case "opened_at":
		key = integer(micros(d.State.OpenedAt))
	case "updated_at":
		key = integer(micros(d.UpdatedAt))
	case "stage_entered_at":
		key = integer(micros(d.State.StageEnteredAt))
	case "next_wake":
		key = integer(wakeKey(d.NextWake))
	case "amount":
		key = strconv.FormatFloat(d.Amount, 'g', -1, 64)
	}
	return encodeCursor(o.mark(), key, d.State.ID)
}

// mark is what a cursor says of the sort it belongs to.
func (o dealOrder) mark() string {
	if o.descending {
		return "-" + o.column
	}
	return o.column
}

// after restricts to what follows the cursor.
func (o dealOrder) after(w *condition, cursor string) error {
	parts, err := decodeCursor(cursor, 3)
	if err != nil {
		return err
	}
	if parts[0] != o.mark() {
		return &BadQuery{"cursor", "it belongs to another sort; begin without a cursor"}
	}
	var key any
	if o.column == "amount" {
		key, err = strconv.ParseFloat(parts[1], 64)
	} else {
		key, err = strconv.ParseInt(parts[1], 10, 64)
	}
	if err != nil {
		return badCursor
	}
	sign := " > "
	if o.descending {
		sign = " < "
	}
	w.add("(d."+o.column+", d.id)"+sign+"(?, ?)", key, parts[2])
	return nil
}

func wakeKey(wake time.Time) int64 {
	if wake.IsZero() {
		return never
	}
	return micros(wake)
}

// OpenDeals lists, in the order of their ids from behind after, the deals that
// something may still happen to: not closed, or due to come back.
func (s *Store) OpenDeals(ctx context.Context, after string, limit int) ([]string, error) {
	ids, err := collect(s.read(ctx), scanText,
		`SELECT id FROM deals WHERE id > ? AND (closed_at = 0 OR next_wake <> ?) ORDER BY id LIMIT ?`, after, int64(never), limit)
	return ids, wrap("list open deals", err)
}

func scanText(row scanner) (string, error) {
	var text string
	return text, row.Scan(&text)
}
