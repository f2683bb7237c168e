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
				b.ReportMetric(resident(b, s), "MB-after-opening")
				s.Stop()
				started := time.Now()
				s.Restart()
				b.ReportMetric(float64(time.Since(started).Milliseconds()), "ms-to-ready")
				b.ReportMetric(resident(b, s), "MB-after-restart")
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

// resident is the server's resident memory in megabytes.
func resident(b *testing.B, s *system.Server) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	b.Fatal("the process tells no VmRSS")
	return 0
}
