// Package webhook tells other programs of what happens to deals: it posts an
// event as JSON and signs it.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Fields of a post's header. Timestamp is in Unix seconds and is signed
// together with the body, so that an old post cannot be sent again as a new one.
const (
	EventHeader     = "X-Dealwright-Event"
	DeliveryHeader  = "X-Dealwright-Delivery"
	TimestampHeader = "X-Dealwright-Timestamp"
	SignatureHeader = "X-Dealwright-Signature"
)

// Event is something that happened to a deal. The same ID may come more than
// once and is the same event.
type Event struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"` // such as deal.won
	At      time.Time      `json:"at"`   // deal time, in the company's zone
	Company string         `json:"company"`
	DealID  string         `json:"deal_id"`
	Seq     int64          `json:"seq"` // within the deal
	Actor   string         `json:"actor,omitempty"`
	Stage   string         `json:"stage,omitempty"`
	Data    map[string]any `json:"data,omitempty"`
}

// patience is how long the other side may take to answer.
const patience = 10 * time.Second

// longestAnswer is how many bytes of an answer are read, so that the connection
// can be used again.
const longestAnswer = 64 << 10

// Poster posts events. Addresses of the local network are as good as others:
// they stand in a file that only the company's own people write. A redirect is
// not followed, so that no answer leads to another address.
type Poster struct{ client *http.Client }

// NewPoster makes a Poster; its requests go by the proxy of the environment.
func NewPoster() *Poster { return newPoster(patience) }

func newPoster(patience time.Duration) *Poster {
	return &Poster{&http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// ErrRefused says that the other side will not take the event however often it
// is sent.
var ErrRefused = errors.New("refused")

// Post sends an event, signed where there is a secret. It answers an ErrRefused
// when the other side will never take it; any other error is worth another try.
func (p *Poster) Post(ctx context.Context, address, secret string, e Event, now time.Time) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("%w: event %s: %w", ErrRefused, e.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, bare(err))
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	h := request.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Dealwright")
	h.Set(EventHeader, e.Type)
	h.Set(DeliveryHeader, e.ID)
	h.Set(TimestampHeader, stamp)
	if secret != "" {
		h.Set(SignatureHeader, Sign(secret, stamp, body))
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return bare(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, longestAnswer))
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= 500:
		return fmt.Errorf("it answered %s", answer.Status)
	default:
		return fmt.Errorf("%w: it answered %s", ErrRefused, answer.Status)
	}
}

// Sign is the signature of a post: HMAC-SHA256 of the timestamp, a full stop
// and the body, in hex after "sha256=".
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// bare leaves the address out of a fault: its path is often a secret.
func bare(err error) error {
	if fault, ok := errors.AsType[*url.Error](err); ok {
		return fault.Err
	}
	return err
}
