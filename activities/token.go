package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

const (
	// tokenWait bounds one exchange with a token endpoint.
	tokenWait = 20 * time.Second
	// tokenSpare is how long before its end a token is renewed.
	tokenSpare = time.Minute
	// maxTokenAnswer bounds what an endpoint may answer.
	maxTokenAnswer = 1 << 20
)

// tokens keeps the access tokens of all servers, so that readers and senders
// share one, and one that is run anew goes on with what it had.
type tokens struct {
	mu   sync.Mutex
	held map[definitions.Token]*accessToken
}

// of is how a server is logged in to by XOAUTH2, nil where it is by a password.
func (t *tokens) of(s definitions.Server, keep *store.Store) func(ctx context.Context, stale string) (string, error) {
	if s.Token == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	source := t.held[*s.Token]
	if source == nil {
		source = &accessToken{from: *s.Token, keep: keep}
		if t.held == nil {
			t.held = map[definitions.Token]*accessToken{}
		}
		t.held[*s.Token] = source
	}
	return source.get
}

// accessToken gets access tokens by a refresh token (RFC 6749, section 6), and
// keeps one until it is about to end. A refresh token that the endpoint gives
// in place of the configured one is kept in the store: the configured one may
// be worth nothing any more when the server starts again.
type accessToken struct {
	from definitions.Token
	keep *store.Store

	mu    sync.Mutex
	value string
	ends  time.Time
}

// get answers a token that is good for a while. Stale is one that a server has
// just refused, although its time is not over, or empty.
func (t *accessToken) get(ctx context.Context, stale string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value != "" && t.value != stale && time.Until(t.ends) > tokenSpare {
		return t.value, nil
	}
	granted, err := t.refresh(ctx)
	if err != nil {
		return "", fmt.Errorf("token endpoint %s: %w", t.from.URL, err)
	}
	t.value, t.ends = granted.AccessToken, time.Now().Add(time.Duration(granted.ExpiresIn)*time.Second)
	return t.value, nil
}

// grant is what an endpoint answers, good or bad.
type grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int64  `json:"expires_in"` // seconds; 0: not said, so it is used once

	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (t *accessToken) refresh(ctx context.Context) (*grant, error) {
	configured, err := t.from.RefreshToken.Resolve()
	if err != nil {
		return nil, err
	}
	current, err := t.keep.RefreshToken(ctx, t.from.URL, t.from.ClientID, configured)
	if err != nil {
		return nil, err
	}
	granted, err := t.ask(ctx, current)
	if err == nil && granted.RefreshToken != "" && granted.RefreshToken != current {
		err = t.keep.SetRefreshToken(ctx, t.from.URL, t.from.ClientID, configured, granted.RefreshToken)
	}
	return granted, err
}

// ask is one exchange with the endpoint.
func (t *accessToken) ask(ctx context.Context, refreshToken string) (*grant, error) {
	form, err := t.form(refreshToken)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, tokenWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.from.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	answer, err := tokenClient.Do(request)
	if err != nil {
		return nil, errors.Unwrap(err) // the outer one repeats the address
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxTokenAnswer))
	if err != nil {
		return nil, err
	}
	granted := &grant{}
	unreadable := json.Unmarshal(body, granted)
	switch {
	case granted.Error == "invalid_grant":
		return nil, fmt.Errorf("the refresh token is not accepted any more (%s): give the application access anew", granted.Description)
	case granted.Error != "":
		return nil, fmt.Errorf("%s %s", granted.Error, granted.Description)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answered %s", answer.Status)
	case unreadable != nil || granted.AccessToken == "":
		return nil, errors.New("its answer holds no access token")
	}
	return granted, nil
}

// tokenClient follows no redirect, which would carry the secrets elsewhere.
var tokenClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (t *accessToken) form(refreshToken string) (url.Values, error) {
	secret, err := t.from.ClientSecret.Resolve()
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}, "client_id": {t.from.ClientID}}
	if secret != "" {
		form.Set("client_secret", secret)
	}
	if t.from.Scope != "" {
		form.Set("scope", t.from.Scope)
	}
	return form, nil
}
