package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/optout"
)

// Roles, each of which may do what the one before may, and RoleForm, which may
// only bring in a web form's leads.
const (
	RoleForm    = "form"
	RoleViewer  = "viewer"  // reads
	RoleRep     = "rep"     // reads and changes the deals it owns: its holder's name is an address
	RoleManager = "manager" // changes every deal of its companies
	RoleAdmin   = "admin"
)

var roles = []string{RoleForm, RoleViewer, RoleRep, RoleManager, RoleAdmin}

// roleKey is where an operation of the OpenAPI document names the least role
// that may call it.
const roleKey = "x-role"

// Holder is who a request is from.
type Holder struct {
	Name      string // the actor of changes
	Role      string
	Companies []string // none: all
}

// sees reports whether the holder may know of the company.
func (h Holder) sees(company string) bool {
	return len(h.Companies) == 0 || slices.Contains(h.Companies, company)
}

// may reports whether the holder's role is at least that one.
func (h Holder) may(role string) bool {
	return slices.Index(roles, h.Role) >= slices.Index(roles, role)
}

// reaches reports whether the holder may know of the deal.
func (h Holder) reaches(s *deal.State) bool {
	return h.sees(s.Company) && (h.Role != RoleRep || strings.EqualFold(s.Owner, h.Name))
}

// owner narrows a filter by owner to what the holder may see; ok is false when
// nothing is left.
func (h Holder) owner(asked string) (owner string, ok bool) {
	if h.Role != RoleRep {
		return asked, true
	}
	return lowered(h.Name), asked == "" || strings.EqualFold(asked, h.Name)
}

// notForReps refuses what is of all deals of a company, whose owner a rep is not.
func notForReps(ctx context.Context) error {
	if holderOf(ctx).Role == RoleRep {
		return forbidden.problem("this is of all deals of the company: a rep sees their own")
	}
	return nil
}

type contextKey int

const (
	holderKey contextKey = iota
	recordKey
)

// holderOf is who the request is from; without tokens, whoever is at this machine.
func holderOf(ctx context.Context) Holder {
	if h, ok := ctx.Value(holderKey).(Holder); ok {
		return h
	}
	return Holder{Name: "api", Role: RoleAdmin}
}

// actorOf is who a change is by.
func actorOf(ctx context.Context) string { return holderOf(ctx).Name }

// guard lets in who may use the API. Without tokens that is this machine
// alone: a page of another site that makes a browser send requests here gives
// itself away by its Host or its Origin.
func (s *Server) guard(c *gin.Context) {
	path := c.Request.URL.Path
	if strings.HasPrefix(path, optout.Path) {
		return // its token is proof enough, and who clicks has no other
	}
	if s.open(c.Request.Context()) {
		if p := localOnly(c.Request); p != nil {
			p.write(c)
		}
		return
	}
	if path == healthPath {
		return // for load balancers, which have no token
	}
	if strings.HasPrefix(path, assetsPath) {
		return // the page to sign in at needs them, and they are the same for all
	}
	if strings.HasPrefix(path, authPath) {
		if !s.limits.allow("sign-in\n"+c.ClientIP(), strangers) {
			tooMany.problem("too many sign-ins: wait a moment").with("Retry-After", "1").write(c)
		}
		return
	}
	h, err := s.holder(c.Request)
	switch {
	case isNotFound(err) && path == readyPath:
		return
	case isNotFound(err):
		s.refuseStranger(c)
		return
	case err != nil:
		s.problemOf(c, "look up a token", err)
		return
	case !s.limits.allow(h.Name+"\n"+h.Role, s.Rate):
		tooMany.problem("the token is used too often: wait a moment").with("Retry-After", "1").write(c)
		return
	}
	if path == metricsPath && (len(h.Companies) > 0 || !h.may(RoleViewer)) {
		forbidden.problem("the metrics are of all companies: use a token that is bound to none").write(c)
		return
	}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), holderKey, h))
}

