package webhook

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var won = Event{ID: "7", Type: "deal.won", Company: "acme", DealID: "d1", Data: map[string]any{"amount": 1500.5}}

func TestPostIsSigned(t *testing.T) {
	now := time.Unix(1_772_000_000, 0)
	for name, secret := range map[string]string{"with a secret": "s3cret", "without": ""} {
		t.Run(name, func(t *testing.T) {
			var header http.Header
			var body []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				header = r.Header
				body, _ = io.ReadAll(r.Body)
				w.WriteHeader(http.StatusAccepted)
			}))
			defer server.Close()
			if err := NewPoster().Post(t.Context(), server.URL, secret, won, now); err != nil {
				t.Fatal(err)
			}
			var got Event
			if err := json.Unmarshal(body, &got); err != nil || got.DealID != "d1" || got.Data["amount"] != 1500.5 {
				t.Errorf("body %s, %v", body, err)
			}
			if header.Get(EventHeader) != "deal.won" || header.Get(DeliveryHeader) != "7" || header.Get(TimestampHeader) != "1772000000" {
				t.Errorf("header %v", header)
			}
			want := ""
			if secret != "" {
				want = Sign(secret, "1772000000", body)
			}
			if header.Get(SignatureHeader) != want {
				t.Errorf("signature %q, want %q", header.Get(SignatureHeader), want)
			}
		})
	}
	// By openssl: printf '1.{}' | openssl dgst -sha256 -hmac key
	if got, want := Sign("key", "1", []byte("{}")), "sha256=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224"; got != want {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}

func TestPostTellsWhatIsWorthAnotherTry(t *testing.T) {
	for status, refused := range map[int]bool{500: false, 503: false, 429: false, 408: false, 400: true, 401: true, 404: true, 410: true, 302: true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		err := NewPoster().Post(t.Context(), server.URL, "", won, time.Now())
		server.Close()
		if err == nil || errors.Is(err, ErrRefused) != refused {
			t.Errorf("%d: %v, want refused %v", status, err, refused)
		}
	}
}

func TestPostToNobody(t *testing.T) {
	stuck := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck }))
	defer slow.Close()
	defer close(stuck)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, address := range map[string]string{"no answer in time": slow.URL + "/token", "nobody there": gone.URL + "/token"} {
		err := newPoster(50*time.Millisecond).Post(t.Context(), address, "", won, time.Now())
		if err == nil || errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
