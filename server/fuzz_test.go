package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// nasty are texts that programs have stumbled over.
var nasty = []string{
	"", " ", "x", "\x00", "a\r\nX-Injected: yes", "' OR 1=1 --", `"; DROP TABLE deals; --`, "<script>alert(1)</script>", "../../../etc/passwd", "{{.Secret}}", "%00", "%ff", "\xff\xfe",
	"\u202e\u200b", "💥", "ﷺ", "-1", "0", "1e999", "NaN", "null", "true", "9223372036854775808", "2026-02-30", "9999-12-31T23:59:59Z", "0000-00-00", "${jndi:ldap://x}", "*", "%", "_", `\`,
	"qualification", "first-call", "offer", "lost", "won", "done", "expensive", "kitchens", "yachts", "sales", "ivan@kitchens.test", "anna@kitchens.test", "a@b.test", "+79211234567", strings.Repeat("ё", 3000),
}

// leaks are what an answer must not hold.
var leaks = regexp.MustCompile(`goroutine |\.go:\d|sql:|SQLITE|SQLSTATE|panic|dealwright/server|KITCHENS_PASSWORD|mail\.kitchens\.test`)

// fuzzer makes requests from the committed OpenAPI document.
type fuzzer struct {
	*rand.Rand
	doc map[string]any
	ids []string
}

func (f *fuzzer) one(list []string) string { return list[f.IntN(len(list))] }

func (f *fuzzer) chance(percent int) bool { return f.IntN(100) < percent }

// resolve follows a reference.
func (f *fuzzer) resolve(schema map[string]any) map[string]any {
	ref, is := schema["$ref"].(string)
	if !is {
		return schema
	}
	at := any(f.doc)
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[part]
	}
	return f.resolve(at.(map[string]any))
}

// value makes a value of a schema, now and then one of something else.
func (f *fuzzer) value(schema map[string]any, depth int) any {
	schema = f.resolve(schema)
	if f.chance(10) {
		return f.wrong()
	}
	if enum, is := schema["enum"].([]any); is && f.chance(80) {
		return enum[f.IntN(len(enum))]
	}
	kind := schema["type"]
	if several, is := kind.([]any); is {
		kind = several[f.IntN(len(several))]
	}
	switch kind {
	case "string":
		switch {
		case schema["format"] == "date-time":
			return f.one([]string{"2026-03-05T12:00:00+03:00", "1999-01-01T00:00:00Z", "2026-03-05"})
		case f.chance(20):
			return f.one(f.ids)
		}
		return f.one(nasty)
	case "integer":
		return []any{0, 1, 50, -1, 501, 1 << 40, 1.5}[f.IntN(7)]
	case "number":
		return []any{0, 1.5, -1e300, 1e300}[f.IntN(4)]
	case "boolean":
		return f.chance(50)
	case "array":
		items, _ := schema["items"].(map[string]any)
		list := make([]any, f.IntN(4))
		for i := range list {
			list[i] = f.value(items, depth+1)
		}
		return list
	case "null":
		return nil
	}
	return f.object(schema, depth)
}

func (f *fuzzer) object(schema map[string]any, depth int) any {
	object := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) && f.chance(95) || f.chance(40) {
			object[name] = f.value(properties[name].(map[string]any), depth+1)
		}
	}
	if open, is := schema["additionalProperties"]; (is && open != false && depth < 4) || f.chance(5) {
		object[f.one([]string{"budget", "need", "timeline", "solo", "way", "rooms", "__proto__", "é", ""})] = f.wrong()
	}
	return object
}

func (f *fuzzer) wrong() any {
	return []any{nil, true, -1, 1e300, f.one(nasty), []any{}, []any{[]any{}}, map[string]any{}, map[string]any{"a": nil}, strings.Repeat("x", 70_000)}[f.IntN(10)]
}

// body writes a value, sometimes broken.
func (f *fuzzer) body(schema map[string]any) string {
	switch f.IntN(40) {
	case 0:
		return f.one([]string{"", "{", "[", "null", `"x"`, "{}{}", "\xff", `{"a":` + strings.Repeat("[", 2000), strings.Repeat("[", 200_000), `{"text": "\ud800"}`, "\ufeff{}"})
	case 1:
		return `{"text": "` + strings.Repeat("x", maxBody+10) + `"}`
	}
	text, err := json.Marshal(f.value(schema, 0))
	if err != nil {
		return "{}"
	}
	return string(text)
}

// request makes a request of an operation.
func (f *fuzzer) request(ctx context.Context, base, method, path string, op map[string]any) (*http.Request, error) {
	query, header := url.Values{}, http.Header{}
	parameters, _ := op["parameters"].([]any)
	for _, p := range parameters {
		p := p.(map[string]any)
		name := p["name"].(string)
		text := strings.Trim(fmt.Sprint(f.value(p["schema"].(map[string]any), 0)), "[]")
		switch {
		case p["in"] == "path":
			if known := map[string]string{"id": f.one(f.ids), "company": "kitchens", "process": "sales", "task": "first-call", "document": "offer"}[name]; known != "" && f.chance(80) {
				text = known
			}
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(text))
		case f.chance(60):
		case p["in"] == "query":
			query.Set(name, text)
		case strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0:
			header.Set(name, text)
		}
	}
	at := base + path
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	body, kind := "", ""
	if request, has := op["requestBody"].(map[string]any); has {
		content := request["content"].(map[string]any)
		kind = f.one(slices.Sorted(maps.Keys(content)))
		body = f.body(content[kind].(map[string]any)["schema"].(map[string]any))
		if f.chance(5) {
			kind = f.one([]string{"", "text/plain", "application/json; charset=koi8-r", ";", "multipart/form-data", "multipart/form-data; boundary=" + strings.Repeat("b", 100)})
		}
	}
	req, err := http.NewRequestWithContext(ctx, strings.ToUpper(method), at, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

// TestFuzzFromOpenAPI sends requests made of the committed document: whatever
// comes, no answer is a 500, tells of the inside, or does not come.
func TestFuzzFromOpenAPI(t *testing.T) {
	text, err := os.ReadFile("../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	f := &fuzzer{Rand: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // the same requests every time
	if err := json.Unmarshal(text, &f.doc); err != nil {
		t.Fatal(err)
	}
	f.ids = []string{w.open(petr), w.open(petr), w.open(`{"company": "yachts"}`), "none"}
	paths := f.doc["paths"].(map[string]any)
	seen := map[int]int{}
	for range 50 {
		for _, path := range slices.Sorted(maps.Keys(paths)) {
			item := paths[path].(map[string]any)
			for _, method := range slices.Sorted(maps.Keys(item)) {
				seen[f.try(w, method, path, item[method].(map[string]any))]++
			}
		}
	}
	t.Logf("answers by status: %v", seen)
	// It must have come further than the checks of the input.
	for _, status := range []int{200, 201, 404, 409, 422} {
		if seen[status] < 10 {
			t.Errorf("only %d answers with %d", seen[status], status)
		}
	}
}

// try sends one request and answers the status.
func (f *fuzzer) try(w *world, method, path string, op map[string]any) int {
	limit := 10 * time.Second
	if op["operationId"] == "stream-events" {
		limit = 50 * time.Millisecond // it lasts as long as one listens
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), limit)
	defer cancel()
	req, err := f.request(ctx, w.url, method, path, op)
	if err != nil {
		return 0 // no client could send it
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil && limit > time.Second {
			w.t.Errorf("%s %s: no answer in %v", method, req.URL, limit)
		}
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		w.t.Errorf("%s %s: %v", method, req.URL, err)
	}
	if res.StatusCode >= 500 {
		w.t.Errorf("%s %s: status %d: %s", method, req.URL, res.StatusCode, body)
	}
	if found := leaks.Find(body); found != nil && res.StatusCode >= 400 {
		w.t.Errorf("%s %s: %q in %s", method, req.URL, found, body)
	}
	if res.StatusCode >= 400 && res.Header.Get("Content-Type") != "application/problem+json" {
		w.t.Errorf("%s %s: status %d as %q", method, req.URL, res.StatusCode, res.Header.Get("Content-Type"))
	}
	if res.Header.Get("X-Injected") != "" {
		w.t.Errorf("%s %s: a header was injected", method, req.URL)
	}
	return res.StatusCode
}

// Requests that two servers in a row might read differently are not read at all.
func TestSmuggledHeaders(t *testing.T) {
	w := newWorld(t)
	host := strings.TrimPrefix(w.url, "http://")
	for name, head := range map[string]string{
		"two lengths":            "Content-Length: 2\r\nContent-Length: 20\r\n",
		"a length that is none":  "Content-Length: +2\r\n",
		"a negative length":      "Content-Length: -1\r\n",
		"an unknown coding":      "Transfer-Encoding: xchunked\r\n",
		"a broken coding":        "Transfer-Encoding: chunked, identity\r\n",
		"a space before a colon": "Transfer-Encoding : chunked\r\n",
		"a NUL":                  "X-A: b\x00c\r\n",
		"two hosts":              "Host: evil.test\r\n",
		"far too many":           strings.Repeat("X-A: "+strings.Repeat("x", 1000)+"\r\n", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			go func() {
				_, _ = io.WriteString(c, "POST /api/v1/deals HTTP/1.1\r\nHost: "+host+"\r\nContent-Type: application/json\r\n"+head+"\r\n{}GET /api/v1/deals HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
			}()
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				return // cut off: as good as refused
			}
			defer func() { _ = res.Body.Close() }()
			if res.StatusCode < 400 || res.StatusCode >= 502 || res.StatusCode == 500 {
				t.Errorf("status %d", res.StatusCode)
			}
		})
	}
	w.get("/api/v1/deals").want(http.StatusOK).has("total", 0)
}

// A thousand who change one deal at once all get an answer, and nothing is lost.
func TestThousandAtOnce(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	before, err := w.store.Events(t.Context(), id, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, MaxConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			body := strings.NewReader(fmt.Sprintf(`{"text": "note %d"}`, i))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/api/v1/deals/"+id+"/notes", body)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Content-Type", "application/json")
			res, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusCreated {
				t.Errorf("status %d", res.StatusCode)
			}
		})
	}
	all.Wait()
	after, err := w.store.Events(t.Context(), id, "", 1)
	if err != nil || after.Total != before.Total+1000 {
		t.Errorf("%d events, were %d: %v", after.Total, before.Total, err)
	}
}
