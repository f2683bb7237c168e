package server

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/store"
)

func TestBulk(t *testing.T) {
	w := newWorld(t)
	const bulk = "/api/v1/deals/bulk"
	for range 5 {
		w.open(petr)
	}
	won := w.open(`{"company": "kitchens", "fields": {"budget": 1, "need": "x"}}`)
	w.post("/api/v1/deals/"+won+"/move", `{"to": "delivery", "force": true, "reason": "x"}`).want(http.StatusOK)
	w.open(`{"company": "yachts"}`)

	// Counted first, and nothing is changed.
	w.post(bulk, `{"filter": {"company": "kitchens"}, "action": "reassign", "owner": "anna@kitchens.test", "dry_run": true}`).want(http.StatusOK).has(
		"dry_run", true, "matched", 6, "done", 0, "refused", []any{}, "remaining", 0)
	w.get("/api/v1/deals?owner=anna@kitchens.test").has("total", 0)
	w.post(bulk, `{"filter": {"company": "kitchens"}, "action": "reassign", "owner": "anna@kitchens.test", "expect": 5}`).want(http.StatusPreconditionFailed)

	const reassign = `{"filter": {"company": "kitchens", "status": "open"}, "action": "reassign", "owner": "Anna@kitchens.test", "expect": 5}`
	w.send("POST", bulk, reassign, "Idempotency-Key", "k").want(http.StatusOK).has("matched", 5, "done", 5)
	w.send("POST", bulk, reassign, "Idempotency-Key", "k").want(http.StatusOK).has("matched", 5, "done", 5)
	w.send("POST", bulk, strings.Replace(reassign, "5", "4", 1), "Idempotency-Key", "k").want(http.StatusConflict)
	w.get("/api/v1/deals?owner=anna@kitchens.test&status=open").has("total", 5)

	// Each deal's gates hold, and say why.
	w.post(bulk, `{"filter": {"company": "kitchens", "stage": "qualification"}, "action": "move", "to": "presentation"}`).want(http.StatusOK).has(
		"matched", 5, "done", 0, "remaining", 0, "refused.4.detail", "task \"Call the client\" is not finished; \"Budget\" is not filled in; \"Need\" is not filled in")
	w.post(bulk, `{"filter": {"company": "kitchens", "q": "petr@client"}, "action": "move", "to": "presentation", "force": true, "reason": "fair"}`).want(http.StatusOK).has("done", 5)
	w.post(bulk, `{"filter": {"company": "kitchens"}, "action": "close", "reason": "expensive"}`).want(http.StatusOK).has("matched", 6, "done", 5, "refused.0.deal_id", won, "refused.0.detail", "task \"Deliver the kitchen\" is not finished")
	w.post("/api/v1/deals/"+won+"/tasks/deliver/complete", "").want(http.StatusOK)
	w.get("/api/v1/deals?company=kitchens&status=lost").has("total", 5)
	w.get("/api/v1/deals?company=yachts&status=open").has("total", 1)

	for name, c := range map[string]struct {
		body, field string
	}{
		"no company":      {`{"filter": {}, "action": "close", "reason": "expensive"}`, "filter"},
		"unknown company": {`{"filter": {"company": "nobody"}, "action": "close", "reason": "expensive"}`, "company"},
		"unknown action":  {`{"filter": {"company": "kitchens"}, "action": "delete"}`, "action"},
		"to nobody":       {`{"filter": {"company": "kitchens"}, "action": "reassign"}`, "owner"},
		"to nowhere":      {`{"filter": {"company": "kitchens"}, "action": "move"}`, "to"},
		"for no reason":   {`{"filter": {"company": "kitchens"}, "action": "close"}`, "reason"},
		"a misspelt key":  {`{"filter": {"company": "kitchens", "stgae": "x"}, "action": "close", "reason": "x"}`, "filter.stgae"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.post(bulk, c.body).want(http.StatusUnprocessableEntity).has("errors.0.field", c.field)
		})
	}
	w.t = t
	w.down.Store(true)
	w.post(bulk, `{"filter": {"company": "yachts"}, "action": "close", "reason": "no"}`).want(http.StatusServiceUnavailable)
}

