//go:build system

package system_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// silentCompany is a company whose mail servers nobody needs.
func silentCompany(t *testing.T, edits ...string) (dir string) {
	t.Helper()
	return writeCompany(t, unusedAddr(t), unusedAddr(t), "none", edits...)
}

// serveOnce runs a server that is to refuse its start.
func serveOnce(t *testing.T, dir string, more ...string) (stderr string, status int) {
	t.Helper()
	args := append([]string{
		"serve", "--definitions", filepath.Join(dir, "definitions"), "--data", filepath.Join(dir, "data"), "--listen", unusedAddr(t),
	}, more...)
	_, stderr, status = system.Run(t, args...)
	return stderr, status
}

func openDeal(t *testing.T, s *system.Server, email string) (id string) {
	t.Helper()
	var made dealJSON
	lead := map[string]any{"company": "crm", "process": "sales", "contact": map[string]any{"email": email}}
	if status := s.Call("POST", "/api/v1/deals", lead, &made); status != 201 {
		t.Fatalf("POST /deals answers %d", status)
	}
	return made.ID
}

func TestBrokenFilesStartNothing(t *testing.T) {
	dir := silentCompany(t, "owner: rep", "owner: nobody", "send: reminder", "send: remindr")
	stderr, status := serveOnce(t, dir)
	if status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	if places := regexp.MustCompile(`sales\.yaml:\d+:\d+: .* \[[\w-]+\]`).FindAllString(stderr, -1); len(places) < 2 {
		t.Errorf("the diagnostics do not name both faults:\n%s", stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was begun in the data folder: %v", err)
	}
}

func TestAFolderIsOfOneServerAndOneSpeed(t *testing.T) {
	dir := silentCompany(t)
	s := system.StartServer(t, dir, "--speed", "60")
	if stderr, status := serveOnce(t, dir, "--speed", "60"); status != 3 || !strings.Contains(stderr, "in use by process") {
		t.Errorf("a second server on the folder ends with %d: %s", status, stderr)
	}
	s.Stop()
	if stderr, status := serveOnce(t, dir, "--speed", "61"); status != 2 || !strings.Contains(stderr, "speed") || !strings.Contains(stderr, "60") {
		t.Errorf("another speed ends with %d: %s", status, stderr)
	}
	s.Restart()
}

// A message that is no mail is put aside, a person is told, and the next one is
// read.
func TestWhatIsNoMailIsQuarantined(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	s := system.StartServer(t, company(t, m, "none"))
	m.Place("sales@crm.test", []byte("\x00\x01\x02 no header here\r\n\r\n\xff\xfe\r\n"))
	placeLead(m, "alice@client.test")
	d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	if d.Contact.Email != "alice@client.test" {
		t.Errorf("the deal is %+v", d)
	}
	aside := all[map[string]any](t, s, "/api/v1/companies/crm/messages?outcome=quarantined")
	if len(aside) != 1 {
		t.Fatalf("%d messages are put aside", len(aside))
	}
	notice := string(m.AwaitInbox("anna@crm.test", 1, 30*time.Second)[0].Raw)
	if !strings.Contains(notice, fmt.Sprint(aside[0]["id"])) {
		t.Errorf("the notice does not name the message:\n%s", notice)
	}
}

// SIGTERM in the middle of 60 leads: the server ends in time, leaves no letter
// in doubt, and goes on where it was.
func TestAStopLeavesNothingInDoubt(t *testing.T) {
	const leads = 60
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)
	for i := range leads {
		placeLead(m, fmt.Sprintf("client%d@client.test", i))
	}
	for _, some := range []int{5, 25} {
		system.Eventually(t, 20*time.Second, func() error {
			if n := len(letters.Messages()); n < some {
				return fmt.Errorf("%d letters", n)
			}
			return nil
		})
		s.Stop()
		s.Restart()
	}
	awaitDeals(t, s, 20*time.Second, leads)
	system.Eventually(t, 20*time.Second, func() error {
		if n := len(copies(t, letters)); n != leads {
			return fmt.Errorf("%d of %d clients got a letter", n, leads)
		}
		return nil
	})
	system.Eventually(t, 30*time.Second, func() error { return acknowledged(t, s, letters, 0) })
	for _, d := range deals(t, s) {
		if doubt := ambiguous(events(t, s, d.ID)); len(doubt) != 0 {
			t.Errorf("the timeline of %s calls %v ambiguous", d.Contact.Email, doubt)
		}
	}
}

// Deals outlive the engine: a folder of another engine's is refused with what to
// do, and that done, by serve or by rehydrate, the deals go on.
func TestDealsOutliveTheEngine(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"serve", "rehydrate"} {
		t.Run(by, func(t *testing.T) {
			dir := silentCompany(t, "timeout: 2d", "timeout: 4d")
			data := filepath.Join(dir, "data")
			s := system.StartServer(t, dir, "--speed", "43200") // a day in two seconds
			d := openDeal(t, s, "alice@client.test")
			s.Stop()

			stamp := filepath.Join(data, "engine.json")
			text, err := os.ReadFile(stamp)
			if err != nil {
				t.Fatal(err)
			}
			old := regexp.MustCompile(`"server":\s*"[^"]*"`).ReplaceAll(text, []byte(`"server":"1.20.0"`))
			if err := os.WriteFile(stamp, old, 0o600); err != nil {
				t.Fatal(err)
			}
			stderr, status := serveOnce(t, dir, "--speed", "43200")
			if status != 3 || !strings.Contains(stderr, "1.20.0") || !strings.Contains(stderr, "move temporal.db") || !strings.Contains(stderr, "rehydrate") {
				t.Errorf("the folder of another engine ends with %d: %s", status, stderr)
			}

			moved, err := filepath.Glob(filepath.Join(data, "temporal.db*"))
			if err != nil || len(moved) == 0 {
				t.Fatalf("nothing to move: %v", err)
			}
			for _, path := range moved {
				if err := os.Rename(path, filepath.Join(dir, filepath.Base(path))); err != nil {
					t.Fatal(err)
				}
			}
			if by == "rehydrate" {
				stdout, stderr, status := system.Run(t, "rehydrate", "--definitions", filepath.Join(dir, "definitions"), "--data", data, "--speed", "43200")
				if status != 0 || !strings.Contains(stdout, "1 open deals") {
					t.Errorf("rehydrate ends with %d: %s%s", status, stdout, stderr)
				}
			}
			s.Restart()
			if status := s.Call("POST", "/api/v1/deals/"+d+"/notes", map[string]any{"text": "still here"}, nil); status/100 != 2 {
				t.Errorf("a note answers %d", status)
			}
			awaitEvents(t, s, d, "stalled", 1)
		})
	}
}
