package outbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/emersion/go-message/mail"
	"pgregory.net/rapid"

	"github.com/dealwright/dealwright/outbox"
)

func sample() outbox.Letter {
	return outbox.Letter{
		MessageID:  outbox.MessageID("deal-1/1/qualification/acknowledgement", "sales@shop.test"),
		From:       outbox.Address{Name: "Кухни Дом", Email: "sales@shop.test"},
		To:         outbox.Address{Name: `Пётр "Петя" Иванов`, Email: "petr@client.test"},
		Subject:    "Кухни Дом: получили ваше письмо",
		Text:       "Здравствуйте!\n\nМы получили ваше письмо.\n",
		HTML:       "<p>Здравствуйте!</p>\n",
		InReplyTo:  "<question@client.test>",
		References: []string{"<first@client.test>", "question@client.test"},
		Date:       time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("MSK", 3*3600)),
		Auto:       true,
	}
}

func compose(t interface{ Fatal(...any) }, l outbox.Letter) []byte {
	raw, err := outbox.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// parts reads a message back: its header and the type, file name and content of each leaf.
func parts(t interface{ Fatal(...any) }, raw []byte) (mail.Header, []string) {
	reader, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var leaves []string
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return reader.Header, leaves
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, name := part.Header.Get("Content-Type"), ""
		if attachment, ok := part.Header.(*mail.AttachmentHeader); ok {
			name, err = attachment.Filename()
			if err != nil {
				t.Fatal(err)
			}
		}
		leaves = append(leaves, fmt.Sprintf("%s|%s|%s", strings.TrimSuffix(kind, "; charset=utf-8"), name, content))
	}
}

func TestComposedLetterReadsBack(t *testing.T) {
	raw := compose(t, sample())
	header, leaves := parts(t, raw)
	if subject, err := header.Subject(); err != nil || subject != sample().Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for _, c := range []struct {
		key  string
		want outbox.Address
	}{{"From", sample().From}, {"To", sample().To}} {
		list, err := header.AddressList(c.key)
		if err != nil || len(list) != 1 || list[0].Name != c.want.Name || list[0].Address != c.want.Email {
			t.Errorf("%s: %v, %v", c.key, list, err)
		}
	}
	for key, want := range map[string]string{
		"Message-Id":     sample().MessageID,
		"In-Reply-To":    "<question@client.test>",
		"References":     "<first@client.test> <question@client.test>",
		"Auto-Submitted": "auto-replied",
		"Date":           "Mon, 02 Mar 2026 10:00:00 +0300",
		"Mime-Version":   "1.0",
		outbox.Header:    "1",
		"Reply-To":       "",
		"Precedence":     "",
	} {
		if got := header.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	want := []string{
		"text/plain||Здравствуйте!\r\n\r\nМы получили ваше письмо.\r\n",
		"text/html||<p>Здравствуйте!</p>\r\n",
	}
	if fmt.Sprint(leaves) != fmt.Sprint(want) {
		t.Errorf("parts %q, want %q", leaves, want)
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes or with a bare line end: %.60q", len(line), line)
		}
	}
}

func TestSameLetterGivesSameBytes(t *testing.T) {
	l := sample()
	l.Attachments = []outbox.Attachment{{Name: "план.pdf", Type: "application/pdf", Bytes: []byte("%PDF")}}
	first := compose(t, l)
	for range 5 {
		if !bytes.Equal(first, compose(t, l)) {
			t.Fatal("the same letter was composed in two ways")
		}
	}
}

