package outbox_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

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

func TestComposedLetterReadsBack(t *testing.T) {
	raw := compose(t, sample())
	header, leaves := parts(t, raw)
	if got := subject(t, header); got != sample().Subject {
		t.Errorf("subject %q", got)
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
	file := []outbox.Attachment{{Name: "план.pdf", Type: "application/pdf", Bytes: []byte("%PDF")}}
	drawn := regexp.MustCompile(`[0-9a-f]{60}`)
	cases := []struct {
		name   string
		change func(*outbox.Letter)
		same   func(raw []byte) []byte
	}{
		{"text", func(l *outbox.Letter) { l.HTML = "" }, bytes.Clone},
		{"text and HTML", func(*outbox.Letter) {}, bytes.Clone},
		{"text and a file", func(l *outbox.Letter) { l.HTML, l.Attachments = "", file }, bytes.Clone},
		{"an unsubscribe link", func(l *outbox.Letter) { l.ListUnsubscribe = "https://shop.test/u/abc" }, bytes.Clone},
		{
			"text, HTML and a file, but for the boundaries", func(l *outbox.Letter) { l.Attachments = file },
			func(raw []byte) []byte { return drawn.ReplaceAll(raw, nil) },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := sample()
			c.change(&l)
			first := c.same(compose(t, l))
			for range 20 {
				if !bytes.Equal(first, c.same(compose(t, l))) {
					t.Fatal("the same letter was composed in two ways")
				}
			}
		})
	}
}

// Whoever knows the id of a letter cannot foresee its boundary: a text is part of what its boundary is made of.
func TestATextCannotEndItsPart(t *testing.T) {
	l := sample()
	l.Text, l.HTML = "Hi\n", "<p>Hi"
	boundary := func(raw []byte) string { return string(regexp.MustCompile(`boundary=(\S+)`).FindSubmatch(raw)[1]) }
	l.Text += "--" + boundary(compose(t, l)) + "--\n"
	raw := compose(t, l)
	if strings.Contains(l.Text, boundary(raw)) {
		t.Errorf("the text holds the boundary %s", boundary(raw))
	}
	if _, leaves := parts(t, raw); len(leaves) != 2 {
		t.Errorf("parts %q, want two", leaves)
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
		}, []string{"text/plain||Hi\r\n", "text/csv; charset=windows-1251|a.csv|\xcf\n"}},
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
		{"nothing but what is left out of a text", func(l *outbox.Letter) { l.Text = "\x00" }, "text"},
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
			"\r\n", "\n", "\r", "\r\n\r\n", "Bcc: evil@x.test", "\x00", "\u2028", "=?utf-8?q?x?=", "--=_", strings.Repeat("a", 1200), strings.Repeat(`"`, 600), "Пётр Иванович Длиннофамильный", `"`, "<a@b>", ",", ";", strings.Repeat("ы", 300),
		}))
		return strings.Join(rapid.SliceOfN(pieces, 0, 6).Draw(t, "pieces"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		l := sample()
		l.Subject = hostile.Draw(t, "subject")
		l.To.Name = hostile.Draw(t, "name")
		l.Text = "x" + hostile.Draw(t, "text")
		if html := hostile.Draw(t, "html"); html != "" {
			l.HTML = "<p>" + html
		} else {
			l.HTML = ""
		}
		l.InReplyTo = hostile.Draw(t, "in reply to")
		l.References = []string{hostile.Draw(t, "reference")}
		l.Attachments = []outbox.Attachment{{Name: hostile.Draw(t, "file"), Bytes: []byte(hostile.Draw(t, "bytes"))}}
		raw := compose(t, l)
		header, leaves := parts(t, raw)
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
		for key, values := range header {
			if !known[key] || len(values) != 1 {
				t.Fatalf("a header of its own: %s: %s", key, values)
			}
		}
		list, err := header.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Address != l.To.Email || !isStart(list[0].Name, strings.ReplaceAll(readable(l.To.Name), `\`, "/")) {
			t.Fatalf("To: %v, %v", list, err)
		}
		if got := subject(t, header); got != readable(l.Subject) {
			t.Fatalf("subject %q, want %q", got, readable(l.Subject))
		}
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		for line := range bytes.SplitSeq(head, []byte("\r\n")) {
			if len(line) > 998 {
				t.Fatalf("a header line of %d bytes: %.60q", len(line), line)
			}
		}
	})
}

// isStart says whether a name is the whole, or what the longest name that mail may carry leaves of it.
func isStart(name, whole string) bool {
	const longest = 450
	return name == whole || strings.HasPrefix(whole, name) && len(whole) > longest && len(name) > longest-4
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
	if got, want := outbox.TokenMessageID("deal-1/1/q/ack", "shop.test", "dw.1.abc"), strings.TrimSuffix(a, "@shop.test>")+".dw.1.abc@shop.test>"; got != want {
		t.Errorf("with a token %q, want %q", got, want)
	}
	if got := outbox.MessageID("k", "продажи@почта.рф"); !strings.HasSuffix(got, "@xn--80a1acny.xn--p1ai>") {
		t.Errorf("international domain: %q", got)
	}
}

func TestAddressesInAHeader(t *testing.T) {
	cases := []struct{ name, email, want string }{
		{"an international domain", "petr@почта.рф", "petr@xn--80a1acny.xn--p1ai"},
		{"an international local part", "пётр@client.test", "пётр@client.test"},
		{"a quoted local part", `"petr ivanov"@client.test`, "petr ivanov@client.test"},
		{"two dots, as some telephone companies give them out", "petr..ivanov@client.test", "petr..ivanov@client.test"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := sample()
			l.To.Email = c.email
			header, _ := parts(t, compose(t, l))
			list, err := header.AddressList("To")
			if err != nil || len(list) != 1 || list[0].Address != c.want || list[0].Name != l.To.Name {
				t.Errorf("To: %v, %v, from %q", list, err, header.Get("To"))
			}
		})
	}
}
