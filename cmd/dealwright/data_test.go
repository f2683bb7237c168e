package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/plan"
	"github.com/dealwright/dealwright/store"
)

// kept is a data folder with two open deals of a shop, whose server still holds
// it, and the shop's definitions.
func kept(t *testing.T) (s *stand, data string) {
	t.Helper()
	s = newStand(t, 1)
	if err := s.openData(t.Context()); err != nil {
		t.Fatal(err)
	}
	acts := &activities.Activities{Store: s.store, Catalogue: s.catalogue, Clock: s.clock, Log: s.logger, Holder: "test"}
	for _, id := range []string{"d1", "d2"} {
		state := &deal.State{ID: id, Company: "shop", Process: "sales", Status: deal.Open}
		event := deal.Event{Kind: deal.KindOpen, Subject: "Enquiry <1>", Contact: &definitions.Contact{Email: id + "@client.test"}}
		if err := s.store.CreateDeal(t.Context(), state, store.Input{ID: "open/" + id, Event: event}); err != nil {
			t.Fatal(err)
		}
		if _, err := acts.Advance(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	key := store.MailboxKey{Company: "shop", ID: "sales"}
	err := s.store.Capture(t.Context(), key, func(tx *store.CaptureTx) error {
		_, err := tx.AddLedger(&store.LedgerRow{UIDValidity: 1, UID: 7, MessageID: "<1@client.test>", Outcome: "lead", DealID: "d1", ReceivedAt: time.Now()}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, s.data
}

// records reads JSON Lines and counts them by their kind.
func records(t *testing.T, text string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		var r struct{ Record, Company string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		if r.Company != "shop" {
			t.Errorf("a record of no company: %s", lines.Text())
		}
		count[r.Record]++
	}
	return count
}

func TestExport(t *testing.T) {
	_, data := kept(t)
	status, out, stderr := command(t, "export", "--data", data)
	if got := records(t, out); status != exitGood || got["deal"] != 2 || got["event"] < 6 || got["message"] != 1 {
		t.Errorf("status %d, %v: %s", status, got, stderr)
	}
	if !strings.Contains(out, `"subject":"Enquiry <1>"`) || !strings.Contains(out, `"message_id":"<1@client.test>"`) {
		t.Errorf("something is missing or spoilt:\n%s", out)
	}
	to := filepath.Join(t.TempDir(), "backup")
	if status, out, stderr := command(t, "export", "--data", data, "--to", to); status != exitGood || out != "" {
		t.Errorf("status %d: %s%s", status, out, stderr)
	}
	for file, record := range map[string]string{"deals": "deal", "events": "event", "messages": "message"} {
		content, err := os.ReadFile(filepath.Join(to, file+".jsonl"))
		if got := records(t, string(content)); err != nil || len(got) != 1 || got[record] == 0 {
			t.Errorf("%s.jsonl holds %v, %v", file, got, err)
		}
	}
	if status, out, _ := command(t, "export", "--data", data, "--company", "other"); status != exitGood || out != "" {
		t.Errorf("another company, status %d: %s", status, out)
	}
	if status, _, stderr := command(t, "export", "--data", t.TempDir()); status != exitInput || !strings.Contains(stderr, "holds no data") {
		t.Errorf("an empty folder, status %d: %s", status, stderr)
	}
}

func TestPlan(t *testing.T) {
	s, data := kept(t)
	folder := filepath.Join(s.definitions, "shop")
	sales := filepath.Join(folder, "processes", "sales.yaml")
	see := func(name string, status int, parts ...string) {
		t.Helper()
		got, out, stderr := command(t, "plan", folder, "--data", data)
		if got != status {
			t.Errorf("%s: status %d, want %d", name, got, status)
		}
		for _, part := range parts {
			if !strings.Contains(out+stderr, part) {
				t.Errorf("%s: %q is not said:\n%s%s", name, part, out, stderr)
			}
		}
	}
	see("no edit", exitGood, "shop: 2 open deals", "2 go by this version already")
	edit(t, sales, "name: First", "name: The first")
	see("the next stage", exitGood, "2 take the edit up with their next stage")
	edit(t, sales, "process: sales\n", "process: sales\nupgrade: now\n")
	edit(t, sales, "id: one", "id: eins\n    was: [one]")
	see("at once", exitGood, "2 take the edit up at once", "goes to eins; stage one is now called eins")

	status, out, stderr := command(t, "plan", folder, "--data", data, "--json")
	var reports []plan.Report
	if err := json.Unmarshal([]byte(out), &reports); err != nil || status != exitGood || len(reports) != 1 || len(reports[0].Deals) != 2 || reports[0].Deals[0].To != "eins" {
		t.Errorf("as JSON, status %d, %v: %s%s", status, err, out, stderr)
	}

	edit(t, sales, "upgrade: now\n", "")
	edit(t, sales, "notify: manager", "notify: chief")
	edit(t, filepath.Join(folder, "company.yaml"), "manager:", "chief:")
	see("a role that open deals need", exitInput, "would not take this edit", "manager", "upgrade: now")
	edit(t, sales, "notify: chief", "notify: cheif")
	see("an edit at fault", exitInput, "unknown role", "at fault")

	for _, id := range []string{"d1", "d2"} {
		if row, err := s.store.Deal(t.Context(), id); err != nil || row.State.Stage != "one" || row.Revision != 2 {
			t.Errorf("the deal was changed: %+v, %v", row, err)
		}
	}
}
