package report

import (
	"reflect"
	"testing"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// kitchens is the company that the server's tests run with, too.
func kitchens(t *testing.T) *definitions.Company {
	t.Helper()
	companies, faults := definitions.LoadAll("../server/testdata")
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	for _, c := range companies {
		if c.ID == "kitchens" {
			return c
		}
	}
	t.Fatal("no company kitchens")
	return nil
}

// Of 40 decided deals all were in qualification and 20 in presentation; 10 were won.
func TestForecastByOwnConversion(t *testing.T) {
	p := kitchens(t).Process("sales")
	standing := []store.StageCount{
		{Stage: "qualification", Status: deal.Open, Deals: 2, Amount: 1000},
		{Stage: "presentation", Status: deal.Open, Deals: 1, Amount: 2000},
		{Stage: "delivery", Status: deal.Won, Deals: 1, Amount: 5000}, // it is sold, not expected
	}
	won := []store.Won{{Stage: "presentation", Deals: 20, Won: 10}, {Stage: "qualification", Deals: 40, Won: 10}}
	for name, c := range map[string]struct {
		won        []store.Won
		decided    int
		conversion *float64
	}{
		"enough history":                 {won, 40, ratio(1000*0.25+2000*0.5, 1)},
		"just enough":                    {won, 30, ratio(1250, 1)},
		"too little":                     {won, 29, nil},
		"none that was in qualification": {won[:1], 40, ratio(1000*0.2+2000*0.5, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			f := forecastOf(p, standing, c.won, c.decided)
			if f.Deals != 3 || f.Amount != 3000 || f.ByProbability != 1000*0.2+2000*0.6 {
				t.Errorf("%d deals worth %v, by probability %v", f.Deals, f.Amount, f.ByProbability)
			}
			if !reflect.DeepEqual(f.ByConversion, c.conversion) {
				t.Errorf("by conversion %v, want %v", f.ByConversion, c.conversion)
			}
		})
	}
}

func TestWeekOf(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ at, from, to string }{
		"Monday's first moment": {"2026-03-02T00:00:00+01:00", "2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00"},
		"Sunday":                {"2026-03-08T23:59:59+01:00", "2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00"},
		"the clocks change":     {"2026-03-29T12:00:00+02:00", "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"over the new year":     {"2027-01-01T12:00:00+01:00", "2026-12-28T00:00:00+01:00", "2027-01-04T00:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			got := WeekOf(at.In(zone))
			if from, to := got.From.Format(time.RFC3339), got.To.Format(time.RFC3339); from != c.from || to != c.to {
				t.Errorf("week from %s to %s, want %s to %s", from, to, c.from, c.to)
			}
			if d := got.Days(); d != 7 {
				t.Errorf("it has %v days", d)
			}
		})
	}
}

// Saturday, 28 November 2026, in Moscow.
func TestSpans(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 28, 15, 0, 0, 0, zone)
	for name, c := range map[string]struct {
		got  Span
		from string
	}{
		"30 days":     {Last(30, now), "2026-10-29T00:00:00+03:00"},
		"the quarter": {ThisQuarter(now), "2026-10-01T00:00:00+03:00"},
		"the year":    {ThisYear(now), "2026-01-01T00:00:00+03:00"},
		"ever":        {Ever(now), "2000-01-01T00:00:00+03:00"},
	} {
		if from := c.got.From.Format(time.RFC3339); from != c.from || !c.got.To.After(now) || c.got.To.Sub(now) > time.Second {
			t.Errorf("%s: from %s to %s, want from %s until now", name, from, c.got.To, c.from)
		}
	}
	if r := Last(1, now).Of(store.Report{}); r.To.Sub(now) != time.Microsecond {
		t.Errorf("the store looks until %s, want the microsecond behind %s", r.To, now)
	}
}

