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
	Q         string // words that name, address, subject or text fields hold, in any case
	Sort      string // a key of DealSorts, descending with "-" before it; "-opened_at" unless given
	Limit     int    // MaxLimit unless given
	Cursor    string
}

// DealSorts are the columns that deals may be sorted by.
var DealSorts = []string{"opened_at", "updated_at", "stage_entered_at", "next_wake", "amount"}

// condition builds a WHERE clause.
type condition struct {
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
		return ""
	}
	return " WHERE " + strings.Join(w.terms, " AND ")
}

func (f *Filter) where() *condition {
	var w condition
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
	return &w
}

// Deals lists deals. An impossible cursor or sort is a *BadQuery.
func (s *Store) Deals(ctx context.Context, f Filter) (Page[DealRow], error) {
	var page Page[DealRow]
	order, err := parseOrder(f.Sort)
	if err != nil {
		return page, err
	}
	c, end, err := s.snapshot(ctx)
	if err != nil {
		return page, wrap("list deals", err)
	}
	defer end()
	where := f.where()
	if err := where.search(c, f.Companies, f.Q); err != nil {
		return page, wrap("search deals", err)
	}
	if err := c.row(`SELECT COUNT(*) FROM deals d`+where.String(), where.args, &page.Total); err != nil {
		return page, wrap("count deals", err)
	}
	if f.Cursor != "" {
		if err := order.after(where, f.Cursor); err != nil {
			return page, err
		}
	}
	limit := pageLimit(f.Limit)
	page.Items, err = collect(c, scanDeal, dealSelect+where.String()+order.String()+` LIMIT ?`, append(where.args, limit+1)...)
	if err != nil {
		return page, wrap("list deals", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = order.cursor(page.Items[limit-1])
	}
	return page, nil
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
