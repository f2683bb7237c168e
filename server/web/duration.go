package web

import (
	"regexp"
	"strconv"
	"strings"
)

// written is a duration of the process language: 15 business minutes, 7d.
var written = regexp.MustCompile(`^(\d+) *(business )?([a-z]+)$`)

var units = map[string]string{"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

// duration says a duration of a process in the viewer's language.
func (v viewer) duration(text string) string {
	m := written.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return text
	}
	unit, known := units[m[3]]
	if !known {
		unit = strings.TrimSuffix(m[3], "s") + "s"
	}
	if m[2] != "" {
		return v.N("business."+unit, n)
	}
	return v.N("span."+unit, n)
}

// conflicts are what deals answer to changes that do not fit them, each with
// the phrase that says so in the viewer's language.
var conflicts = []struct{ said, key string }{
	{"reopen it first", "conflict.lost"},
	{"the deal is not won", "conflict.not_won"},
	{"the deal is won", "conflict.won"},
	{"only a lost deal", "conflict.not_lost"},
	{"the deal is closed", "conflict.closed"},
	{"the deal is paused already", "conflict.paused"},
	{"the deal is not paused", "conflict.not_paused"},
	{"this deal was merged", "conflict.merged"},
	{"the deal is in stage", "conflict.there"},
	{"is finished already", "conflict.finished"},
}

// conflict is the phrase for what a deal said; empty: it is said otherwise.
func conflict(said string) string {
	for _, c := range conflicts {
		if strings.Contains(said, c.said) {
			return c.key
		}
	}
	return ""
}
