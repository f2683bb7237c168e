package inbox

import (
	"regexp"
	"strings"

	"github.com/dealwright/dealwright/optout"
)

// optOut finds a request for no more letters that names the letter it is about: the mail that List-Unsubscribe asks for.
// The token is proof enough, whoever sends it, and machines send it too.
func (c *classifier) optOut(m *Message, v *Verdict) (bool, error) {
	letter, ok := optout.Letter(c.cfg.Secret, m.Subject)
	if !ok {
		return false, nil
	}
	v.OptOut, v.Unsubscribe = letter, true
	return v.decide(Reply, "unsubscribe", "its subject asks for no more letters, in the name of who got one"), nil
}

var noMoreLetters = regexp.MustCompile(`(?i)^(please |прошу |пожалуйста,? )?(unsubscribe( me)?|stop|remove me( from (your|the|this) (mailing )?list)?|` +
	`отписаться|отписка|отпи(сать|шите)( меня)?( от рассылки)?|стоп)( please|,? пожалуйста)?$`)

// asksNoMore tells whether a client's message says that they want no more letters, and nothing else.
func asksNoMore(m *Message, text string) bool {
	said := func(s string) bool {
		return noMoreLetters.MatchString(strings.Trim(strings.Join(strings.Fields(s), " "), ".!… "))
	}
	if strings.TrimSpace(text) == "" {
		return said(m.Subject)
	}
	return said(text)
}