// Eight reps made 80, 70, 60, … calls in ten weeks: the best two 8 and 7 a week.
func TestNormOfTheBestQuarter(t *testing.T) {
	role := &definitions.Role{ID: "rep", Name: "Sales rep"}
	var work []store.Work
	for i := range 8 {
		name := string(rune('a' + i))
		role.Members = append(role.Members, definitions.Member{Email: name})
		work = append(work, store.Work{Person: name, Kind: "call", Done: 80 - 10*i})
	}
	work = append(work, store.Work{Person: "stranger", Kind: "call", Done: 1000}, store.Work{Person: "a", Kind: "email", Done: 2})
	for name, c := range map[string]struct {
		kind  string
		weeks float64
		want  Norm
		any   bool
	}{
		"the best two of eight":   {"call", 10, Norm{Role: "rep", RoleName: "Sales rep", Kind: "call", Proposal: 8, PerWeek: 7.5, Best: 2, People: 8}, true},
		"in fewer weeks":          {"call", 3, Norm{Role: "rep", RoleName: "Sales rep", Kind: "call", Proposal: 25, PerWeek: 25, Best: 2, People: 8}, true},
		"who did none do not say": {"email", 10, Norm{Role: "rep", RoleName: "Sales rep", Kind: "email", Proposal: 1, PerWeek: 0.2, Best: 1, People: 1}, true},
		"nobody did any":          {"meeting", 10, Norm{Role: "rep", RoleName: "Sales rep", Kind: "meeting"}, false},
	} {
		got, some := normOf(role, c.kind, work, c.weeks)
		if !reflect.DeepEqual(got, c.want) || some != c.any {
			t.Errorf("%s: %+v, %v, want %+v, %v", name, got, some, c.want, c.any)
		}
	}
}

// The patch holds every quota of the process, those without a proposal as they
// are, by the ids of the roles: it goes into the file.
func TestPatchOfQuotas(t *testing.T) {
	p := kitchens(t).Process("sales")
	norms := Norms{Items: []Norm{{Role: "rep", RoleName: "Sales rep", Kind: "call", Proposal: 52}, {Role: "manager", Kind: "meeting", Proposal: 3}}}
	const want = "quotas:\n    manager: {meeting: 3}\n    rep: {call: 52, meeting: 8}\n"
	if got := norms.Patch(p); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if p.Quotas["rep"]["call"] != 40 {
		t.Error("the process itself was changed")
	}
}

// Of ten deals nine took a day to nine days, and one took forty.
func TestHistogram(t *testing.T) {
	cycle := Cycle{CycleTimes: CycleTimes{Won: 10, Days: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 40}}}
	cycle.Median, cycle.P90 = quantile(cycle.Days, 50), quantile(cycle.Days, 90)
	cycle.Before = CycleTimes{Won: 2, Days: []float64{2.5, 3.5}}
	cycle.Before.Median, cycle.Before.P90 = quantile(cycle.Before.Days, 50), quantile(cycle.Before.Days, 90)
	buckets := cycle.Histogram()
	if len(buckets) != 11 {
		t.Fatalf("%d buckets: %+v", len(buckets), buckets)
	}
	deals, shares := 0, 0.0
	for _, b := range buckets {
		deals, shares = deals+b.Deals, shares+b.Share
	}
	if deals != 10 || shares < 0.999 || shares > 1.001 {
		t.Errorf("%d deals, %v of them", deals, shares)
	}
	for i, want := range map[int]Bucket{0: {0, 1, 0, 0, 0}, 2: {2, 3, 1, 0.1, 0.5}, 10: {10, 0, 1, 0.1, 0}} {
		if buckets[i] != want {
			t.Errorf("bucket %d: %+v, want %+v", i, buckets[i], want)
		}
	}
	if none := (Cycle{}).Histogram(); none != nil {
		t.Errorf("of nothing: %+v", none)
	}
	// Of years, the buckets are years.
	long := Cycle{CycleTimes: CycleTimes{Won: 1, Days: []float64{5000}}}
	long.Median, long.P90 = &long.Days[0], &long.Days[0]
	if b := long.Histogram(); b[len(b)-1].Deals != 1 || len(b) != 11 {
		t.Errorf("of years: %+v", b)
	}
}

// Where no visit is finished there is a target, and no time.
func TestTimesOfNothing(t *testing.T) {
	day := calendar.MustParseDuration("1d")
	if v := timesOf(kitchens(t).Calendar, &day, false, nil, 1); v.Median != nil || v.Within != nil || *v.Target != "1d" {
		t.Errorf("%+v", v)
	}
}
