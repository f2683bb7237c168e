package inbox

import (
	"context"
	"strings"
	"unicode"
)

// AsLead reads a message as an enquiry, because a person says that it is one. The capture rule that would have taken it for
// a lead reads it; what was sent before it plays no part.
func AsLead(ctx context.Context, m *Message, cfg Config) Verdict {
	c := &classifier{ctx: ctx, cfg: cfg, us: newPeople(cfg)}
	v := reading(m)
	if c.us.isOwn(m.From.Email) || c.us.isColleague(m.From.Email) {
		inner := forwardedWhole(m)
		if inner == nil {
			inner = c.forwardedText(m)
		}
		if inner != nil {
			v.inside(inner)
			m = inner
		}
	}
	c.enquire(m, &v, c.ruleOf(m))
	return v
}

// ruleOf is the first capture rule that takes the message for a lead.
func (c *classifier) ruleOf(m *Message) *Rule {
	for i := range c.cfg.Rules {
		rule := &c.cfg.Rules[i]
		if matched, err := rule.Match(m); err == nil && matched && rule.As != "ignore" {
			return rule
		}
	}
	return nil
}

// AsReply reads a message as one that goes on with a deal, because a person says so: the client's, or a colleague's to the
// client.
func AsReply(m *Message, cfg Config) Verdict {
	us := newPeople(cfg)
	v := reading(m)
	v.decide(Reply, "reply", "")
	if !us.isOwn(m.From.Email) && !us.isColleague(m.From.Email) {
		return v
	}
	if inner := forwardedWhole(m); inner != nil {
		v.inside(inner)
		return v
	}
	if outsiders := us.outsiders(m); len(outsiders) > 0 {
		v.Outbound, v.Contact = true, Contact{Email: outsiders[0]}
	}
	return v
}

// longestSalvage is how much text is taken out of bytes that are no mail.
const longestSalvage = 20_000

// Salvage makes the best of bytes that Parse refuses: the text in them, if they look like text, and the first address.
func Salvage(raw []byte) *Message {
	m := &Message{Size: len(raw), BytesHash: hashBytes(raw)}
	if text := decodeText(raw[:min(len(raw), longestSalvage)], ""); looksLikeText(text) {
		m.Text = strings.TrimSpace(cleanText(text))
		m.From.Email = normalEmail(anyAddress.FindString(strings.ToLower(m.Text)))
		m.Subject = clip(oneLine(firstLine(m.Text)), 200)
	}
	return m
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// looksLikeText reports whether most of it is letters, digits and blanks.
func looksLikeText(text string) bool {
	all, plain := 0, 0
	for _, r := range text {
		all++
		if r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r)) {
			plain++
		}
	}
	return all > 0 && plain*10 >= all*7
}
