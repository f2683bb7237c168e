package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/dealwright/dealwright/store"
)

// Cookies of people who sign in. Both are signed; neither can be read by a
// page's scripts or sent by another site's form.
const (
	sessionCookie = "dealwright_session"
	loginCookie   = "dealwright_login"
	sessionLasts  = 12 * time.Hour
	loginLasts    = 10 * time.Minute
)

// session is who has signed in: by the provider, or by a token.
type session struct {
	Email string `json:"email,omitempty"`
	Token []byte `json:"token,omitempty"` // its hash
	Ends  int64  `json:"ends"`            // wall time, in seconds
}

// seal signs a value for a cookie. The kind keeps one cookie from standing in
// for another.
func (s *Server) seal(ctx context.Context, kind string, v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString(text)
	mark, err := s.mark(ctx, kind, body)
	return body + "." + mark, err
}

// unseal reads a signed value; one that is not signed by this data's secret is
// store.ErrNotFound.
func (s *Server) unseal(ctx context.Context, kind, sealed string, v any) error {
	body, mark, _ := strings.Cut(sealed, ".")
	want, err := s.mark(ctx, kind, body)
	if err != nil {
		return err
	}
	text, bad := base64.RawURLEncoding.DecodeString(body)
	if bad != nil || !hmac.Equal([]byte(mark), []byte(want)) || json.Unmarshal(text, v) != nil {
		return store.ErrNotFound
	}
	return nil
}

func (s *Server) mark(ctx context.Context, kind, body string) (string, error) {
	secret, err := s.Store.Secret(ctx)
	if err != nil {
		return "", err
	}
	sum := hmac.New(sha256.New, secret)
	sum.Write([]byte(kind + "\n" + body))
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)), nil
}

// cookie is a cookie as the server sets them.
func (s *Server) cookie(name, value string, lasts time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(s.PublicURL, "https://"), MaxAge: int(lasts.Seconds()),
	}
	if lasts <= 0 {
		c.MaxAge = -1
	}
	return c
}

// signedIn is who the request's cookie belongs to. What they may do is looked
// up each time: whoever is struck off the list, or whose token is revoked, is
// out at once.
func (s *Server) signedIn(r *http.Request) (Holder, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return Holder{}, store.ErrNotFound
	}
	var in session
	if err := s.unseal(r.Context(), sessionCookie, c.Value, &in); err != nil {
		return Holder{}, err
	}
	h, err := s.person(r.Context(), &in)
	if err != nil {
		return Holder{}, err
	}
	// A browser sends its cookies wherever a page of another site makes it post.
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return Holder{}, errCrossOrigin
	}
	return h, nil
}

// person is whose session it is now.
func (s *Server) person(ctx context.Context, in *session) (Holder, error) {
	switch {
	case time.Now().Unix() >= in.Ends:
	case len(in.Token) == sha256.Size:
		return s.holderOfHash(ctx, [sha256.Size]byte(in.Token))
	case s.SignIn != nil:
		if h, known := s.SignIn.People[in.Email]; known {
			return h, nil
		}
	}
	return Holder{}, store.ErrNotFound
}

var errCrossOrigin = forbidden.problem("the request comes from a page of another site")
