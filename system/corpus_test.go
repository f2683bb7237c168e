//go:build system

package system_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// truth is what truth.json says of a message of the corpus.
type truth struct {
	File      string `json:"file"`
	Case      string `json:"case"`
	Class     string `json:"class"`
	RelatesTo string `json:"relates_to"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Subject   string `json:"subject"`
	Ack       bool   `json:"ack"`
}

// outcome is the ledger's word for a class.
func (w truth) outcome() string {
	switch w.Class {
	case "new_lead":
		return "lead"
	case "ignore":
		return "ignored"
	}
	return w.Class
}

// row is a row of the ledger.
type row struct {
	UID     int    `json:"uid"`
	Outcome string `json:"outcome"`
	Rule    string `json:"rule"`
	Deal    string `json:"deal_id"`
}

// corpus is the folder of hard messages, empty where it is not there.
func corpus(t *testing.T) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("DEALWRIGHT_MAIL_CORPUS"), filepath.Join("..", "..", "shared", "mail"))
	if _, err := os.Stat(filepath.Join(dir, "truth.json")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the corpus is not there: set DEALWRIGHT_MAIL_CORPUS to its folder: %v", err)
		}
		return ""
	}
	return dir
}

// Hard messages through the whole path: the ledger, the deals and the letters
// that went out are what the corpus says is true.
func TestTheCorpusThroughALiveServer(t *testing.T) {
	t.Parallel()
	dir := corpus(t)
	if dir == "" {
		t.Log("the corpus is not there (DEALWRIGHT_MAIL_CORPUS names it)")
		return
	}
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []truth
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}

	m := system.StartMail(t)
	folder, letters := receivedCompany(t, m, "country: GB", "country: RU")
	s := system.StartServer(t, folder)
	for _, want := range list {
		raw, err := os.ReadFile(filepath.Join(dir, want.File))
		if err != nil {
			t.Fatal(err)
		}
		m.Place("sales@crm.test", raw)
	}
	rows := map[int]row{}
	system.Eventually(t, 30*time.Second, func() error {
		var p page[row]
		if status := s.Call("GET", "/api/v1/companies/crm/messages?limit=500", nil, &p); status != 200 || p.Total < len(list) {
			return fmt.Errorf("the ledger answers %d and holds %d of %d messages", status, p.Total, len(list))
		}
		for _, r := range p.Items {
			rows[r.UID] = r
		}
		return nil
	})

	byDeal, byCase := map[string]dealJSON{}, map[string]string{}
	for _, d := range deals(t, s) {
		byDeal[d.ID] = d
	}
	acks := map[string]int{}
	for i, want := range list {
		got := rows[i+1]
		byCase[want.Case] = got.Deal
		merged := got.Outcome == "duplicate" && want.Class == "new_lead" && want.RelatesTo != ""
		if got.Outcome != want.outcome() && !merged {
			t.Errorf("%s is %q by rule %q, want %q", want.File, got.Outcome, got.Rule, want.outcome())
			continue
		}
		if want.RelatesTo != "" && got.Outcome != "lead" && got.Deal != byCase[want.RelatesTo] {
			t.Errorf("%s belongs to the deal %q, want that of %s", want.File, got.Deal, want.RelatesTo)
		}
		if want.Ack && !merged {
			acks[want.Email]++
		}
		if got.Outcome != "lead" {
			continue
		}
		d := byDeal[got.Deal]
		if d.Contact.Name != want.Name || d.Contact.Email != want.Email || d.Contact.Phone != want.Phone || d.Subject != want.Subject {
			t.Errorf("%s opened %+v, want %+v", want.File, d, want)
		}
	}
	awaitOutbox(t, s, 20*time.Second, "sending", "")
	system.Eventually(t, 20*time.Second, func() error {
		sent := map[string]int{}
		for to, ids := range copies(t, letters) {
			for _, n := range ids {
				sent[to] += n
			}
		}
		for _, want := range list {
			if want.Email != "" && sent[want.Email] != acks[want.Email] {
				return fmt.Errorf("%s got %d letters, want %d", want.Email, sent[want.Email], acks[want.Email])
			}
		}
		return nil
	})
	for to := range copies(t, letters) {
		if acks[to] == 0 {
			t.Errorf("%s got a letter that nobody should have sent", to)
		}
	}
}
