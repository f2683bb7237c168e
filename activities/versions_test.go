package activities

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// roused notes who was woken.
type roused struct {
	mu    sync.Mutex
	deals []string
}

func (k *roused) Start(ctx context.Context, deal string) error { return k.Nudge(ctx, deal) }
func (k *roused) Take(ctx context.Context, deal string) error  { return k.Nudge(ctx, deal) }

func (k *roused) Nudge(_ context.Context, deal string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deals = append(k.deals, deal)
	return nil
}

// office is a company whose deals are advanced by hand.
type office struct {
	*Activities
	t     *testing.T
	woken *roused
}

const (
	officeTeam  = "team:\n  rep: {members: [ann@acme.test, bob@acme.test]}\n  scout: {members: [sam@acme.test]}\n  manager: {members: [max@acme.test]}\n"
	officeSales = `process: sales
defaults: {owner: rep}
stages:
  - id: one
    timeout: none
    tasks: [{id: look, assignee: scout, required: true}]
    next: [{to: two, on: tasks_done}]
  - id: two
    timeout: none
    sequence: {steps: [{after: 0m, send: hello}]}
    next: [{to: done}]
`
)

func newOffice(t *testing.T) *office {
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	now := time.Now()
	c, err := clock.New(now, now, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, woken: &roused{}}
	o.Activities = &Activities{Store: s, Catalogue: NewCatalogue(s), Clock: c, Deals: o.woken, Log: slog.New(slog.DiscardHandler), Holder: "test"}
	o.set(officeTeam, officeSales, "Hello")
	return o
}

// company compiles the files of the office.
func (o *office) company(team, sales, letter string) *definitions.Company {
	o.t.Helper()
	c, found := definitions.LoadFS(fstest.MapFS{
		"company.yaml":         {Data: []byte("company: acme\nsmtp: {host: mail.acme.test}\nfrom: sales@acme.test\n" + team)},
		"processes/sales.yaml": {Data: []byte(sales)},
		"letters/hello.md":     {Data: []byte("---\nsubject: " + letter + "\n---\n" + letter + "\n")},
	}, "acme")
	if c == nil {
		o.t.Fatal(found)
	}
	return c
}

// set makes an edit of the files live.
func (o *office) set(team, sales, letter string) *definitions.Company {
	o.t.Helper()
	c := o.company(team, sales, letter)
	if err := o.Catalogue.Set(o.t.Context(), []*definitions.Company{c}, o.Clock.Now()); err != nil {
		o.t.Fatal(err)
	}
	return c
}

func (o *office) open(id string) {
	o.t.Helper()
	state := &deal.State{ID: id, Company: "acme", Process: "sales", Status: deal.Open}
	event := deal.Event{Kind: deal.KindOpen, Contact: &definitions.Contact{Email: id + "@client.test"}}
	if err := o.Store.CreateDeal(o.t.Context(), state, store.Input{ID: "open/" + id, Event: event}); err != nil {
		o.t.Fatal(err)
	}
	o.advance(id)
}

func (o *office) do(id string, e deal.Event) {
	o.t.Helper()
	if err := o.Store.AddInput(o.t.Context(), store.Input{ID: store.NewID(), DealID: id, Event: e}); err != nil {
		o.t.Fatal(err)
	}
	o.advance(id)
}

