//go:build system

package system_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// Two servers on one mailbox by mistake: each with data of its own, and one with a copy of the other's. Either is noticed on
// Dovecot and said in /readyz, in the metrics, in the log and to the staff.
func TestTwoServersOnOneMailbox(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]bool{"with data of its own": false, "with a copy of the data": true} {
		t.Run(name, func(t *testing.T) {
			m := system.StartMail(t)
			dir, letters := receivedCompany(t, m)
			one := system.StartServer(t, dir)
			deliver(t, m, "first@client.test", "First")
			only(t, one, 30*time.Second, func(dealJSON) bool { return true })
			if shared := sharing(t, one); shared != "" {
				t.Fatalf("alone, the server says %q", shared)
			}

			second := t.TempDir()
			if copied {
				one.Stop()
				if err := os.CopyFS(second, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				one.Restart()
			} else if err := os.CopyFS(filepath.Join(second, "definitions"), os.DirFS(filepath.Join(dir, "definitions"))); err != nil {
				t.Fatal(err)
			}
			other := system.StartServer(t, second)
			sent := 0
			system.Eventually(t, 60*time.Second, func() error {
				if sent < 20 { // at the same instant neither can see the other: one of a few messages tells
					sent++
					deliver(t, m, fmt.Sprintf("client%d@client.test", sent), fmt.Sprint("Lead ", sent))
				}
				for _, s := range []*system.Server{one, other} {
					if said := sharing(t, s); strings.Contains(said, "another server reads this mailbox too") {
						t.Logf("after %d leads: %s", sent, said)
						return nil
					}
				}
				return fmt.Errorf("after %d leads neither server has noticed the other", sent)
			})
			if !strings.Contains(one.Log()+other.Log(), "a second server reads the mailbox") {
				t.Error("the log does not say it")
			}
			system.Eventually(t, 30*time.Second, func() error {
				for _, letter := range letters.Messages() {
					if letter.To[0] == "anna@crm.test" && strings.Contains(string(letter.Raw), "Another server reads mailbox") {
						return nil
					}
				}
				return fmt.Errorf("the manager was not told")
			})
		})
	}
}

// sharing is what /readyz says of the one mailbox; the metrics agree with it.
func sharing(t *testing.T, s *system.Server) string {
	t.Helper()
	var r ready
	if status := s.Call("GET", "/readyz", nil, &r); status != 200 || len(r.Mailboxes) != 1 {
		t.Fatalf("/readyz answers %d: %+v", status, r)
	}
	said := r.Mailboxes[0].Error
	if value := metric(t, s, `dealwright_mailbox_shared{company="crm",mailbox="sales"}`); said != "" && value != "1" {
		t.Errorf("/readyz says %q and the metric %s", said, value)
	}
	return said
}

// metric is one value of /metrics, empty where it is not there.
func metric(t *testing.T, s *system.Server, name string) string {
	t.Helper()
	answer, err := http.Get(s.URL("/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return value
		}
	}
	return ""
}
