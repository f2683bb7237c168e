//go:build system

package system_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
)

// The server is killed while 300 leads come in, twice of the three times at the
// worst moment there is: a letter has been taken and its sender has not heard
// so. Nothing is lost, no deal is doubled, and what comes twice says so.
func TestKillsLoseAndDoubleNothing(t *testing.T) {
	const leads, kills = 300, 3
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)

	killed := make(chan int, kills)
	var mu sync.Mutex
	taken := 0
	letters.OnMessage(func(smtptest.Received) {
		mu.Lock()
		taken++
		n := taken
		mu.Unlock()
		if n == 70 || n == 180 {
			s.Kill9()
			killed <- n
		}
	})
	deliverLeads(t, m, leads)

	awaitDeals(t, s, 30*time.Second, 20)
	s.Kill9()
	s.Restart()
	for range kills - 1 {
		select {
		case n := <-killed:
			t.Logf("killed at letter %d", n)
			s.Restart()
		case <-time.After(30 * time.Second):
			t.Fatalf("after %d letters the server has not been killed", len(letters.Messages()))
		}
	}

	awaitDeals(t, s, 60*time.Second, leads)
	system.Eventually(t, 30*time.Second, func() error {
		if n := len(copies(t, letters)); n != leads {
			return fmt.Errorf("%d of %d clients got a letter", n, leads)
		}
		return nil
	})
	system.Eventually(t, 30*time.Second, func() error { return acknowledged(t, s, letters, kills) })
}

// acknowledged holds that each client has one deal and one acknowledgement, but
// for at most so many that came twice and whose timeline says so.
func acknowledged(t *testing.T, s *system.Server, letters *smtptest.Server, twice int) error {
	t.Helper()
	got, owners := copies(t, letters), map[string]string{}
	doubled := 0
	for _, d := range deals(t, s) {
		if other, again := owners[d.Contact.Email]; again {
			return fmt.Errorf("%s has two deals, %s and %s", d.Contact.Email, other, d.ID)
		}
		owners[d.Contact.Email] = d.ID
		if n := len(got[d.Contact.Email]); n != 1 {
			return fmt.Errorf("%s got %d different letters, want the acknowledgement alone", d.Contact.Email, n)
		}
		if n := count(events(t, s, d.ID), "mail_sent"); n != 1 {
			return fmt.Errorf("the timeline of %s says that %d letters were sent", d.Contact.Email, n)
		}
		for id, n := range got[d.Contact.Email] {
			if n == 1 {
				continue
			}
			doubled += n - 1
			if !ambiguous(t, s, d.ID)[id] {
				return fmt.Errorf("%s came %d times to %s, and the timeline calls it sure", id, n, d.Contact.Email)
			}
		}
	}
	if doubled > twice {
		return fmt.Errorf("%d letters came twice, want at most %d", doubled, twice)
	}
	t.Logf("%d of %d letters came twice", doubled, len(owners))
	return nil
}

// deliverLeads mails leads of as many clients through Postfix, in the background.
func deliverLeads(t *testing.T, m *system.Mail, leads int) {
	t.Helper()
	numbers := make(chan int)
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for i := range numbers {
				from := fmt.Sprintf("client%d@client.test", i)
				raw := mailFrom(from, fmt.Sprintf("Question %d", i), fmt.Sprintf("lead-%d@client.test", i), "How much is a kitchen?")
				if err := m.Deliver(from, "sales@crm.test", raw); err != nil {
					t.Errorf("lead %d: %v", i, err)
				}
			}
		})
	}
	t.Cleanup(senders.Wait)
	go func() {
		defer close(numbers)
		for i := range leads {
			numbers <- i
		}
	}()
}

// awaitDeals waits until there are at least so many deals.
func awaitDeals(t *testing.T, s *system.Server, within time.Duration, want int) {
	t.Helper()
	system.Eventually(t, within, func() error {
		var p page[dealJSON]
		if status := s.Call("GET", "/api/v1/deals?limit=1", nil, &p); status != 200 || p.Total < want {
			return fmt.Errorf("GET /deals answers %d with %d deals, want %d", status, p.Total, want)
		}
		return nil
	})
}
