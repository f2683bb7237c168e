//go:build system

package system_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// One client who wrote from two addresses is one deal after a merge by hand,
// and what they answer to the other's letter reaches it.
func TestMergedDealsAreOne(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	clients := []string{"petr@work.test", "petr@home.test"}
	for _, client := range clients {
		m.AddUser(client, mailPassword) // before anybody logs in: Dovecot looks at its users once a second
	}
	s := system.StartServer(t, company(t, m, "none"))
	for i, from := range clients {
		if err := m.Deliver(from, "sales@crm.test", mailFrom(from, fmt.Sprintf("Kitchen %d", i), fmt.Sprintf("m-%d@client.test", i), "I want a kitchen.")); err != nil {
			t.Fatal(err)
		}
	}
	letter := m.AwaitInbox("petr@home.test", 1, 30*time.Second)[0]
	ids := map[string]string{}
	system.Eventually(t, 30*time.Second, func() error {
		for _, d := range deals(t, s) {
			ids[d.Contact.Email] = d.ID
		}
		if len(ids) != 2 {
			return fmt.Errorf("deals %v", ids)
		}
		return nil
	})
	kept, gone := ids["petr@work.test"], ids["petr@home.test"]
	if status := s.Call(http.MethodPost, "/api/v1/deals/"+gone+"/merge", map[string]any{"into": kept}, nil); status != http.StatusOK {
		t.Fatalf("the merge answers %d", status)
	}
	answer := mailFrom("petr@home.test", "other", "answer@client.test", "Yes, please.", "In-Reply-To: "+letter.Header.Get("Message-Id"))
	if err := m.Deliver("petr@home.test", "sales@crm.test", answer); err != nil {
		t.Fatal(err)
	}
	system.Eventually(t, 30*time.Second, func() error {
		list := events(t, s, kept)
		if received, notes := count(list, "mail_received"), count(list, "note"); received != 2 || notes != 1 {
			return fmt.Errorf("%d messages and %d notes in the timeline", received, notes)
		}
		return nil
	})
	if n := count(events(t, s, gone), "merged"); n != 1 {
		t.Errorf("the deal that ended says %d times that it was merged", n)
	}
}

// The link of a letter opts out by one click and nothing follows.
func TestOneClickOptsOut(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("petr@client.test", mailPassword)
	dir := company(t, m, "none", "language: en\n", "language: en\npublic_url: https://crm.public.test\n")
	s := system.StartServer(t, dir, "--speed", "1440")
	if err := m.Deliver("petr@client.test", "sales@crm.test", mailFrom("petr@client.test", "Kitchen", "o-1@client.test", "I want a kitchen.")); err != nil {
		t.Fatal(err)
	}
	letter := m.AwaitInbox("petr@client.test", 1, 30*time.Second)[0]
	if got := letter.Header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Fatalf("List-Unsubscribe-Post is %q", got)
	}
	link, err := url.Parse(strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>"))
	if err != nil || link.Host != "crm.public.test" {
		t.Fatalf("List-Unsubscribe is %v, %v", link, err)
	}
	answer, err := http.PostForm(s.URL(link.Path), url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the click answers %s", answer.Status)
	}
	d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	system.Eventually(t, 30*time.Second, func() error {
		for _, e := range events(t, s, d.ID) {
			if e.Data["unsubscribed"] == true {
				return nil
			}
		}
		return fmt.Errorf("the deal does not know of it: %+v", events(t, s, d.ID))
	})
	list := all[struct{ Address, Reason string }](t, s, "/api/v1/companies/crm/suppressions?limit=10")
	if len(list) != 1 || list[0].Address != "petr@client.test" || list[0].Reason != "unsubscribe" {
		t.Errorf("the list is %+v", list)
	}
}
