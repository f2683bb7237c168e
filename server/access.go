package server

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/optout"
)

// RoleAdmin may do everything.
const RoleAdmin = "admin"

// Token lets its holder use the API. The token itself is nowhere kept.
type Token struct {
	Hash [sha256.Size]byte // SHA-256 of the token
	Role string
	Name string // the actor of the holder's changes
}

// LoadTokens reads a file of tokens. Each line has the SHA-256 of a token in
// hex, its role and its holder's name; empty lines and those that begin with #
// do not count.
func LoadTokens(path string) ([]Token, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	defer file.Close()
	var tokens []Token
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		token, err := parseToken(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		tokens = append(tokens, token)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read the tokens: %s: %w", path, err)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("%s: there is no token in it: add a line of the token's SHA-256, a role and a name", path)
	}
	return tokens, nil
}

func parseToken(line string) (Token, error) {
	words := strings.Fields(line)
	if len(words) != 3 {
		return Token{}, fmt.Errorf("a line has three words: the SHA-256 of a token, a role and a name")
	}
	t := Token{Role: words[1], Name: words[2]}
	if n, err := hex.Decode(t.Hash[:], []byte(clip(words[0], 2*sha256.Size))); err != nil || n != sha256.Size || len(words[0]) != 2*sha256.Size {
		return Token{}, fmt.Errorf("the first word is not the SHA-256 of a token: it has 64 hexadecimal digits")
	}
	if t.Role != RoleAdmin {
		return Token{}, fmt.Errorf("there is no role %q: use %s", t.Role, RoleAdmin)
	}
	return t, nil
}

type contextKey int

const actorKey contextKey = iota

// actorOf is who a change is by: the name of the token, else "api".
func actorOf(ctx context.Context) string {
	if name, ok := ctx.Value(actorKey).(string); ok {
		return name
	}
	return "api"
}

// guard lets in who may use the API. Without tokens that is this machine
// alone: a page of another site that makes a browser send requests here gives
// itself away by its Host or its Origin.
func (s *Server) guard(c *gin.Context) {
	if strings.HasPrefix(c.Request.URL.Path, optout.Path) {
		return // its token is proof enough, and who clicks has no other
	}
	if len(s.tokens) == 0 {
		if p := localOnly(c.Request); p != nil {
			p.write(c)
		}
		return
	}
	switch c.Request.URL.Path {
	case healthPath, readyPath:
		return // for load balancers, which have no token
	}
	name, ok := s.holder(c.Request)
	if !ok {
		unauthorized.problem("send a token as Authorization: Bearer …").with("WWW-Authenticate", `Bearer realm="dealwright"`).write(c)
		return
	}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), actorKey, name))
}

// holder is who the request's token belongs to.
func (s *Server) holder(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", false
	}
	// The hash is what is looked up, so how long it takes tells nothing of the token.
	t, ok := s.tokens[sha256.Sum256([]byte(strings.TrimSpace(token)))]
	return t.Name, ok
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
