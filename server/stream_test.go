package server

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listener reads a stream of events.
type listener struct {
	t     testing.TB
	lines *bufio.Scanner
}

// listen opens a stream; it ends with the test.
func (w *world) listen(path string, headers ...string) *listener {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("status %d, %v", res.StatusCode, res.Header)
	}
	l := &listener{w.t, bufio.NewScanner(res.Body)}
	l.next() // retry: the stream has begun
	return l
}

// next is the next message, by its keys.
func (l *listener) next() map[string]string {
	l.t.Helper()
	message := map[string]string{}
	for l.lines.Scan() {
		if l.lines.Text() == "" {
			return message
		}
		key, value, _ := strings.Cut(l.lines.Text(), ": ")
		message[key] = value
	}
	l.t.Fatalf("the stream ended: %v", l.lines.Err())
	return nil
}

func TestStreamOfEvents(t *testing.T) {
	w := newWorld(t)
	w.open(petr) // before the stream begins
	l := w.listen("/api/v1/events")
	id := w.open(petr)
	first := l.next()
	if first["event"] != "opened" || !strings.Contains(first["data"], id) {
		t.Fatalf("first %v", first)
	}
	var data struct {
		Company string    `json:"company"`
		Deal    string    `json:"deal_id"`
		Seq     int       `json:"seq"`
		At      time.Time `json:"at"`
		Data    map[string]any
	}
	if err := json.Unmarshal([]byte(first["data"]), &data); err != nil || data.Company != "kitchens" || data.Deal != id || data.Seq != 1 || !data.At.Equal(monday) {
		t.Errorf("data %s: %v", first["data"], err)
	}
	second := l.next()
	// Who comes back misses nothing and gets nothing twice.
	for name, again := range map[string]*listener{
		"header": w.listen("/api/v1/events", "Last-Event-ID", first["id"]),
		"query":  w.listen("/api/v1/events?after=" + first["id"]),
	} {
		if got := again.next(); got["id"] != second["id"] || got["data"] != second["data"] {
			t.Errorf("%s: resumed with %v, want %v", name, got, second)
		}
	}
	yachts := w.listen("/api/v1/events?company=yachts&after=0")
	w.open(`{"company": "yachts"}`)
	if got := yachts.next(); got["event"] != "opened" || !strings.Contains(got["data"], `"company":"yachts"`) {
		t.Errorf("of one company: %v", got)
	}
	one := w.listen("/api/v1/events?deal=" + id + "&after=0")
	if got := one.next(); !strings.Contains(got["data"], id) {
		t.Errorf("of one deal: %v", got)
	}
	for path, status := range map[string]int{"?after=x": 422, "?after=-1": 422, "?company=nobody": 404, "?deal=none": 404} {
		w.get("/api/v1/events" + path).want(status)
	}
}

func TestStreamShowsWhatTheCallerMaySee(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		for _, h := range []Holder{
			{Name: "a", Role: RoleAdmin}, {Name: "y", Role: RoleViewer, Companies: []string{"yachts"}}, {Name: "anna@kitchens.test", Role: RoleRep, Companies: []string{"kitchens"}},
		} {
			o.Tokens = append(o.Tokens, Token{sha256.Sum256([]byte(h.Name)), h})
		}
	})
	as := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	kitchen, _ := w.send("POST", "/api/v1/deals", petr, as("a")...).want(201).at("id").(string)
	viewer, rep := w.listen("/api/v1/events?after=0", as("y")...), w.listen("/api/v1/events?after=0", as("anna@kitchens.test")...)
	yacht, _ := w.send("POST", "/api/v1/deals", `{"company": "yachts"}`, as("a")...).want(201).at("id").(string)
	if got := viewer.next(); !strings.Contains(got["data"], yacht) {
		t.Errorf("the viewer of yachts gets %v", got)
	}
	w.send("PATCH", "/api/v1/deals/"+kitchen, `{"owner": "anna@kitchens.test"}`, as("a")...).want(200)
	w.send("POST", "/api/v1/deals/"+kitchen+"/notes", `{"text": "hers now"}`, as("a")...).want(201)
	for got := rep.next(); !strings.Contains(got["data"], "hers now"); got = rep.next() {
		if strings.Contains(got["data"], yacht) {
			t.Errorf("the rep gets %v", got)
		}
	}
}

func TestStreamEndsWithTheServer(t *testing.T) {
	w := newWorld(t)
	at, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.server.Serve(ctx, at) }()
	w.url = "http://" + at.Addr().String()
	l := w.listen("/api/v1/events")
	begin := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took >= grace {
		t.Errorf("an open stream held the server up for %v", took)
	}
	if l.lines.Scan() {
		t.Errorf("more after the end: %q", l.lines.Text())
	}
}
