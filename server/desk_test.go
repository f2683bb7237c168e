//nolint:bodyclose // the helpers close what they answer
package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/store"
)

// desk gives the server the desk that a real one has; its deals take their
// inputs as the world's do.
func (w *world) desk(o *Options) {
	w.t.Helper()
	catalogue := activities.NewCatalogue(w.store)
	if err := catalogue.Set(w.t.Context(), w.companies, monday); err != nil {
		w.t.Fatal(err)
	}
	running, err := clock.New(time.Now(), monday, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	o.Desk = activities.Desk{Activities: &activities.Activities{Store: w.store, Catalogue: catalogue, Clock: running, Deals: knocks{w}, Log: slog.New(slog.DiscardHandler)}}
}

// knocks lets deals take what waits for them.
type knocks struct{ w *world }

func (k knocks) Start(ctx context.Context, deal string) error { return k.Take(ctx, deal) }
func (k knocks) Nudge(ctx context.Context, deal string) error { return k.Take(ctx, deal) }
func (k knocks) Take(ctx context.Context, deal string) error {
	inputs, err := k.w.store.PendingInputs(ctx, time.Now().Add(time.Hour), 500)
	if err != nil {
		return err
	}
	for _, in := range inputs {
		if in.DealID == deal {
			if err := k.w.take(ctx, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// receive puts a message into the ledger of the kitchens, and answers its id.
func (w *world) receive(outcome, rule, raw string) string {
	w.t.Helper()
	key := store.MailboxKey{Company: "kitchens", ID: "sales"}
	w.uid++
	row := &store.LedgerRow{
		ID: store.NewDealID(), UIDValidity: 1, UID: w.uid, ReceivedAt: w.clock(), ProcessedAt: w.clock(), Outcome: outcome, Rule: rule, Size: int64(len(raw)),
	}
	for line := range strings.Lines(raw) {
		if from, ok := strings.CutPrefix(line, "From: "); ok {
			row.From = strings.TrimSpace(from)
		}
		if subject, ok := strings.CutPrefix(line, "Subject: "); ok {
			row.Subject = strings.TrimSpace(subject)
		}
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			row.MessageID = strings.TrimSpace(id)
		}
	}
	err := w.store.Capture(w.t.Context(), key, func(tx *store.CaptureTx) error {
		_, err := tx.AddLedger(row, []byte(raw))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return row.ID
}

const newsletter = "From: olga@news.test\nSubject: Kitchens of the month\nMessage-ID: <Month@news.test>\nList-Id: <month.news.test>\nContent-Type: multipart/mixed; boundary=b\n\n" +
	"--b\nContent-Type: text/html\n\n<p onclick=\"x()\">Look <a href=\"https://evil.test/x\">at your bank</a><img src=\"https://track.test/1.gif\"><script>alert(1)</script></p>\n" +
	"--b\nContent-Type: text/plain; name=\"plan.txt\"\nContent-Disposition: attachment; filename=\"plan.txt\"\n\nA plan\n--b--\n"

func TestMessagesOfTheAPI(t *testing.T) {
	w := newWorld(t)
	deal := w.open(petr)
	id := w.receive("ignored", "ignored.newsletter", newsletter)
	at := "/api/v1/companies/kitchens/messages/" + id
	w.get(at).want(http.StatusOK).has("outcome", "ignored", "sender", "olga@news.test", "readable", true, "kept", true, "files.0.name", "plan.txt", "files.0.size", 6.0)
	raw := w.get(at + "/raw").want(http.StatusOK)
	if string(raw.body) != newsletter || raw.header.Get("Content-Type") != "message/rfc822" || !strings.HasPrefix(raw.header.Get("Content-Disposition"), "attachment;") ||
		raw.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("raw: %v", raw.header)
	}
	if file := w.get(at + "/files/0").want(http.StatusOK); string(file.body) != "A plan" || file.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("file: %q, %v", file.body, file.header)
	}
	w.get(at + "/files/1").want(http.StatusNotFound)
	w.get("/api/v1/companies/yachts/messages/" + id).want(http.StatusNotFound)
	w.get("/api/v1/companies/kitchens/messages/none").want(http.StatusNotFound)
	w.get("/api/v1/companies/kitchens/messages?q=month@NEWS").want(http.StatusOK).has("total", 1, "items.0.id", id)

	w.post(at+"/attach", `{"deal_id": "none"}`).want(http.StatusUnprocessableEntity)
	w.post(at+"/attach", `{"deal_id": "`+deal+`"}`).want(http.StatusOK).has("outcome", "reply", "deal_id", deal, "rule", "hand.reply")
	w.get("/api/v1/deals/" + deal + "/events?limit=500").want(http.StatusOK)
	w.post(at+"/reclassify", `{"as": "ignored"}`).want(http.StatusOK).has("outcome", "ignored", "deal_id", nil)
	w.post(at+"/reclassify", `{"as": "reply"}`).want(http.StatusUnprocessableEntity)
	lead, _ := w.post(at+"/reclassify", `{"as": "lead"}`).want(http.StatusOK).has("outcome", "lead").at("deal_id").(string)
	w.get("/api/v1/deals/"+lead).want(http.StatusOK).has("contact.email", "olga@news.test", "attachments.0.name", "plan.txt")
	w.post(at+"/reclassify", `{"as": "ignored"}`).want(http.StatusConflict)
	w.post(at+"/replay", `{"dry_run": true}`).want(http.StatusOK).has("outcome", "ignored", "applied", false)
	w.get("/api/v1/companies/kitchens/audit?limit=3").want(http.StatusOK).has("items.0.operation", "replay-message", "items.1.operation", "reclassify-message", "items.1.status", 409)
}

func TestLettersOfTheAPI(t *testing.T) {
	w := newWorld(t)
	deal := w.open(petr)
	letter := w.queue(deal, store.Failed)
	w.get("/api/v1/deals/"+deal+"/letters").want(http.StatusOK).has("total", 1, "items.0.id", letter, "items.0.status", "failed", "items.0.error", "550 no")
	w.post("/api/v1/deals/"+deal+"/letters/none/resend", "").want(http.StatusNotFound)
	w.post("/api/v1/deals/"+deal+"/letters/"+letter+"/resend", "").want(http.StatusOK)
	w.get("/api/v1/deals/"+deal+"/letters").want(http.StatusOK).has("items.0.status", "queued", "items.0.error", "")
	w.post("/api/v1/companies/kitchens/outbox/try", "").want(http.StatusOK)
}

// queue puts a letter of a deal into the outbox, in a state.
func (w *world) queue(deal, status string) string {
	w.t.Helper()
	id := store.NewID()
	err := w.store.UpdateDeal(w.t.Context(), deal, func(tx *store.DealTx) error {
		return tx.Enqueue([]store.OutboxRow{{
			ID: id, Key: id, Account: "kitchens", Kind: store.KindLetter, Letter: "acknowledgement", To: "petr@client.test", Subject: "We got it", MessageID: "<" + id + "@kitchens.test>",
		}}, w.clock())
	})
	if err == nil && status == store.Failed {
		err = w.store.Failed(w.t.Context(), id, "550 no", nil)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestMailPages(t *testing.T) {
	w := newWorld(t)
	deal := w.open(petr)
	id := w.receive("ignored", "ignored.newsletter", newsletter)
	broken := w.receive("quarantined", "unreadable", "A kitchen, please: olga@client.test")
	_, page := w.look("GET", "/mail?q=%3CMONTH@news", nil)
	contains(t, page, "Kitchens of the month")
	if _, page = w.look("GET", "/mail?q=nothing&outcome=lead", nil); !strings.Contains(page, "No message fits") {
		t.Error("an empty search does not say so")
	}
	w.look("GET", "/mail?cursor=broken", nil)

	_, page = w.look("GET", "/mail/"+id, nil)
	contains(t, page, "Look", `rel="nofollow noreferrer"`, "(https://evil.test/x)", "plan.txt", "/api/v1/companies/kitchens/messages/"+id+"/raw", "a newsletter")
	for _, bad := range []string{"<img", "<p onclick", "<script>alert"} {
		if strings.Contains(page, bad) {
			t.Errorf("%q acts on the page", bad)
		}
	}
	_, page = w.look("GET", "/mail/"+id+"?deal=petr", nil)
	contains(t, page, `action="/mail/`+id+`/attach"`, `value="`+deal+`"`)
	post := func(path string, form url.Values, want int) string {
		t.Helper()
		res, page := w.look("POST", path, form)
		if res.StatusCode != want {
			t.Fatalf("%s: %d, want %d\n%s", path, res.StatusCode, want, page)
		}
		return page
	}
	post("/mail/"+id+"/attach", url.Values{"deal": {deal}}, 303)
	w.get("/api/v1/companies/kitchens/messages/"+id).has("outcome", "reply", "deal_id", deal)
	contains(t, post("/mail/"+id+"/attach", url.Values{"deal": {""}}, 409), "Choose the deal")
	_, page = w.look("GET", "/mail/"+id+"/replay", nil, "Accept-Language", "ru")
	contains(t, page, "По нынешним правилам изменится вот что", "список рассылки")
	post("/mail/"+id+"/replay", nil, 303)
	w.get("/api/v1/companies/kitchens/messages/"+id).has("outcome", "ignored")
	post("/mail/"+id+"/dance", nil, 404)

	_, page = w.look("GET", "/mail/"+broken, nil)
	contains(t, page, "Make it a deal", "A kitchen, please")
	post("/mail/"+broken+"/lead", nil, 303)
	lead, _ := w.get("/api/v1/companies/kitchens/messages/"+broken).has("outcome", "lead").at("deal_id").(string)
	_, page = w.look("GET", "/deals/"+lead, nil)
	contains(t, page, "message.eml", "olga@client.test")
	_, page = w.look("GET", "/mail/"+broken+"?deal=petr", nil)
	contains(t, page, `action="/deals/`+lead+`/merge"`)
	post("/deals/"+lead+"/merge", url.Values{"into": {deal}}, 303)
	w.get("/api/v1/deals/"+lead).has("merged_into", deal)
	w.get("/api/v1/companies/kitchens/audit?limit=1").has("items.0.operation", "dashboard/merge", "items.0.deal_id", lead, "items.0.status", 303)
}

func TestLetterIsResentFromTheDeal(t *testing.T) {
	w := newWorld(t)
	deal := w.open(petr)
	letter := w.queue(deal, store.Failed)
	_, page := w.look("GET", "/deals/"+deal, nil)
	contains(t, page, `action="/deals/`+deal+`/resend"`, "550 no")
	if res, _ := w.look("POST", "/deals/"+deal+"/resend", url.Values{"letter": {letter}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d", res.StatusCode)
	}
	w.get("/api/v1/deals/"+deal+"/letters").has("items.0.status", "queued")
	if res, _ := w.look("POST", "/attention/try", url.Values{"company": {"kitchens"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("%d", res.StatusCode)
	}
}

func TestOnlyManagersWorkOnMail(t *testing.T) {
	w := newWorld(t)
	id := w.receive("ignored", "ignored.newsletter", newsletter)
	w.give(t, "viewer-token", "boris@kitchens.test", RoleViewer)
	w.give(t, "rep-token", "ivan@kitchens.test", RoleRep)
	w.give(t, "manager-token", "anna@kitchens.test", RoleManager)
	for _, c := range []struct {
		token, method, path string
		want                int
	}{
		{"viewer-token", "GET", "/mail/" + id, 200},
		{"viewer-token", "POST", "/mail/" + id + "/lead", 403},
		{"viewer-token", "POST", "/attention/try", 403},
		{"rep-token", "GET", "/mail/" + id, 403},
		{"rep-token", "POST", "/mail/" + id + "/lead", 403},
		{"rep-token", "POST", "/attention/try", 403},
		{"manager-token", "POST", "/mail/" + id + "/lead", 303},
	} {
		form := url.Values(nil)
		if c.method == "POST" {
			form = url.Values{"company": {"kitchens"}}
		}
		if res, _ := w.look(c.method, c.path, form, "Authorization", "Bearer "+c.token); res.StatusCode != c.want {
			t.Errorf("%s %s as %s: %d, want %d", c.method, c.path, c.token, res.StatusCode, c.want)
		}
	}
	w.send("GET", "/api/v1/companies/kitchens/messages/"+id, "", "Authorization", "Bearer manager-token").want(http.StatusOK).has("rule", "hand.lead")
}
