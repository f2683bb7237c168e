//go:build system

package system_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

type dealJSON struct {
	ID              string `json:"id"`
	Stage           string `json:"stage"`
	Status          string `json:"status"`
	Owner           string `json:"owner"`
	Subject         string `json:"subject"`
	Stalled         bool   `json:"stalled"`
	EscalationLevel int    `json:"escalation_level"`
	LostReason      string `json:"lost_reason"`
	Contact         struct{ Name, Email, Phone string }
}

type page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor"`
	Total      int    `json:"total"`
}

type eventJSON struct {
	Seq  int            `json:"seq"`
	At   time.Time      `json:"at"`
	Type string         `json:"type"`
	Data map[string]any `json:"data"`
}

func deals(t *testing.T, s *system.Server) []dealJSON {
	t.Helper()
	return all[dealJSON](t, s, "/api/v1/deals?limit=500")
}

func events(t *testing.T, s *system.Server, deal string) []eventJSON {
	t.Helper()
	return all[eventJSON](t, s, "/api/v1/deals/"+deal+"/events?limit=500")
}

func all[T any](t *testing.T, s *system.Server, path string) []T {
	t.Helper()
	var items []T
	for cursor := ""; ; {
		var p page[T]
		if status := s.Call("GET", path+"&cursor="+url.QueryEscape(cursor), nil, &p); status != 200 {
			t.Fatalf("GET %s answers %d", path, status)
		}
		items = append(items, p.Items...)
		if p.NextCursor == "" {
			if len(items) != p.Total {
				t.Fatalf("GET %s: %d items on its pages, total says %d", path, len(items), p.Total)
			}
			return items
		}
		cursor = p.NextCursor
	}
}

// only waits for exactly one deal and answers it.
func only(t *testing.T, s *system.Server, within time.Duration, meets func(dealJSON) bool) dealJSON {
	t.Helper()
	var found dealJSON
	system.Eventually(t, within, func() error {
		list := deals(t, s)
		if len(list) != 1 {
			return fmt.Errorf("%d deals", len(list))
		}
		found = list[0]
		if !meets(found) {
			return fmt.Errorf("the deal is %+v", found)
		}
		return nil
	})
	return found
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

func count(list []eventJSON, kind string) int {
	n := 0
	for _, e := range list {
		if e.Type == kind {
			n++
		}
	}
	return n
}

func mailFrom(from, subject, id, body string, more ...string) []byte {
	text := fmt.Sprintf("From: %s\r\nTo: sales@crm.test\r\nSubject: %s\r\nMessage-ID: <%s>\r\nDate: %s\r\n",
		from, subject, id, time.Now().Format(time.RFC1123Z))
	for _, line := range more {
		text += line + "\r\n"
	}
	return []byte(text + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body + "\r\n")
}
