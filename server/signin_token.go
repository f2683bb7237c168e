package server

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/server/web"
)

// askForToken shows where one signs in with a token.
func (s *Server) askForToken(c *gin.Context) {
	next := localPath(c.Query("next"))
	if s.open(c.Request.Context()) {
		c.Redirect(http.StatusFound, next) // nobody is asked
		return
	}
	s.pages.SignIn(c.Writer, c.Request, http.StatusOK, s.door(next, ""))
}

func (s *Server) door(next, fault string) web.Door {
	d := web.Door{Action: tokenPath, Next: next, Fault: fault}
	if s.SignIn != nil {
		d.Provider = loginPath
	}
	return d
}

// takeToken lets its holder in. A form's token is of no use here: with it leads
// come in, and nobody looks.
func (s *Server) takeToken(c *gin.Context) {
	if err := http.NewCrossOriginProtection().Check(c.Request); err != nil {
		errCrossOrigin.write(c)
		return
	}
	next := localPath(c.PostForm("next"))
	hash := sha256.Sum256([]byte(strings.TrimSpace(c.PostForm("token"))))
	h, err := s.holderOfHash(c.Request.Context(), hash)
	switch {
	case isNotFound(err):
		s.pages.SignIn(c.Writer, c.Request, http.StatusUnauthorized, s.door(next, "signin.unknown"))
	case err != nil:
		s.problemOf(c, "look up a token", err)
	case !h.may(RoleViewer):
		s.pages.SignIn(c.Writer, c.Request, http.StatusForbidden, s.door(next, "signin.form"))
	default:
		s.enter(c, session{Token: hash[:]}, next)
	}
}
