package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Languages that the pages are written in, the first for whoever asks for another.
var languages = []string{"en", "ru"}

var themes = []string{"auto", "light", "dark"}

// viewer is how somebody reads: the language and the colours of their choice,
// and the zone of the company they look at.
type viewer struct {
	Lang  string
	Theme string
	words catalogue
	zone  *time.Location
}

const (
	langCookie  = "dealwright_lang"
	themeCookie = "dealwright_theme"
)

func viewerOf(r *http.Request) viewer {
	v := viewer{Lang: preferred(r.Header.Get("Accept-Language")), Theme: themes[0], zone: time.UTC}
	if c, err := r.Cookie(langCookie); err == nil {
		v.Lang = oneOf(c.Value, languages, v.Lang)
	}
	if c, err := r.Cookie(themeCookie); err == nil {
		v.Theme = oneOf(c.Value, themes, v.Theme)
	}
	v.words = catalogues[v.Lang]
	return v
}

func oneOf(s string, of []string, otherwise string) string {
	if slices.Contains(of, s) {
		return s
	}
	return otherwise
}

// preferred is the language that an Accept-Language weighs most.
func preferred(accept string) string {
	best, weight := languages[0], 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if q > weight && oneOf(base, languages, "") != "" {
			best, weight = base, q
		}
	}
	return best
}

// setViewer keeps a choice of language or colours for a year.
func (w *Web) setViewer(rw http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: rw}
	for name, choice := range map[string]string{
		langCookie:  oneOf(r.FormValue("lang"), languages, ""),
		themeCookie: oneOf(r.FormValue("theme"), themes, ""),
	} {
		if choice != "" {
			http.SetCookie(rw, &http.Cookie{
				Name: name, Value: choice, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
			})
		}
	}
	q.redirect(r.FormValue("back"))
}
