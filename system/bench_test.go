//go:build system

package system_test

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
)

// BenchmarkWeight prints what a running server weighs in memory, and how long
// it takes from its start to /readyz, with no deal, 1,000 and 10,000 open ones.
func BenchmarkWeight(b *testing.B) {
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer receiver.Close()
	_, port, err := net.SplitHostPort(receiver.Addr())
	if err != nil {
		b.Fatal(err)
	}
	for _, open := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(open), func(b *testing.B) {
			for b.Loop() {
				b.Setenv("CRM_PASSWORD", mailPassword)
				dir := writeCompany(b, "127.0.0.1:1", net.JoinHostPort("127.0.0.1", port), "none", withoutMailbox(port)...)
				s := system.StartServer(b, dir)
				openDeals(b, s, open)
				b.ReportMetric(memory(b, s, "VmRSS:"), "MB-after-opening")
				s.Stop()
				started := time.Now()
				s.Restart()
				b.ReportMetric(float64(time.Since(started).Milliseconds()), "ms-to-ready")
				b.ReportMetric(memory(b, s, "VmRSS:"), "MB-after-restart")
				s.Stop()
			}
		})
	}
}

// withoutMailbox takes the mailbox out of the company: deals come by the API.
func withoutMailbox(smtpPort string) []string {
	return []string{`mailboxes:
  - id: sales
    imap: {host: localhost, port: 1, tls: none, username: sales@crm.test, password: "${CRM_PASSWORD}"}
    process: sales
`, "", `{host: localhost, port: ` + smtpPort + `, tls: none, username: sales@crm.test, password: "${CRM_PASSWORD}"}`, `{host: localhost, port: ` + smtpPort + `, tls: none}`}
}

func openDeals(b *testing.B, s *system.Server, n int) {
	b.Helper()
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				deal := map[string]any{"company": "crm", "process": "sales", "subject": fmt.Sprint("Enquiry ", i), "contact": map[string]any{"email": fmt.Sprintf("client%d@client.test", i)}}
				if status := s.Call("POST", "/api/v1/deals", deal, nil); status != 201 {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if failed.Load() > 0 {
		b.Fatalf("%d of %d deals were not opened", failed.Load(), n)
	}
}

// memory is what /proc says of the server's memory in megabytes: VmRSS now, VmHWM at most so far.
func memory(t testing.TB, s *system.Server, what string) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, what); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	t.Fatalf("the process tells no %s", what)
	return 0
}

// BenchmarkFirstStart prints how long a server with nothing yet takes from its start to the deal of one new lead in a mailbox that
// holds 50,000 messages from before, and what it weighs then.
func BenchmarkFirstStart(b *testing.B) {
	const earlier = 50_000
	m := system.StartMail(b)
	m.AddUser("sales@crm.test", mailPassword)
	old := make([][]byte, earlier)
	for i := range old {
		old[i] = mailFrom(fmt.Sprintf("old%d@client.test", i), "Old", fmt.Sprintf("old-%d@client.test", i), strings.Repeat("A line of what was written then.\r\n", 100))
	}
	m.PlaceAt("sales@crm.test", time.Now().AddDate(-1, 0, 0), old...)
	m.Place("sales@crm.test", mailFrom("new@client.test", "New", "new@client.test", "How much?"))
	b.Setenv("CRM_PASSWORD", mailPassword)
	for b.Loop() {
		p := system.StartProxy(b, m.IMAPAddr("none"))
		dir := writeCompany(b, p.Addr(), "127.0.0.1:1", "none", "    process: sales\nsmtp", "    process: sales\n    since: "+time.Now().UTC().Format(time.DateOnly)+"\nsmtp")
		began := time.Now()
		s := system.StartServer(b, dir)
		system.Eventually(b, 5*time.Minute, func() error {
			var p page[dealJSON]
			if status := s.Call("GET", "/api/v1/deals?limit=1", nil, &p); status != 200 || p.Total != 1 {
				return fmt.Errorf("GET /deals answers %d with %d deals", status, p.Total)
			}
			return nil
		})
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-to-first-deal")
		b.ReportMetric(memory(b, s, "VmHWM:"), "MB-at-most")
		b.ReportMetric(float64(p.Carried())/1e6, "MB-over-IMAP")
		s.Stop()
	}
}