func TestShapesOfALetter(t *testing.T) {
	file := outbox.Attachment{Name: "план/кухни.pdf", Type: "application/pdf", Bytes: []byte("%PDF\x00\xff")}
	cases := []struct {
		name   string
		change func(*outbox.Letter)
		want   []string
	}{
		{"text only", func(l *outbox.Letter) { l.HTML = "" }, []string{"text/plain||Hi\r\n"}},
		{"text and HTML", func(l *outbox.Letter) { l.HTML = "<p>Hi" }, []string{"text/plain||Hi\r\n", "text/html||<p>Hi"}},
		{"text and a file", func(l *outbox.Letter) { l.HTML = ""; l.Attachments = []outbox.Attachment{file} }, []string{"text/plain||Hi\r\n", "application/pdf|план_кухни.pdf|%PDF\x00\xff"}},
		{"text, HTML and a file", func(l *outbox.Letter) { l.HTML = "<p>Hi"; l.Attachments = []outbox.Attachment{file} }, []string{"text/plain||Hi\r\n", "text/html||<p>Hi", "application/pdf|план_кухни.pdf|%PDF\x00\xff"}},
		{"a file in another charset", func(l *outbox.Letter) {
			l.HTML = ""
			l.Attachments = []outbox.Attachment{{Name: "a.csv", Type: "text/csv; charset=windows-1251", Bytes: []byte("\xcf\n")}}
		}, []string{"text/plain||Hi\r\n", "text/csv|a.csv|\xcf\n"}},
		{"a mail as a file", func(l *outbox.Letter) {
			l.HTML = ""
			l.Attachments = []outbox.Attachment{{Name: "..", Type: "message/rfc822", Bytes: []byte("x")}}
		}, []string{"text/plain||Hi\r\n", "application/octet-stream|file|x"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := sample()
			l.Text = "Hi\n"
			c.change(&l)
			if _, leaves := parts(t, compose(t, l)); fmt.Sprint(leaves) != fmt.Sprint(c.want) {
				t.Errorf("parts %q, want %q", leaves, c.want)
			}
		})
	}
}

func TestWhoWroteALetter(t *testing.T) {
	cases := []struct {
		name      string
		auto      bool
		inReplyTo string
		want      string
	}{
		{"a person", false, "q@client.test", ""},
		{"an automatic answer", true, "q@client.test", "auto-replied"},
		{"a notice", true, "", "auto-generated"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := sample()
			l.Auto, l.InReplyTo, l.References = c.auto, c.inReplyTo, nil
			header, _ := parts(t, compose(t, l))
			if got := header.Get("Auto-Submitted"); got != c.want {
				t.Errorf("Auto-Submitted %q, want %q", got, c.want)
			}
		})
	}
}

func TestUnsubscribe(t *testing.T) {
	cases := []struct{ address, want, post string }{
		{"https://shop.test/u/abc", "<https://shop.test/u/abc>", "List-Unsubscribe=One-Click"},
		{"<mailto:out@shop.test?subject=abc>", "<mailto:out@shop.test?subject=abc>", ""},
	}
	for _, c := range cases {
		l := sample()
		l.ListUnsubscribe = c.address
		header, _ := parts(t, compose(t, l))
		if got, post := header.Get("List-Unsubscribe"), header.Get("List-Unsubscribe-Post"); got != c.want || post != c.post {
			t.Errorf("%s: %q and %q", c.address, got, post)
		}
	}
}

func TestLongThreadKeepsItsEnds(t *testing.T) {
	l := sample()
	l.References = nil
	for i := range 100 {
		l.References = append(l.References, fmt.Sprintf("<%d@client.test>", i))
	}
	l.References = append(l.References, "<no id at all>", "<пётр@client.test>", "x\r\nBcc: evil@x.test")
	header, _ := parts(t, compose(t, l))
	ids := strings.Fields(header.Get("References"))
	if len(ids) != 20 || ids[0] != "<0@client.test>" || ids[1] != "<82@client.test>" || ids[19] != "<question@client.test>" {
		t.Errorf("%d references: %v", len(ids), ids)
	}
}

func TestLettersThatCannotBeComposed(t *testing.T) {
	cases := []struct {
		name   string
		change func(*outbox.Letter)
		fault  string
	}{
		{"no id", func(l *outbox.Letter) { l.MessageID = "" }, "Message-ID"},
		{"no date", func(l *outbox.Letter) { l.Date = time.Time{} }, "date"},
		{"no text", func(l *outbox.Letter) { l.Text = " \n" }, "text"},
		{"no recipient", func(l *outbox.Letter) { l.To.Email = "" }, "the To address"},
		{"an address with a line break", func(l *outbox.Letter) { l.To.Email = "a@b.test\r\nBcc: evil@x.test" }, "the To address"},
		{"an address with two parts", func(l *outbox.Letter) { l.From.Email = "a@b.test, c@d.test" }, "the From address"},
		{"a broken answer address", func(l *outbox.Letter) { l.ReplyTo.Email = "nobody" }, "the Reply-To address"},
		{"an unsubscribe link that is none", func(l *outbox.Letter) { l.ListUnsubscribe = "javascript:x" }, "List-Unsubscribe"},
		{"an unsubscribe link with a line break", func(l *outbox.Letter) { l.ListUnsubscribe = "https://x\r\ny" }, "List-Unsubscribe"},
		{"a broken type of file", func(l *outbox.Letter) { l.Attachments = []outbox.Attachment{{Name: "x", Type: "\r\n"}} }, "attachment"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := sample()
			c.change(&l)
			if _, err := outbox.Compose(l); err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("error %v, want one about %q", err, c.fault)
			}
		})
	}
}

