package outbox

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dealwright/dealwright/definitions"
)

func TestMarkdown(t *testing.T) {
	cases := []struct {
		name, md, text, html string
	}{
		{"paragraphs", "Здравствуйте!\n\nМы *получили* **письмо**.", "Здравствуйте!\n\nМы получили письмо.\n", "<p>Здравствуйте!</p>\n<p>Мы <em>получили</em> <strong>письмо</strong>.</p>\n"},
		{"the line breaks of a signature", "С уважением,  \nИван\nКухни", "С уважением,\nИван\nКухни\n", "<p>С уважением,<br>\nИван\nКухни</p>\n"},
		{"link", "[прайс](https://shop.test/p?a=1&b=2)", "прайс (https://shop.test/p?a=1&b=2)\n", `<p><a href="https://shop.test/p?a=1&amp;b=2">прайс</a></p>` + "\n"},
		{"link whose words are its address", "[https://shop.test](https://shop.test) and <https://shop.test>", "https://shop.test and https://shop.test\n", `<p><a href="https://shop.test">https://shop.test</a> and <a href="https://shop.test">https://shop.test</a></p>` + "\n"},
		{"mail and telephone", "<a@shop.test>, [звоните](tel:+74951234567), [a@shop.test](mailto:a@shop.test)", "a@shop.test, звоните (+74951234567), a@shop.test\n", `<p><a href="mailto:a@shop.test">a@shop.test</a>, <a href="tel:+74951234567">звоните</a>, <a href="mailto:a@shop.test">a@shop.test</a></p>` + "\n"},
		{"a link that runs code is words only", "[x](javascript:alert(1)) [y](JAVASCRIPT&#58;alert) <javascript:z>", "x y javascript:z\n", "<p>x y javascript:z</p>\n"},
		{"raw HTML is text", "<b>bold</b>\n\n<script>alert(1)</script>", "<b>bold</b>\n\n<script>alert(1)</script>\n", "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"},
		{"lists", "1. раз\n2. два\n   - внутри\n\n- конец", "1. раз\n2. два\n   - внутри\n\n- конец\n", "<ol>\n<li>раз</li>\n<li>два\n<ul>\n<li>внутри</li>\n</ul></li>\n</ol>\n<ul>\n<li>конец</li>\n</ul>\n"},
		{"a list that starts later", "7. семь", "7. семь\n", "<ol start=\"7\">\n<li>семь</li>\n</ol>\n"},
		{"quote", "> раз\n>\n> два", "> раз\n>\n> два\n", `<blockquote style="` + quoteStyle + `">` + "\n<p>раз</p>\n<p>два</p>\n</blockquote>\n"},
		{"code", "`a*b` и\n\n    <x>\n    y", "a*b и\n\n<x>\ny\n", `<p><code style="` + codeStyle + `">a*b</code> и</p>` + "\n" + `<pre style="` + codeStyle + `">&lt;x&gt;` + "\ny</pre>\n"},
		{"heading and rule", "# Заказ\n\n---", "Заказ\n\n----------\n", "<h1>Заказ</h1>\n<hr>\n"},
		{"an image is its description", "![план кухни](https://shop.test/x.png)", "план кухни\n", "<p>план кухни</p>\n"},
		{"references and escapes", `5 &lt; 6 \* 7 \&lt; 8`, "5 < 6 * 7 &lt; 8\n", "<p>5 &lt; 6 * 7 &amp;lt; 8</p>\n"},
		{"nothing", "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, page := Markdown(c.md)
			if text != c.text {
				t.Errorf("text\n%q, want\n%q", text, c.text)
			}
			body := strings.TrimSuffix(strings.TrimPrefix(page, pageStart), pageEnd)
			if body != c.html {
				t.Errorf("HTML\n%s\nwant\n%s", body, c.html)
			}
		})
	}
}

// hostileText mixes Markdown's own marks with letters, white space and control characters.
func hostileText() *rapid.Generator[string] {
	pieces := rapid.OneOf(
		rapid.StringN(0, 12, -1),
		rapid.SampledFrom([]string{
			"# ", "- ", "1. ", "> ", "    ", "\t", "```\n", "***", "__x__", "[a](https://evil.test)", "![i](u)", "<script>", "</p>", "&amp;", "&#60;", "\\", "\\\\n",
			"<https://evil.test>", "https://evil.test", "\r\n", "\n\n", "---", "===", "|a|b|", "~~x~~", "\u00a0", "\u2028", "\x00", "a@b.test", "[x]: /u", "{{.Contact}}", "Пётр",
		}),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(pieces, 0, 8).Draw(t, "pieces"), "")
	})
}

// asRead is an escaped value as its reader should see it: what is left when the escapes are taken off.
func asRead(escaped string) string {
	return regexp.MustCompile(`(?s)\\(.)`).ReplaceAllString(escaped, "$1")
}

// What a client wrote is escaped where letters are filled in, and this is where the escapes are read.
func TestEscapedValuesAreNeverMarkup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		escaped := definitions.EscapeMarkdown(hostileText().Draw(t, "value"))
		want := asRead(escaped)
		text, page := Markdown(escaped)
		if strings.TrimSuffix(text, "\n") != want {
			t.Fatalf("text %q, want %q", text, want)
		}
		body := strings.TrimSuffix(strings.TrimPrefix(page, pageStart), pageEnd)
		wantBody := ""
		if want != "" {
			wantBody = "<p>" + html.EscapeString(want) + "</p>\n"
		}
		if body != wantBody {
			t.Fatalf("HTML %q, want %q", body, wantBody)
		}
	})
}

func TestEscapedValuesStayWithinTheirSentence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		escaped := definitions.EscapeMarkdown(hostileText().Draw(t, "value"))
		text, _ := Markdown("Письмо «" + escaped + "» получено.")
		if want := "Письмо «" + asRead(escaped) + "» получено.\n"; text != want {
			t.Fatalf("text %q, want %q", text, want)
		}
	})
}
