package server

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/optout"
	"github.com/dealwright/dealwright/store"
)

//go:embed optout.html
var optOutPage string

var optOutTemplate = template.Must(template.New("optout").Parse(optOutPage))

// optOutWords are what the page says.
type optOutWords struct {
	Lang, Company, Title, Text, Button string
}

// optOutRoute is the one place that is open to everybody: the page that a
// letter's List-Unsubscribe names, and the click on it (RFC 8058). To look at it
// changes nothing, because programs that check mail follow every link.
func (s *Server) optOutRoute(engine *gin.Engine) {
	engine.GET(optout.Path+":token", s.askOptOut)
	engine.POST(optout.Path+":token", s.optOut)
}

func (s *Server) askOptOut(c *gin.Context) {
	_, company, ok := s.optOutLetter(c)
	if !ok {
		return
	}
	page(c, http.StatusOK, say(company, optOutWords{
		Title: "No more letters?", Text: "You will get no more letters from us.", Button: "Unsubscribe",
	}, optOutWords{
		Title: "Отписаться от писем?", Text: "Мы больше не будем вам писать.", Button: "Отписаться",
	}))
}

func (s *Server) optOut(c *gin.Context) {
	letter, company, ok := s.optOutLetter(c)
	if !ok {
		return
	}
	told, err := s.Store.OptOut(c.Request.Context(), letter, "by the link", s.Now())
	if err != nil {
		s.optOutFailed(c, err)
		return
	}
	for _, in := range told {
		// It is stored with the address, so a deal that does not answer now takes it later.
		if err := s.Commander.Do(c.Request.Context(), in); err != nil {
			s.log.Warn("a deal takes an opt-out later", "deal", in.DealID, "error", err)
		}
	}
	page(c, http.StatusOK, say(company, optOutWords{
		Title: "Done", Text: "You will get no more letters from us.",
	}, optOutWords{
		Title: "Готово", Text: "Мы больше не будем вам писать.",
	}))
}

// optOutLetter finds the letter that the address names, or answers.
func (s *Server) optOutLetter(c *gin.Context) (letter string, company *definitions.Company, ok bool) {
	ctx := c.Request.Context()
	secret, err := s.Store.Secret(ctx)
	if err != nil {
		s.optOutFailed(c, err)
		return "", nil, false
	}
	letter, ok = optout.Letter(secret, c.Param("token"))
	if !ok {
		s.optOutFailed(c, store.ErrNotFound)
		return "", nil, false
	}
	row, err := s.Store.OutboxRow(ctx, letter)
	if err != nil {
		s.optOutFailed(c, err)
		return "", nil, false
	}
	for _, live := range s.Companies() {
		if live.ID == row.Account {
			company = live
		}
	}
	return letter, company, true
}

func (s *Server) optOutFailed(c *gin.Context, err error) {
	if errors.Is(err, store.ErrNotFound) {
		page(c, http.StatusNotFound, optOutWords{Lang: "en", Title: "This link is not known", Text: "Answer the letter with the word unsubscribe instead."})
		return
	}
	s.log.Error("opt-out", "error", err)
	page(c, http.StatusServiceUnavailable, optOutWords{Lang: "en", Title: "Not now", Text: "Please try again in a minute."})
}

// say takes the words of the company's language.
func say(company *definitions.Company, en, ru optOutWords) optOutWords {
	words := en
	words.Lang = "en"
	if company == nil {
		return words
	}
	if company.Language == "ru" {
		words = ru
		words.Lang = "ru"
	}
	words.Company = company.Name
	return words
}

func page(c *gin.Context, status int, words optOutWords) {
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("X-Robots-Tag", "noindex")
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	c.Status(status)
	_ = optOutTemplate.Execute(c.Writer, words) // who asked has gone
}
