package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/report"
	"github.com/dealwright/dealwright/store"
)

// figures is what a page of numbers looks at; all of it is in the address.
type figures struct {
	Path    string
	Period  string // of Presets; empty: from one day to another
	From    string // the days, as they were asked for
	To      string
	Span    report.Span
	Presets []preset
	Problem string // what is wrong with the days

	Owner, Source, Version    string
	Owners, Sources, Versions []option
	Alone                     bool // the viewer sees their own deals only
}

// preset is a period by a name, with its address.
type preset struct {
	Key, Link string
}

// Narrowed reports whether some deals are left out.
func (f figures) Narrowed() bool {
	return !f.Alone && f.Owner != "" || f.Source != "" || f.Version != ""
}

// spans are the periods that have a name.
var spans = map[string]func(time.Time) report.Span{
	"week":    report.WeekOf,
	"30d":     func(now time.Time) report.Span { return report.Last(30, now) },
	"90d":     func(now time.Time) report.Span { return report.Last(90, now) },
	"quarter": report.ThisQuarter,
	"year":    report.ThisYear,
	"all":     report.Ever,
}

// over reads the period that the address asks for, one of the presets or from
// one day to another.
func (q *request) over(otherwise string, presets ...string) figures {
	asked := q.URL.Query()
	f := figures{Path: q.URL.Path, Period: oneOf(asked.Get("period"), presets, otherwise), Alone: q.who.Own != ""}
	now := q.now.In(q.viewer.zone)
	f.Span = spans[f.Period](now)
	if from, to := strings.TrimSpace(asked.Get("from")), strings.TrimSpace(asked.Get("to")); from != "" || to != "" {
		f.dates(q, from, to)
	}
	asked.Del("from")
	asked.Del("to")
	for _, key := range presets {
		asked.Set("period", key)
		f.Presets = append(f.Presets, preset{key, f.Path + "?" + asked.Encode()})
	}
	return f
}

// dates takes days instead of a preset. The first is the beginning of all when
// it is left out, the last is today.
func (f *figures) dates(q *request, from, to string) {
	over := report.Ever(q.now.In(q.viewer.zone))
	for _, day := range []struct {
		text  string
		at    *time.Time
		after int
	}{{from, &over.From, 0}, {to, &over.To, 1}} {
		if day.text == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, day.text, q.viewer.zone)
		if err != nil || t.Year() < 1970 || t.Year() > 9000 {
			f.Problem = q.viewer.T("period.bad_day", clip(readable(day.text), 30))
			return
		}
		*day.at = t.AddDate(0, 0, day.after)
	}
	if !over.From.Before(over.To) {
		f.Problem = q.viewer.T("period.backwards")
		return
	}
	f.Period, f.From, f.To, f.Span = "", from, to, over
}

// Days says from which day to which the period goes.
func (v viewer) Days(s report.Span) string {
	from, to := s.From.In(v.zone), s.To.Add(-time.Nanosecond).In(v.zone)
	if from.Year() < 2001 {
		return v.T("period.until", v.Date(to))
	}
	if v.Date(from) == v.Date(to) {
		return v.Date(to)
	}
	return v.Date(from) + " – " + v.Date(to)
}

// manySources are as many as a menu can hold.
const manySources = 100

// narrow reads which deals of the process the address asks for, and what there
// is to choose from.
func (w *Web) narrow(q *request, f *figures) (*report.Facts, error) {
	asked := q.URL.Query()
	f.Owner, f.Source, f.Version = strings.TrimSpace(asked.Get("owner")), asked.Get("source"), asked.Get("version")
	if f.Alone {
		f.Owner = q.who.Own
	} else {
		f.Owners = chosen(owners(q.company, f.Owner), f.Owner)
	}
	sources, err := w.Store.Sources(q.Context(), q.company.ID, q.process.Process, manySources)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		f.Sources = append(f.Sources, option{s, clip(readable(s), 60), s == f.Source})
	}
	f.Sources = chosen(f.Sources, f.Source)
	versions, err := w.Store.VersionMoments(q.Context(), q.company.ID, q.process.Process)
	if err != nil {
		return nil, err
	}
	for _, row := range versions {
		name := row.Hash[:min(8, len(row.Hash))] + " · " + q.viewer.Date(row.FirstLive)
		f.Versions = append(f.Versions, option{row.Hash, name, row.Hash == f.Version})
	}
	f.Versions = chosen(f.Versions, f.Version)
	return report.About(w.Store, f.Span.Of(store.Report{
		Company: q.company.ID, Process: q.process.Process, Owner: f.Owner, Source: f.Source, Version: f.Version,
	})), nil
}

// chosen adds what an address asks for to a menu that lacks it.
func chosen(menu []option, value string) []option {
	if value == "" || slices.ContainsFunc(menu, func(o option) bool { return o.Chosen }) {
		return menu
	}
	return append(menu, option{value, clip(readable(value), 60), true})
}

// Clear is the address of the page for all deals in the same period.
func (f figures) Clear(scope string) string {
	v, _ := url.ParseQuery(strings.TrimPrefix(scope, "?")) // it was encoded here
	for key, value := range map[string]string{"period": f.Period, "from": f.From, "to": f.To} {
		if value != "" {
			v.Set(key, value)
		}
	}
	return f.Path + "?" + v.Encode()
}

// percent is a length in a chart, of the whole width.
func percent(part, whole float64) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprintf("%.4g%%", min(max(part/whole, 0), 1)*100)
}
