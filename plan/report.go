package plan

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Report is what an edit would do to a company.
type Report struct {
	Company string `json:"company"`
	// Refused is why a server would not take the edit; empty: it would.
	Refused []string `json:"refused"`
	Deals   []Deal   `json:"deals"`

	zone *time.Location
	rank func(Deal) int // the place of the deal's stage in the edit
}

// NewReport sums up what becomes of a company's open deals.
func NewReport(edit *definitions.Company, deals []Deal, refused []string) *Report {
	r := &Report{Company: edit.ID, Refused: append([]string{}, refused...), Deals: append([]Deal{}, deals...), zone: edit.Calendar.Location()}
	r.rank = func(d Deal) int {
		if p := edit.Process(d.Process); p != nil {
			return p.StageIndex(d.Stage)
		}
		return -1
	}
	slices.SortStableFunc(r.Deals, func(a, b Deal) int {
		return cmp.Or(cmp.Compare(a.Process, b.Process), cmp.Compare(r.rank(a), r.rank(b)), cmp.Compare(a.Stage, b.Stage))
	})
	return r
}

// words say when a deal takes up the edit.
var words = map[string]string{
	Already: "go by this version already",
	AtOnce:  "take the edit up at once",
	Next:    "take the edit up with their next stage",
	Never:   "stay with their version to their end",
}

// Print writes the report for a person: the deals of each stage that share
// their fate in one line, or, verbose, every deal.
func (r *Report) Print(w io.Writer, verbose bool) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s: %d open deals\n", r.Company, len(r.Deals))
	for _, takes := range []string{Already, AtOnce, Next, Never} {
		n := 0
		for _, d := range r.Deals {
			if d.Takes == takes {
				n++
			}
		}
		if n > 0 {
			fmt.Fprintf(out, "  %4d %s\n", n, words[takes])
		}
	}
	r.printStages(out)
	if verbose {
		r.printDeals(out)
	}
	for _, why := range r.Refused {
		fmt.Fprintf(out, "A server would not take this edit: %s\n", why)
	}
	return out.Flush()
}

// printStages writes a line for the deals of a stage that share their fate.
func (r *Report) printStages(w io.Writer) {
	type group struct{ process, stage, what string }
	var order []group
	count := map[group]int{}
	for _, d := range r.Deals {
		g := group{d.Process, d.Stage, d.what()}
		if count[g] == 0 {
			order = append(order, g)
		}
		count[g]++
	}
	if len(order) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nPROCESS\tSTAGE\tDEALS\tWHAT HAPPENS")
	for _, g := range order {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", g.process, g.stage, count[g], g.what)
	}
	_ = table.Flush() // w keeps its own error
	fmt.Fprintln(w)
}

func (r *Report) printDeals(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DEAL\tSTAGE\tOWNER\tWHAT HAPPENS")
	for _, d := range r.Deals {
		what := d.what()
		if d.By != nil {
			what += ", by itself on " + d.By.In(r.zone).Format("2006-01-02 15:04")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", d.ID, d.Stage, d.Owner, what)
	}
	_ = table.Flush() // w keeps its own error
	fmt.Fprintln(w)
}

// what says in words what becomes of the deal.
func (d *Deal) what() string {
	parts := []string{strings.NewReplacer("their", "its", "go by", "goes by", "take the", "takes the", "stay with", "stays with").Replace(words[d.Takes])}
	if d.To != "" {
		parts = append(parts, "goes to "+d.To)
	}
	return strings.Join(append(parts, d.Effects...), "; ")
}
