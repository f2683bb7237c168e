package server

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"github.com/dealwright/dealwright/definitions"
)

// Where people sign in and out.
const (
	authPath     = "/auth/"
	loginPath    = authPath + "login"
	callbackPath = authPath + "callback"
	tokenPath    = authPath + "token"
	logoutPath   = authPath + "logout"
)

// SignIn lets people in by an OpenID Connect provider.
type SignIn struct {
	Issuer       string // such as https://login.example
	ClientID     string
	ClientSecret string
	People       map[string]Holder // by address in lower case
}

// LoadPeople reads a file of people who may sign in. Each line has an address, a
// role and, where they are bound to some, the companies with commas between.
func LoadPeople(path string) (map[string]Holder, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the people: %w", err)
	}
	defer file.Close()
	people := map[string]Holder{}
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		words := strings.Fields(scanner.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) > 3 || len(words) < 2 {
			return nil, fmt.Errorf("%s:%d: a line has an address, a role and, if wanted, companies with commas between", path, n)
		}
		email, err := definitions.CheckEmail(words[0])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		h := Holder{Name: strings.ToLower(email), Role: words[1]}
		if len(words) == 3 {
			h.Companies = strings.Split(words[2], ",")
		}
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		people[h.Name] = h
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read the people: %s: %w", path, err)
	}
	return people, nil
}

// provider is the OpenID Connect provider, asked for its addresses when the
// first person signs in: the server starts without it.
type provider struct {
	mu    sync.Mutex
	found *oidc.Provider
}

func (s *Server) provider(ctx context.Context) (*oidc.Provider, error) {
	p := &s.oidc
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		// The keys are fetched long after this request is over.
		found, err := oidc.NewProvider(context.WithoutCancel(ctx), s.SignIn.Issuer)
		if err != nil {
			return nil, fmt.Errorf("the sign-in provider %s: %w", s.SignIn.Issuer, err)
		}
		p.found = found
	}
	return p.found, nil
}

func (s *Server) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.SignIn.ClientID, ClientSecret: s.SignIn.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: strings.TrimSuffix(s.PublicURL, "/") + callbackPath, Scopes: []string{oidc.ScopeOpenID, "email"},
	}
}

// login is what a browser remembers while its owner is at the provider.
type login struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Next     string `json:"next"`
	Ends     int64  `json:"ends"`
}

func (s *Server) signInRoutes(engine *gin.Engine) {
	engine.GET(tokenPath, s.askForToken)
	engine.POST(tokenPath, s.takeToken)
	engine.POST(logoutPath, s.logout)
	if s.SignIn != nil {
		engine.GET(loginPath, s.beginLogin)
		engine.GET(callbackPath, s.finishLogin)
	}
}

// beginLogin sends the browser to the provider.
func (s *Server) beginLogin(c *gin.Context) {
	ctx := c.Request.Context()
	p, err := s.provider(ctx)
	if err != nil {
		s.log.Warn("nobody can sign in", "error", err)
		errUnavailable("the sign-in provider does not answer: try again").write(c)
		return
	}
	l := login{rand.Text(), rand.Text(), oauth2.GenerateVerifier(), localPath(c.Query("next")), time.Now().Add(loginLasts).Unix()}
	sealed, err := s.seal(ctx, loginCookie, l)
	if err != nil {
		s.problemOf(c, "begin a sign-in", err)
		return
	}
	http.SetCookie(c.Writer, s.cookie(loginCookie, sealed, loginLasts))
	c.Redirect(http.StatusFound, s.oauth(p).AuthCodeURL(l.State, oidc.Nonce(l.Nonce), oauth2.S256ChallengeOption(l.Verifier)))
}

// localPath is where to go after the sign-in: a path of this server and
// nothing else, so that no link leads people elsewhere by way of it.
func localPath(next string) string {
	at, err := url.Parse(next)
	if err != nil || at.IsAbs() || at.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}

// finishLogin takes the browser back from the provider.
func (s *Server) finishLogin(c *gin.Context) {
	ctx := c.Request.Context()
	var l login
	sealed, err := c.Request.Cookie(loginCookie)
	if err == nil {
		err = s.unseal(ctx, loginCookie, sealed.Value, &l)
	}
	http.SetCookie(c.Writer, s.cookie(loginCookie, "", 0))
	if err != nil || time.Now().Unix() >= l.Ends || subtle.ConstantTimeCompare([]byte(l.State), []byte(c.Query("state"))) != 1 {
		unauthorized.problem("the sign-in was not begun here, or too long ago: begin again at " + loginPath).write(c)
		return
	}
	email, err := s.emailOf(ctx, &l, c.Query("code"))
	if err != nil {
		s.log.Warn("a sign-in failed", "error", err, "provider", c.Query("error"))
		unauthorized.problem("the sign-in provider did not confirm who you are: begin again at " + loginPath).write(c)
		return
	}
	if _, known := s.SignIn.People[email]; !known {
		s.log.Info("somebody unknown has signed in", "email", email)
		forbidden.problem("nobody has given your address access: ask whoever runs this server").write(c)
		return
	}
	s.enter(c, session{Email: email}, l.Next)
}

// emailOf exchanges the code for the person's address, in lower case.
func (s *Server) emailOf(ctx context.Context, l *login, code string) (string, error) {
	p, err := s.provider(ctx)
	if err != nil {
		return "", err
	}
	token, err := s.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(l.Verifier))
	if err != nil {
		return "", fmt.Errorf("exchange the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: s.SignIn.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("check the token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(l.Nonce)) != 1 {
		return "", errors.New("the token belongs to another sign-in")
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	if claims.Email == "" {
		// Some providers keep it for those who ask.
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return "", fmt.Errorf("ask for the address: %w", err)
		}
		if info.Subject != id.Subject {
			return "", errors.New("the address belongs to another person")
		}
		claims.Email, claims.Verified = info.Email, info.EmailVerified
	}
	if claims.Email == "" || !claims.Verified {
		return "", errors.New("the provider has not verified the address")
	}
	return strings.ToLower(claims.Email), nil
}

// enter lets somebody in and leads on to where they wanted to go.
func (s *Server) enter(c *gin.Context, in session, next string) {
	in.Ends = time.Now().Add(sessionLasts).Unix()
	sealed, err := s.seal(c.Request.Context(), sessionCookie, in)
	if err != nil {
		s.problemOf(c, "finish a sign-in", err)
		return
	}
	http.SetCookie(c.Writer, s.cookie(sessionCookie, sealed, sessionLasts))
	c.Redirect(http.StatusSeeOther, next)
}

// logout forgets who has signed in. A page's form leads back to where one signs
// in; a program is told that it is done.
func (s *Server) logout(c *gin.Context) {
	if err := http.NewCrossOriginProtection().Check(c.Request); err != nil {
		errCrossOrigin.write(c)
		return
	}
	http.SetCookie(c.Writer, s.cookie(sessionCookie, "", 0))
	if strings.Contains(c.GetHeader("Accept"), "text/html") {
		c.Redirect(http.StatusSeeOther, tokenPath)
		return
	}
	c.Status(http.StatusNoContent)
}
