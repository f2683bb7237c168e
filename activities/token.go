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
)

const (
	// tokenWait bounds one exchange with a token endpoint.
	tokenWait = 20 * time.Second
	// tokenSpare is how long before its end a token is renewed.
	tokenSpare = time.Minute
	// maxTokenAnswer bounds what an endpoint may answer.
	maxTokenAnswer = 1 << 20
)

// accessToken gets access tokens by a refresh token (RFC 6749, section 6), and
// keeps one until it is about to end.
type accessToken struct {
	from definitions.Token

	mu      sync.Mutex
	value   string
	ends    time.Time
	rotated string // the refresh token that the endpoint gave in place of the configured one
}

// token is how a server is logged in to by XOAUTH2, nil where it is by a
// password.
func token(s definitions.Server) func(context.Context) (string, error) {
	if s.Token == nil {
		return nil
	}
	return (&accessToken{from: *s.Token}).get
}

func (t *accessToken) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value != "" && time.Until(t.ends) > tokenSpare {
		return t.value, nil
	}
	granted, err := t.refresh(ctx)
	if err != nil {
		return "", fmt.Errorf("token endpoint %s: %w", t.from.URL, err)
	}
	t.value, t.ends = granted.AccessToken, time.Now().Add(time.Duration(granted.ExpiresIn)*time.Second)
	if granted.RefreshToken != "" {
		t.rotated = granted.RefreshToken
	}
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
	form, err := t.form()
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

func (t *accessToken) form() (url.Values, error) {
	refresh := t.rotated
	if refresh == "" {
		var err error
		if refresh, err = t.from.RefreshToken.Resolve(); err != nil {
			return nil, err
		}
	}
	secret, err := t.from.ClientSecret.Resolve()
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {t.from.ClientID}}
	if secret != "" {
		form.Set("client_secret", secret)
	}
	if t.from.Scope != "" {
		form.Set("scope", t.from.Scope)
	}
	return form, nil
}
