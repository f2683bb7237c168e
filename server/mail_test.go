package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/store"
)

func TestAttachmentsOfADeal(t *testing.T) {
	w := newWorld(t)
	company := w.companies[0]
	w.letterTo(company, "petr@client.test") // makes deal d1
	key := ""
	mailbox := store.MailboxKey{Company: company.ID, ID: "sales"}
	if err := w.store.ConfigureMailboxes(t.Context(), company.ID, []store.MailboxConfig{{ID: "sales"}}, monday); err != nil {
		t.Fatal(err)
	}
	err := w.store.Capture(t.Context(), mailbox, func(tx *store.CaptureTx) (err error) {
		row := store.LedgerRow{ID: "l1", UIDValidity: 1, UID: 1, ReceivedAt: monday, Outcome: "lead", DealID: "d1"}
		if _, err := tx.AddLedger(&row, nil); err != nil {
			return err
		}
		key, err = tx.PutFile(store.File{DealID: "d1", LedgerID: "l1", Name: "../plan.pdf", ContentType: "text/html", Data: []byte("<script>")})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := w.get("/api/v1/deals/d1").want(http.StatusOK)
	list, _ := shown.at("attachments").([]any)
	if len(list) != 1 {
		t.Fatalf("attachments %v", shown.at("attachments"))
	}
	if one := list[0].(map[string]any); one["id"] != key || one["name"] != "plan.pdf" || one["ledger_id"] != "l1" || one["size"] != 8.0 {
		t.Errorf("attachment %v", one)
	}
	file := w.get("/api/v1/deals/d1/attachments/" + key).want(http.StatusOK)
	if string(file.body) != "<script>" || file.header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file came as %s, %s", file.header, file.body)
	}
	w.get("/api/v1/deals/d1/attachments/nothing").want(http.StatusNotFound)
}

func TestSuppressionsOverTheAPI(t *testing.T) {
	w := newWorld(t)
	company := w.companies[0].ID
	for _, address := range []string{"a@client.test", "b@client.test"} {
		if _, err := w.store.Suppress(t.Context(), store.Suppression{Company: company, Address: address, Reason: store.Undelivered, Detail: "550", At: monday}); err != nil {
			t.Fatal(err)
		}
	}
	path := "/api/v1/companies/" + company + "/suppressions"
	first := w.get(path+"?limit=1").want(http.StatusOK).has("total", 2.0)
	next, _ := first.at("next_cursor").(string)
	second := w.get(path + "?limit=1&cursor=" + next).want(http.StatusOK)
	if items := second.at("items").([]any); len(items) != 1 || items[0].(map[string]any)["address"] != "b@client.test" || items[0].(map[string]any)["reason"] != "bounce" {
		t.Errorf("second page %s", second.body)
	}
	w.get(path + "?cursor=x").want(http.StatusUnprocessableEntity)
	w.send(http.MethodDelete, path+"/a@client.test", "").want(http.StatusNoContent)
	w.send(http.MethodDelete, path+"/a@client.test", "").want(http.StatusNotFound)
	w.get(path).want(http.StatusOK).has("total", 1.0)
}