func TestCaptureOfForms(t *testing.T) {
	const path = "/api/v1/capture/kitchens/sales"
	for name, c := range map[string]struct {
		kind, body string
		want       []any
	}{
		"form": {"application/x-www-form-urlencoded", "name=Пётр&email=petr%40client.test&phone=8+921+123-45-67&message=Хочу+кухню&need=белая&budget=300+000&цвет=белый", []any{
			"contact.name", "Пётр", "contact.email", "petr@client.test", "contact.phone", "+79211234567", "source", "form",
			"fields",
			map[string]any{"need": "белая", "budget": 300000},
			"text", "Хочу кухню\n\nцвет: белый",
		}},
		"multipart": {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nПётр\r\n--b--\r\n", []any{"contact.name", "Пётр", "text", ""}},
		"JSON":      {"application/json", `{"name": "Пётр", "subject": "Кухня", "rooms": 3, "solo": true, "x": null}`, []any{"contact.name", "Пётр", "subject", "Кухня", "fields", map[string]any{"rooms": 3, "solo": true}}},
		"unreadable": {"application/json", `{"email": "petr", "phone": "call me", "budget": "a lot", "token": "t"}`, []any{
			"contact.email", "", "contact.phone", "", "fields", map[string]any{}, "text", "budget: a lot\nemail: petr\nphone: call me",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id, _ := w.send("POST", path, c.body, "Content-Type", c.kind).want(http.StatusCreated).has("ok", true).at("id").(string)
			w.get("/api/v1/deals/" + id).want(http.StatusOK).has(c.want...)
		})
	}
	w := newWorld(t)
	for name, c := range map[string]struct {
		path, kind, body string
		status           int
	}{
		"no company":     {"/api/v1/capture/nobody/sales", "application/json", `{"name": "x"}`, 404},
		"no process":     {"/api/v1/capture/kitchens/none", "application/json", `{"name": "x"}`, 404},
		"empty":          {path, "application/x-www-form-urlencoded", "a=&", 201},
		"nothing":        {path, "application/x-www-form-urlencoded", "=", 201},
		"nothing at all": {path, "application/json", `{}`, 422},
		"an object":      {path, "application/json", `{"a": {}}`, 422},
		"a list":         {path, "application/json", `[]`, 400},
		"no UTF-8":       {path, "application/x-www-form-urlencoded", "a=%ff", 400},
		"NUL":            {path, "application/x-www-form-urlencoded", "a=%00", 400},
		"a broken form":  {path, "application/x-www-form-urlencoded", "a=%zz", 400},
		"a file":         {path, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nx\r\n--b--\r\n", 422},
		"half a form":    {path, "multipart/form-data; boundary=b", "--b\r\nContent", 400},
		"text":           {path, "text/plain", "hello", 415},
		"too many":       {path, "application/x-www-form-urlencoded", many(200), 422},
		"too long":       {path, "application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 30_000), 422},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.send("POST", c.path, c.body, "Content-Type", c.kind).want(c.status)
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		text, err := json.Marshal(i)
		if err != nil {
			panic(err)
		}
		b.WriteString("k" + string(text) + "=x&")
	}
	return b.String()
}

// A form's token can bring in leads of its company, and nothing else.
func TestTokenOfAForm(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		for _, h := range []Holder{{Name: "site", Role: RoleForm, Companies: []string{"kitchens"}}, {Name: "root", Role: RoleAdmin}} {
			o.Tokens = append(o.Tokens, Token{sha256.Sum256([]byte(h.Name)), h})
		}
	})
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	id, _ := w.send("POST", "/api/v1/capture/kitchens/sales?token=site", "name=x", form...).want(http.StatusCreated).at("id").(string)
	w.send("POST", "/api/v1/capture/kitchens/sales", "name=x", append(form, "Authorization", "Bearer site")...).want(http.StatusCreated)
	w.send("POST", "/api/v1/capture/kitchens/sales", "name=x", form...).want(http.StatusUnauthorized)
	w.send("POST", "/api/v1/capture/kitchens/sales?token=root", "name=x", form...).want(http.StatusUnauthorized)
	w.send("POST", "/api/v1/capture/yachts/sales?token=site", "name=x", form...).want(http.StatusNotFound)
	w.get("/api/v1/deals?token=site").want(http.StatusUnauthorized)
	w.send("GET", "/api/v1/deals/"+id, "", "Authorization", "Bearer site").want(http.StatusForbidden)
	w.send("GET", "/metrics", "", "Authorization", "Bearer site").want(http.StatusForbidden)
	page, err := w.store.Audit(t.Context(), store.AuditFilter{Actor: "site", DealID: id})
	if err != nil || page.Total != 1 || strings.Contains(page.Items[0].Target, "token") {
		t.Errorf("audit %+v, %v", page, err)
	}
}
