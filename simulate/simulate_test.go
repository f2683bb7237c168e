package simulate

import (
	"context"
	"encoding/json"
	"io/fs"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// shipped is a process of the library.
func shipped(t testing.TB, name string) *definitions.Process {
	t.Helper()
	folder, err := fs.Sub(library.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	company, found := definitions.LoadFS(folder, name)
	if company == nil {
		t.Fatal(found)
	}
	return company.Processes[0]
}

const smallCompany = `company: small
name: Small <b>& Co
calendar: {hours: {mon-fri: "09:00-18:00"}}
team:
  rep: {members: [{name: Ann, email: ann@small.test}, bob@small.test]}
  manager: {members: [eve@small.test]}
smtp: {host: mail.small.test}
from: sales@small.test
`

const smallProcess = `process: sales
fields:
  need: {type: text}
  budget: {type: money, currency: EUR}
  verdict: {type: choice, options: [good, bad]}
amount: budget
defaults: {owner: rep, timeout: 5 business days, escalation: ladder}
escalations:
  ladder:
    - {after: 0m, notify: owner}
    - {after: 2 business days, notify: manager, repeat: 2 business days}
    - {after: 10 business days, lose: silent}
stages:
  - id: talk
    target: 5 business days
    tasks: [{id: call, kind: call, due: 1 business day, required: true, asks: [need, budget]}]
    sequence: {steps: [{after: 0m, send: hello}, {after: 3d, send: again}]}
    exit: [{filled: [need]}]
    next: [{to: offer, on: tasks_done}, {to: lost, on: bounce, reason: address}]
  - id: offer
    tasks: [{id: meet, kind: meeting, due: 5 business days, required: true, asks: [verdict]}]
    documents: [{id: paper, required: true}]
    exit: [{require: deal.verdict == "good", message: The verdict is not good}]
    next: [{to: won, on: tasks_done}, {to: lost, on: "field:verdict", when: deal.verdict == "bad", reason: price}]
lost_reasons: {silent: Silent, address: Address, price: Price}
`

// small is a process of two stages, with settings of its own.
func small(t testing.TB, settings string) (*definitions.Process, *Settings) {
	t.Helper()
	return build(t, smallProcess, settings)
}

func build(t testing.TB, process, settings string) (*definitions.Process, *Settings) {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"company.yaml": smallCompany, "processes/sales.yaml": process, "simulation.yaml": settings,
		"letters/hello.md": "---\nsubject: Hello\n---\nHello\n", "letters/again.md": "---\nsubject: Again\n---\nAgain\n",
	} {
		if text != "" {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	company, found := definitions.LoadFS(files, "small")
	if company == nil {
		t.Fatal(found)
	}
	s, found := LoadFS(files, company)
	if s == nil {
		t.Fatal(found)
	}
	return company.Processes[0], s
}

func simulated(t testing.TB, p *definitions.Process, s *Settings, cfg Config) *Report {
	t.Helper()
	r, err := Run(context.Background(), p, s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// steady settings take chance out, as far as may be.
const steady = `length: {median: 4w, spread: 0.1}
client: {bounce: 0%, unsubscribe: 0%, reach: 100%, reply: 100%}
stages: {talk: {pass: 100%}, offer: {pass: 100%}}
`

func TestSameSeedSameReport(t *testing.T) {
	p := shipped(t, "classic")
	cfg := Config{Days: 120, Runs: 4, Seed: 7}
	report := func() string {
		text, err := json.Marshal(simulated(t, p, nil, cfg))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := report()
	if report() != first {
		t.Error("the same seed gives another report")
	}
	before := runtime.GOMAXPROCS(1)
	single := report()
	runtime.GOMAXPROCS(before)
	if single != first {
		t.Error("one core gives another report than several")
	}
	cfg.Seed = 8
	if report() == first {
		t.Error("another seed gives the same report")
	}
}

func TestEveryLeadIsCountedOnce(t *testing.T) {
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			r := simulated(t, shipped(t, name), nil, Config{LeadsPerWeek: 8, Days: 365, Runs: 2, Seed: 3})
			for i, f := range r.PerRun {
				if f.Leads == 0 || f.Leads != f.Won+f.Lost+f.Open {
					t.Errorf("run %d: %d leads, but %d won, %d lost and %d open", i, f.Leads, f.Won, f.Lost, f.Open)
				}
				if f.Won == 0 {
					t.Errorf("run %d: nothing was won in a year", i)
				}
			}
			for _, s := range r.Stages {
				if s.Passed > s.Entered || s.Lost > s.Entered || s.Stalled > s.Entered {
					t.Errorf("stage %s: %v entered, but %v passed, %v were lost, %v stalled", s.ID, s.Entered, s.Passed, s.Lost, s.Stalled)
				}
			}
			for _, p := range r.People {
				if p.Utilisation < 0 || p.Utilisation > 101 {
					t.Errorf("%s is busy %v%% of the time", p.Email, p.Utilisation)
				}
			}
		})
	}
}

func TestInterestedClientsBuy(t *testing.T) {
	p, s := small(t, steady)
	r := simulated(t, p, s, Config{Days: 730, Runs: 3, Seed: 1, Deals: 100})
	if got := share(r.PerRun[0].Won, r.PerRun[0].Leads); got < 95 {
		t.Errorf("%v%% of interested clients bought, want nearly all", got)
	}
	// The length is the clients'; what the team adds is days.
	if r.Cycle.P50 < 24 || r.Cycle.P50 > 40 {
		t.Errorf("a sale of four weeks took %v days", r.Cycle.P50)
	}
	if r.Amount.P50 <= 0 || r.Currency != "EUR" {
		t.Errorf("they paid %v %s", r.Amount.P50, r.Currency)
	}
}

func TestSilentClientsClimbTheLadder(t *testing.T) {
	p, s := small(t, "client: {bounce: 0%, silent: 100%}\nstages: {talk: {pass: 0%}}\n")
	r := simulated(t, p, s, Config{Days: 365, Runs: 2, Seed: 1, Deals: 50})
	if r.Won.P90 != 0 || len(r.Reasons) != 1 || r.Reasons[0].ID != "silent" {
		t.Errorf("won %v, lost for %v; want all lost as silent", r.Won, r.Reasons)
	}
	if len(r.Escalations) != 3 || r.Escalations[2].Count != 50 {
		t.Errorf("escalations %v, want 50 deals at the third level", r.Escalations)
	}
	if r.Missed.P90 != 0 {
		t.Errorf("%v silent clients are called interested", r.Missed.P90)
	}
}

func TestRefusalsGiveTheirReason(t *testing.T) {
	p, s := small(t, "client: {bounce: 0%, silent: 0%}\nlength: {median: 2w}\nstages: {talk: {pass: 100%}, offer: {pass: 0%}}\n")
	r := simulated(t, p, s, Config{Days: 365, Runs: 1, Seed: 1, Deals: 50})
	if r.Won.P50 != 0 || len(r.Reasons) == 0 || r.Reasons[0].ID != "price" {
		t.Errorf("won %v, lost for %v; want the price first", r.Won.P50, r.Reasons)
	}
}

func TestBadAddressesBounce(t *testing.T) {
	p, s := small(t, "client: {bounce: 100%}\n")
	r := simulated(t, p, s, Config{Days: 100, Runs: 1, Seed: 1, Deals: 20})
	if len(r.Reasons) != 1 || r.Reasons[0].ID != "address" {
		t.Errorf("lost for %v, want the address alone", r.Reasons)
	}
}

func TestPeopleHaveSoManyHours(t *testing.T) {
	p, s := small(t, steady)
	few := simulated(t, p, s, Config{LeadsPerWeek: 5, Days: 180, Runs: 2, Seed: 1})
	many := simulated(t, p, s, Config{LeadsPerWeek: 100, Days: 180, Runs: 2, Seed: 1})
	if few.People[0].Utilisation > 50 {
		t.Errorf("a few leads keep a person busy %v%% of the time", few.People[0].Utilisation)
	}
	if many.People[0].Utilisation < 90 {
		t.Errorf("too many leads keep a person busy %v%% of the time", many.People[0].Utilisation)
	}
	if few.Stages[0].Days.P50 >= many.Stages[0].Days.P50 {
		t.Errorf("the first stage takes %v days with few leads and %v with many", few.Stages[0].Days.P50, many.Stages[0].Days.P50)
	}
}

func TestDealsLimitsArrivals(t *testing.T) {
	p, s := small(t, "")
	r := simulated(t, p, s, Config{LeadsPerWeek: 50, Days: 100, Runs: 1, Seed: 1, Deals: 7})
	if r.PerRun[0].Leads != 7 {
		t.Errorf("%d leads, want 7", r.PerRun[0].Leads)
	}
}

func TestArrivalsComeAsOften(t *testing.T) {
	p, s := small(t, "leads_per_week: 40\n")
	r := simulated(t, p, s, Config{Days: 364, Runs: 10, Seed: 1})
	if want := 52 * 40.0; math.Abs(r.Leads.P50-want) > 0.03*want {
		t.Errorf("%v leads in 52 weeks of 40", r.Leads.P50)
	}
}

func TestConfigIsChecked(t *testing.T) {
	p, s := small(t, "")
	for name, cfg := range map[string]Config{
		"no days":       {Runs: 1},
		"no runs":       {Days: 1},
		"minus leads":   {Days: 1, Runs: 1, LeadsPerWeek: -1},
		"minus deals":   {Days: 1, Runs: 1, Deals: -1},
		"too many runs": {Days: 1, Runs: 1_000_000},
	} {
		if _, err := Run(context.Background(), p, s, cfg); err == nil || !strings.HasPrefix(err.Error(), "simulate: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Run(stopped, p, s, Config{Days: 365, Runs: 1}); err == nil {
		t.Error("a simulation that was stopped has a report")
	}
}

func TestLengthsFollowTheTable(t *testing.T) {
	c := fork(1)
	const n = 100_000
	short, long := 0, 0
	for range n {
		switch m := c.months(false); {
		case m < 1:
			short++
		case m >= 12.5:
			long++
		}
	}
	if got := share(short, n); math.Abs(got-5.1) > 0.5 {
		t.Errorf("%v%% of new clients take less than a month, want 5.1%%", got)
	}
	if got := share(long, n); math.Abs(got-18.1) > 0.5 {
		t.Errorf("%v%% of new clients take more than a year, want 18.1%%", got)
	}
}

func TestChance(t *testing.T) {
	c := fork(5)
	const n = 100_000
	below, sum := 0, 0.0
	for range n {
		if c.around(10, 0.6) < 10 {
			below++
		}
		sum += c.wait()
	}
	if got := share(below, n); math.Abs(got-50) > 1 {
		t.Errorf("%v%% lie below the median", got)
	}
	if mean := sum / n; math.Abs(mean-1) > 0.02 {
		t.Errorf("the mean wait is %v, want 1", mean)
	}
	if fork(1, 2).peek() == fork(1, 3).peek() || fork(1, 2, 3).peek() == fork(1, 3, 2).peek() {
		t.Error("two paths share a stream")
	}
}