// refuseStranger answers who has no valid token, ever slower to those who try.
func (s *Server) refuseStranger(c *gin.Context) {
	if !s.limits.allow("stranger\n"+c.ClientIP(), strangers) {
		tooMany.problem("too many requests without a valid token: wait a moment").with("Retry-After", "1").write(c)
		return
	}
	if r := c.Request; r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, apiPath) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		at := tokenPath
		if s.SignIn != nil {
			at = loginPath
		}
		c.Redirect(http.StatusFound, at+"?next="+url.QueryEscape(r.URL.RequestURI()))
		c.Abort()
		return
	}
	unauthorized.problem("send a token as Authorization: Bearer …").with("WWW-Authenticate", `Bearer realm="dealwright"`).write(c)
}

// problemOf answers a fault outside huma.
func (s *Server) problemOf(c *gin.Context, action string, err error) {
	if p, ok := errors.AsType[*Problem](s.fault(c.Request.Context(), action, err)); ok {
		p.write(c)
	}
}

// open reports whether no token was ever configured. While the store does not
// answer that is as it was before.
func (s *Server) open(ctx context.Context) bool {
	if len(s.tokens) > 0 || s.SignIn != nil || s.closed.Load() {
		return false
	}
	has, err := s.Store.HasTokens(ctx)
	if err != nil {
		s.log.Warn("cannot look for tokens", "error", err)
	}
	if has {
		s.closed.Store(true)
	}
	return !has
}

// holder is who the request's token belongs to, or an error that is store.ErrNotFound.
func (s *Server) holder(r *http.Request) (Holder, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		h, err := s.tokenInAddress(r)
		if isNotFound(err) {
			return s.signedIn(r)
		}
		return h, err
	}
	return s.holderOfToken(r.Context(), strings.TrimSpace(token))
}

func (s *Server) holderOfToken(ctx context.Context, token string) (Holder, error) {
	// The hash is what is looked up, so how long it takes tells nothing of the token.
	return s.holderOfHash(ctx, sha256.Sum256([]byte(token)))
}

func (s *Server) holderOfHash(ctx context.Context, hash [sha256.Size]byte) (Holder, error) {
	if t, ok := s.tokens[hash]; ok {
		return t.Holder, nil
	}
	t, err := s.Store.TokenByHash(ctx, hex.EncodeToString(hash[:]))
	if err != nil {
		return Holder{}, err
	}
	return Holder{Name: t.Name, Role: t.Role, Companies: t.Companies}, nil
}

// authorized holds each operation to the role that it names.
func (s *Server) authorized(ctx huma.Context, next func(huma.Context)) {
	h := holderOf(ctx.Context())
	least, _ := ctx.Operation().Extensions[roleKey].(string)
	if least == "" || !h.may(least) {
		err := huma.WriteErr(s.api, ctx, http.StatusForbidden, "your role is "+h.Role+", and this takes a "+least)
		if err != nil {
			s.log.Warn("a refusal was not sent", "error", err)
		}
		return
	}
	next(ctx)
}

// atLeast names the least role that may call the operation.
func atLeast(role string, op huma.Operation) huma.Operation {
	op.Extensions = map[string]any{roleKey: role}
	return op
}

func localOnly(r *http.Request) *Problem {
	if !isLoopback(r.Host) {
		return forbidden.problem("without tokens the API serves this machine only: call it by a loopback address such as http://127.0.0.1, or configure tokens")
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return nil
	}
	origin, err := url.Parse(origins[0])
	if len(origins) > 1 || err != nil || (origin.Scheme != "http" && origin.Scheme != "https") || !strings.EqualFold(origin.Host, r.Host) {
		return forbidden.problem("the Origin of the request is another site")
	}
	return nil
}

// isLoopback reports whether host, with or without a port, is a loopback name
// or address.
func isLoopback(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ""
	}
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}
