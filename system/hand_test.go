//go:build system

package system_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
	"github.com/dealwright/dealwright/worker/engine"
)

type messageJSON struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Outcome string `json:"outcome"`
	Rule    string `json:"rule"`
	DealID  string `json:"deal_id"`
}

const messagesPath = "/api/v1/companies/crm/messages"

// become waits for the message of an outcome whose subject begins so.
func become(t *testing.T, s *system.Server, outcome, subject string) messageJSON {
	t.Helper()
	var found messageJSON
	system.Eventually(t, 30*time.Second, func() error {
		list := all[messageJSON](t, s, messagesPath+"?limit=500")
		for _, m := range list {
			if m.Outcome == outcome && strings.HasPrefix(m.Subject, subject) {
				found = m
				return nil
			}
		}
		return fmt.Errorf("no %s %q among %+v", outcome, subject, list)
	})
	return found
}

// A person attaches, classifies, releases and sends again on a real server; at
// the end the ledger, the mailbox and the deals still agree.
func TestMailIsWorkedOnByHand(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)
	byHand(t, m, s, letters)
	out, faults, status := system.Run(t, "reconcile", "--data", filepath.Join(dir, "data"), "--definitions", filepath.Join(dir, "definitions"))
	if status != 0 {
		t.Errorf("reconcile ends with %d\n%s\n%s", status, out, faults)
	}
}

// The same through an API that has no worker in its process, on PostgreSQL.
func TestMailIsWorkedOnByHandInACluster(t *testing.T) {
	t.Parallel()
	temporal, err := engine.Start(t.Context(), engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporal.Stop)
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	cluster := []string{"--temporal", temporal.HostPort(), "--namespace", temporal.Namespace(), "--database", system.StartPostgres(t)}
	system.StartWorker(t, dir, cluster...)
	byHand(t, m, system.StartAPI(t, dir, cluster...), letters)
}

// byHand is the same on any server.
func byHand(t *testing.T, m *system.Mail, s *system.Server, letters *smtptest.Server) {
	t.Helper()
	letters.Script(smtptest.Rule{At: smtptest.AtRcpt, To: "@clinet.test", Code: 550, Enhanced: "5.1.1", Text: "no such user"})
	do := func(path string, body any, want int) messageJSON {
		t.Helper()
		var got messageJSON
		if status := s.Call("POST", path, body, &got); status != want {
			t.Fatalf("POST %s %v answers %d, want %d", path, body, status, want)
		}
		return got
	}
	list := []string{"List-Id: <offers.shop.test>", "List-Unsubscribe: <mailto:off@shop.test>"}
	m.Place("sales@crm.test", mailFrom("olga@shop.test", "Offers one", "one@shop.test", "Buy", list...))
	m.Place("sales@crm.test", mailFrom("zoe@shop.test", "Offers two", "two@shop.test", "Buy", list...))
	m.Place("sales@crm.test", []byte("I want a kitchen, write to garbled@client.test please\r\n"))

	// What a rule passed over becomes a lead, and is not answered, since a list sent it.
	lead := do(messagesPath+"/"+become(t, s, "ignored", "Offers one").ID+"/reclassify", map[string]string{"as": "lead"}, 200)
	if lead.Outcome != "lead" || lead.Rule != "hand.lead" || lead.DealID == "" {
		t.Fatalf("%+v", lead)
	}
	awaitEvents(t, s, lead.DealID, "opened", 1)
	do(messagesPath+"/"+lead.ID+"/reclassify", map[string]string{"as": "ignored"}, 409)

	// Another one is attached to its deal, and set aside again.
	other := become(t, s, "ignored", "Offers two")
	if got := do(messagesPath+"/"+other.ID+"/attach", map[string]string{"deal_id": lead.DealID}, 200); got.Outcome != "reply" || got.DealID != lead.DealID {
		t.Errorf("%+v", got)
	}
	awaitEvents(t, s, lead.DealID, "mail_received", 2)
	if got := do(messagesPath+"/"+other.ID+"/reclassify", map[string]string{"as": "ignored"}, 200); got.Outcome != "ignored" || got.DealID != "" {
		t.Errorf("%+v", got)
	}
	awaitEvents(t, s, lead.DealID, "note", 1)

	// Quarantine gives its message to a deal, with what could be read.
	released := do(messagesPath+"/"+become(t, s, "quarantined", "").ID+"/reclassify", map[string]string{"as": "lead"}, 200)
	var deal struct {
		Contact     struct{ Email string }
		Attachments []struct{ Name string }
	}
	if status := s.Call("GET", "/api/v1/deals/"+released.DealID, nil, &deal); status != 200 || deal.Contact.Email != "garbled@client.test" || len(deal.Attachments) != 1 {
		t.Errorf("%d %+v", status, deal)
	}

	// A letter to a misspelt address goes out once the address is right.
	placeLead(m, "alice@clinet.test")
	misspelt := become(t, s, "lead", "A kitchen").DealID
	awaitEvents(t, s, misspelt, "mail_failed", 1)
	var sent page[struct{ ID, Status string }]
	if status := s.Call("GET", "/api/v1/deals/"+misspelt+"/letters", nil, &sent); status != 200 || len(sent.Items) != 1 || sent.Items[0].Status != "failed" {
		t.Fatalf("%d %+v", status, sent)
	}
	again := "/api/v1/deals/" + misspelt + "/letters/" + sent.Items[0].ID + "/resend"
	do(again, nil, 409)
	if status := s.Call("PATCH", "/api/v1/deals/"+misspelt, map[string]any{"contact": map[string]string{"email": "alice@client.test"}}, nil); status != 200 {
		t.Fatalf("PATCH answers %d", status)
	}
	do(again, nil, 200)
	awaitEvents(t, s, misspelt, "mail_sent", 1)
	do(again, nil, 409)
	if got := copies(t, letters)["alice@client.test"]; len(got) != 1 {
		t.Errorf("letters to the right address: %v", got)
	}
}