func TestNoValueReachesTheStructure(t *testing.T) {
	hostile := rapid.Custom(func(t *rapid.T) string {
		pieces := rapid.OneOf(rapid.StringN(0, 30, -1), rapid.SampledFrom([]string{
			"\r\n", "\n", "\r", "\r\n\r\n", "Bcc: evil@x.test", "\x00", "\u2028", "=?utf-8?q?x?=", "--=_", "Пётр Иванович Длиннофамильный", `"`, "<a@b>", ",", ";", strings.Repeat("ы", 300),
		}))
		return strings.Join(rapid.SliceOfN(pieces, 0, 6).Draw(t, "pieces"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		l := sample()
		l.Subject = hostile.Draw(t, "subject")
		l.To.Name = hostile.Draw(t, "name")
		l.Text = "x" + hostile.Draw(t, "text")
		l.HTML = hostile.Draw(t, "html")
		l.InReplyTo = hostile.Draw(t, "in reply to")
		l.References = []string{hostile.Draw(t, "reference")}
		l.Attachments = []outbox.Attachment{{Name: hostile.Draw(t, "file"), Bytes: []byte(hostile.Draw(t, "bytes"))}}
		header, leaves := parts(t, compose(t, l))
		wantLeaves := 3
		if l.HTML == "" {
			wantLeaves = 2
		}
		if len(leaves) != wantLeaves {
			t.Fatalf("%d parts, want %d: %q", len(leaves), wantLeaves, leaves)
		}
		known := map[string]bool{}
		for _, key := range []string{"Date", "From", "To", "Subject", "Message-Id", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Dealwright", "Mime-Version", "Content-Type"} {
			known[key] = true
		}
		for fields := header.Fields(); fields.Next(); {
			if !known[fields.Key()] {
				t.Fatalf("a header of its own: %s: %s", fields.Key(), fields.Value())
			}
			delete(known, fields.Key())
		}
		if list, err := header.AddressList("To"); err != nil || len(list) != 1 || list[0].Address != l.To.Email || list[0].Name != readable(l.To.Name) {
			t.Fatalf("To: %v, %v", list, err)
		}
		if subject, err := header.Subject(); err != nil || subject != readable(l.Subject) {
			t.Fatalf("subject %q, %v, want %q", subject, err, readable(l.Subject))
		}
	})
}

// readable is a value as its reader should see it: control characters and line breaks are spaces, one at a time.
func readable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return strings.Trim(s, " ")
}

func TestMessageID(t *testing.T) {
	a := outbox.MessageID("deal-1/1/q/ack", "shop.test")
	if a != outbox.MessageID("deal-1/1/q/ack", "sales@shop.test") {
		t.Error("the same key and domain gave two ids")
	}
	if a == outbox.MessageID("deal-1/2/q/ack", "shop.test") || a == outbox.MessageID("deal-1/1/q/ack", "shop.example") {
		t.Error("two letters got one id")
	}
	if !strings.HasPrefix(a, "<") || !strings.HasSuffix(a, "@shop.test>") || strings.Contains(a, "deal") {
		t.Errorf("id %q", a)
	}
	if got := outbox.MessageID("k", "продажи@почта.рф"); !strings.HasSuffix(got, "@xn--80a1acny.xn--p1ai>") {
		t.Errorf("international domain: %q", got)
	}
}

func TestInternationalDomainInAHeader(t *testing.T) {
	l := sample()
	l.To.Email = "petr@почта.рф"
	header, _ := parts(t, compose(t, l))
	list, err := header.AddressList("To")
	if err != nil || list[0].Address != "petr@xn--80a1acny.xn--p1ai" {
		t.Errorf("To: %v, %v", list, err)
	}
}
