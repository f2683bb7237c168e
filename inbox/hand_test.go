package inbox

import (
	"strings"
	"testing"
)

func TestSalvage(t *testing.T) {
	for _, c := range []struct{ name, raw, text, from, subject string }{
		{"nothing", "", "", "", ""},
		{"bytes", "\x00\x01\x02\xff\xfe\x80", "", "", ""},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01", "", "", ""},
		{"words", "I want a kitchen.\nPetr <PETR@client.test>\n", "I want a kitchen.\nPetr <PETR@client.test>", "petr@client.test", "I want a kitchen."},
		{"windows-1251", "\xd5\xee\xf7\xf3 \xea\xf3\xf5\xed\xfe \xee\xf2 \xf7\xe5\xf2\xfb\xf0\xb8\xf5 \xec\xe5\xf2\xf0\xee\xe2", "Хочу кухню от четырёх метров", "", "Хочу кухню от четырёх метров"},
		{"hostile", "<script>alert(1)</script> \u202e words enough to be some text\x07", "<script>alert(1)</script>  words enough to be some text", "", "<script>alert(1)</script>  words enough to be some text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Salvage([]byte(c.raw))
			if m.Text != c.text || m.From.Email != c.from || m.Subject != c.subject || m.BytesHash == "" {
				t.Errorf("text %q, from %q, subject %q", m.Text, m.From.Email, m.Subject)
			}
		})
	}
}

func parsed(t *testing.T, raw string) *Message {
	t.Helper()
	m, err := Parse([]byte(strings.ReplaceAll(raw, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAsLead(t *testing.T) {
	cfg := Config{Own: []string{"sales@acme.test"}, Staff: []string{"ivan@acme.test"}}
	newsletter := AsLead(t.Context(), parsed(t, "From: News <news@shop.test>\nTo: sales@acme.test\nSubject: Offers\nList-Id: <news.shop.test>\n\nBuy.\n"), cfg)
	if newsletter.Outcome != Lead || newsletter.Contact.Email != "news@shop.test" || newsletter.Answer {
		t.Errorf("%+v", newsletter)
	}
	forwarded := AsLead(t.Context(), parsed(t, "From: ivan@acme.test\nTo: sales@acme.test\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: Petr <petr@client.test>\nSubject: A door\n\nA door, please.\n--b--\n"), cfg)
	if forwarded.Lead == nil || forwarded.Contact.Email != "petr@client.test" || forwarded.Subject != "A door" {
		t.Errorf("%+v", forwarded)
	}
}

func TestAsReply(t *testing.T) {
	cfg := Config{Own: []string{"sales@acme.test"}, Staff: []string{"ivan@acme.test"}}
	if v := AsReply(parsed(t, "From: petr@client.test\nTo: sales@acme.test\nSubject: x\n\ny\n"), cfg); v.Outcome != Reply || v.Outbound || v.Contact.Email != "petr@client.test" {
		t.Errorf("%+v", v)
	}
	if v := AsReply(parsed(t, "From: ivan@acme.test\nTo: petr@client.test\nCc: sales@acme.test\nSubject: x\n\ny\n"), cfg); !v.Outbound || v.Contact.Email != "petr@client.test" {
		t.Errorf("%+v", v)
	}
}