func (o *office) advance(id string) {
	o.t.Helper()
	if _, err := o.Advance(o.t.Context(), id); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) state(id string) *deal.State {
	o.t.Helper()
	row, err := o.Store.Deal(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return row.State
}

func (o *office) want(what string, got, want any) {
	o.t.Helper()
	if got != want {
		o.t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestDealsTakeUpAnEdit(t *testing.T) {
	looked := deal.Event{Kind: deal.KindComplete, Task: "look"}
	tests := []struct {
		name string
		tell func(o *office)
	}{
		{"with the next stage, its letters included", func(o *office) {
			o.open("d")
			before := o.state("d").Version
			o.set(officeTeam, officeSales, "Welcome")
			o.advance("d")
			o.want("version", o.state("d").Version, before)
			o.do("d", looked)
			o.want("has changed", o.state("d").Version != before, true)
			rows, err := o.Store.DealOutbox(o.t.Context(), "d")
			rows = slices.DeleteFunc(rows, func(r store.OutboxRow) bool { return r.Kind == store.KindNotice })
			if err != nil || len(rows) != 1 {
				o.t.Fatalf("%d letters, %v", len(rows), err)
			}
			o.want("subject", rows[0].Subject, "Welcome")
		}},
		{"at once", func(o *office) {
			o.open("d")
			live := o.set(officeTeam, officeSales+"upgrade: now\n", "Hello")
			o.advance("d")
			o.want("version", o.state("d").Version, live.Processes[0].Hash)
		}},
		{"never", func(o *office) {
			o.open("d")
			before := o.state("d").Version
			o.set(officeTeam, officeSales+"upgrade: never\n", "Welcome")
			o.do("d", looked)
			o.want("stage", o.state("d").Stage, "two")
			o.want("version", o.state("d").Version, before)
		}},
		{"at once when their own can no longer be run", func(o *office) {
			o.open("d")
			live := o.Catalogue.Company("acme").Processes[0].Hash
			spec := []byte(`{"process": "sales", "stages": [{"id": "one", "skip": "deal.gone"}]}`)
			if err := o.Store.PutVersion(o.t.Context(), "acme", "sales", "older", spec, o.Clock.Now()); err != nil {
				o.t.Fatal(err)
			}
			state := o.state("d")
			state.Version = "older"
			err := o.Store.UpdateDeal(o.t.Context(), "d", func(tx *store.DealTx) error { return tx.Save(state, store.SaveExtra{At: o.Clock.Now()}) })
			if err != nil {
				o.t.Fatal(err)
			}
			o.advance("d")
			o.want("version", o.state("d").Version, live)
		}},
		{"a member who left is replaced", func(o *office) {
			o.open("d")
			owner := o.state("d").Owner
			o.set(strings.Replace(officeTeam, owner, "eve@acme.test", 1), officeSales, "Hello")
			o.advance("d")
			o.want("owner has changed", o.state("d").Owner != owner && o.state("d").Owner != "", true)
		}},
		{"a task of a member who left is another's", func(o *office) {
			o.open("d")
			o.set(strings.Replace(officeTeam, "sam@", "tom@", 1), officeSales, "Hello")
			o.advance("d")
			o.want("assignee", o.state("d").Tasks[0].Assignee, "tom@acme.test")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.tell(newOffice(t)) })
	}
}

func TestRefreshWakesWhomAnEditConcerns(t *testing.T) {
	tests := []struct {
		name        string
		edit        func(o *office) *definitions.Company
		anybodyLeft bool
		want        []string
	}{
		{"nothing new", func(o *office) *definitions.Company { return o.set(officeTeam, officeSales, "Hello") }, false, nil},
		{"a version for the next stage", func(o *office) *definitions.Company { return o.set(officeTeam, officeSales, "Welcome") }, false, nil},
		{"a version at once", func(o *office) *definitions.Company {
			return o.set(officeTeam, officeSales+"upgrade: now\n", "Hello")
		}, false, []string{"d1", "d2"}},
		{"an owner who left", func(o *office) *definitions.Company {
			return o.set(strings.Replace(officeTeam, o.state("d2").Owner, "eve@acme.test", 1), officeSales, "Hello")
		}, false, []string{"d2"}},
		{"anybody who left", func(o *office) *definitions.Company {
			return o.set(strings.Replace(officeTeam, "sam@", "tom@", 1), officeSales, "Hello")
		}, true, []string{"d1", "d2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			o.open("d1")
			o.open("d2")
			o.open("d3")
			o.do("d3", deal.Event{Kind: deal.KindMove, To: "done", Force: true, Reason: "test"})
			o.woken.deals = nil
			n, err := o.Refresh(t.Context(), tt.edit(o), tt.anybodyLeft)
			slices.Sort(o.woken.deals)
			if err != nil || n != len(tt.want) || !slices.Equal(o.woken.deals, tt.want) {
				t.Errorf("woke %d, %v, %v; want %v", n, o.woken.deals, err, tt.want)
			}
		})
	}
}

func TestMisfits(t *testing.T) {
	without := strings.Replace(officeTeam, "scout:", "guide:", 1)
	renamed := strings.Replace(officeSales, "assignee: scout", "assignee: guide", 1)
	tests := []struct {
		name, team, sales string
		misfits           int
	}{
		{"a team that has what both versions need", officeTeam + "  guide: {members: [gil@acme.test]}\n", renamed, 0},
		{"a role that an earlier version needs", without, renamed, 1},
		{"one that all deals leave at once", without, renamed + "upgrade: now\n", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			o.open("d")
			misfits, err := o.Catalogue.Misfits(t.Context(), o.company(tt.team, tt.sales, "Hello"))
			if err != nil || len(misfits) != tt.misfits {
				t.Fatalf("%v, %v; want %d", misfits, err, tt.misfits)
			}
			if len(misfits) > 0 && (misfits[0].Deals != 1 || !strings.Contains(misfits[0].Why.Error(), "scout")) {
				t.Errorf("got %+v", misfits[0])
			}
		})
	}
}

// Who follows a company learns when it is replaced or gone.
func TestWhileEndsWithTheCompany(t *testing.T) {
	o := newOffice(t)
	first := o.Catalogue.Company("acme")
	ctx, done := o.Catalogue.While(t.Context(), first)
	defer done()
	if err := o.Catalogue.Set(t.Context(), []*definitions.Company{first}, o.Clock.Now()); err != nil || ctx.Err() != nil {
		t.Fatalf("ended though the company is still live: %v, %v", err, ctx.Err())
	}
	o.set(officeTeam, officeSales, "Welcome")
	<-ctx.Done()
	late, done := o.Catalogue.While(t.Context(), first)
	defer done()
	<-late.Done()
}
