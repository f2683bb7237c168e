package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/server"
	"github.com/dealwright/dealwright/store"
)

// edited is a running shop whose files are watched; its servers stand in
// company.yaml, so that an edit keeps them.
type edited struct {
	*stand
	t       *testing.T
	company string // company.yaml as it is now
}

func newEdited(t *testing.T) *edited {
	s := newStand(t, 1)
	e := &edited{stand: s, t: t}
	_, servers, _ := strings.Cut(shop["company.yaml"], "mailboxes:")
	servers = strings.Replace(servers, "localhost, port: 1,", "127.0.0.1, port: "+strconv.Itoa(s.box.Port())+",", 1)
	servers = strings.Replace(servers, "localhost, port: 1,", "127.0.0.1, port: "+strconv.Itoa(s.receiver.Port())+",", 1)
	team, _, _ := strings.Cut(shop["company.yaml"], "mailboxes:")
	e.company = team + "mailboxes:" + servers
	e.write("company.yaml", e.company)
	s.start(t)
	s.watch(t.Context())
	s.started.Store(true)
	return e
}

func (e *edited) write(name, text string) {
	e.t.Helper()
	if err := os.WriteFile(filepath.Join(e.definitions, "shop", name), []byte(text), 0o600); err != nil {
		e.t.Fatal(err)
	}
}

// change edits company.yaml and has it read at once.
func (e *edited) change(old, with string) {
	e.t.Helper()
	if !strings.Contains(e.company, old) {
		e.t.Fatalf("company.yaml has no %q", old)
	}
	e.company = strings.Replace(e.company, old, with, 1)
	e.write("company.yaml", e.company)
	e.reload()
}

func (e *edited) reload() {
	e.t.Helper()
	if status, out, stderr := command(e.t, "reload", "--data", e.data); status != exitGood {
		e.t.Fatalf("status %d: %s%s", status, out, stderr)
	}
}

// folder is how the shop's folder stands.
func (e *edited) folder() server.DefinitionState {
	states := e.readiness().Definitions
	if i := slices.IndexFunc(states, func(s server.DefinitionState) bool { return s.Company == "shop" }); i >= 0 {
		return states[i]
	}
	return server.DefinitionState{}
}

func (e *edited) deals() []store.DealRow {
	e.t.Helper()
	page, err := e.store.Deals(e.t.Context(), store.Filter{Sort: "opened_at"})
	if err != nil {
		e.t.Fatal(err)
	}
	return page.Items
}

func (e *edited) mailbox(id string) string {
	for _, b := range e.readiness().Mailboxes {
		if b.ID == id {
			return b.State
		}
	}
	return "none"
}

func (e *edited) version() string { return e.catalogue.Company("shop").Process("sales").Hash }

const long = time.Minute

// A running server follows its files: what is good goes live and reaches the
// deals that it concerns, what is at fault does not.
func TestServerFollowsItsFiles(t *testing.T) {
	e := newEdited(t)
	first := e.version()
	e.lead(t, 1)
	e.lead(t, 2)
	await(t, long, "two deals", func() bool {
		d := e.deals()
		return len(d) == 2 && d[0].State.Owner != "" && d[1].State.Owner != "" && d[0].State.Owner != d[1].State.Owner
	})

	sales := shop["processes/sales.yaml"]
	e.write("processes/sales.yaml", strings.Replace(sales, "on: tasks_done", "on: task_done", 1))
	await(t, long, "the fault of a broken edit", func() bool {
		s := e.folder()
		return !s.OK && len(s.Faults) > 0 && strings.HasSuffix(s.Faults[0].Path, "sales.yaml")
	})
	if e.version() != first {
		t.Fatal("a broken edit is live")
	}
	e.lead(t, 3)
	await(t, long, "a deal beside a broken edit", func() bool { d := e.deals(); return len(d) == 3 && d[2].State.Version == first })

	// Mended, and with a way for the open deals to follow at once.
	second := strings.Replace(sales, "process: sales\n", "process: sales\nupgrade: now\n", 1)
	second = strings.Replace(second, "  - id: one\n", "  - id: eins\n    was: [one]\n", 1)
	e.write("processes/sales.yaml", second)
	await(t, long, "the mended edit", func() bool { return e.folder().OK && e.version() != first })
	await(t, long, "open deals on the new version", func() bool {
		return !slices.ContainsFunc(e.deals(), func(d store.DealRow) bool { return d.State.Version != e.version() || d.State.Stage != "eins" })
	})

	// A member leaves: the deals go to who is left, and the manager hears of it.
	e.change("[a@shop.test, b@shop.test]", "[b@shop.test]")
	await(t, long, "deals of a removed member handed over", func() bool {
		return !slices.ContainsFunc(e.deals(), func(d store.DealRow) bool { return d.State.Owner != "b@shop.test" })
	})
	await(t, long, "a notice to the manager", func() bool {
		return slices.ContainsFunc(e.receiver.Messages(), func(m smtptest.Received) bool { return slices.Contains(m.To, "m@shop.test") })
	})

	// A mailbox comes and goes, and so do its reader and its state.
	box := "  - {id: second, imap: {host: 127.0.0.1, port: " + strconv.Itoa(e.box.Port()) + ", tls: none, username: sales, password: \"${SHOP_PASSWORD}\"}, process: sales}\n"
	e.change("smtp:", box+"smtp:")
	await(t, long, "the new mailbox read", func() bool { return e.mailbox("second") == "reading" && e.mailbox("sales") == "reading" })
	e.change(box, "")
	await(t, long, "the mailbox forgotten", func() bool { return e.mailbox("second") == "none" })
	e.lead(t, 4)
	await(t, long, "a deal from the mailbox that is left", func() bool { return len(e.deals()) == 4 })

	// The folder goes while deals are open: the company stays, and it is said.
	if err := os.Rename(filepath.Join(e.definitions, "shop"), filepath.Join(e.definitions, ".shop")); err != nil {
		t.Fatal(err)
	}
	e.reload()
	await(t, long, "the missing folder said", func() bool { s := e.folder(); return !s.OK && len(s.Faults) == 1 })
	e.lead(t, 5)
	await(t, long, "a deal of a company whose folder is away", func() bool { return len(e.deals()) == 5 })
}

func TestReloadNeedsAServer(t *testing.T) {
	status, _, stderr := command(t, "reload", "--data", t.TempDir())
	if status != exitInput || !strings.Contains(stderr, "no server holds") {
		t.Errorf("status %d: %s", status, stderr)
	}
}
