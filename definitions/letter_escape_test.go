package definitions

import (
	"bytes"
	"html"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// escapeReads is Markdown with every extension that could act on a value.
var escapeReads = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList))

func rendered(t testing.TB, markdown string) string {
	t.Helper()
	var b bytes.Buffer
	if err := escapeReads.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestEscapeMarkdownKeepsValuesAsText(t *testing.T) {
	for _, s := range []string{
		`**bold** _it_ ~~no~~`, `[click](https://evil.test)`, `![](https://evil.test/p.png)`, `<script>alert(1)</script>`,
		`https://evil.test www.evil.test me@evil.test`, "# title", "- item", "1. item", "1) item", "> quote", "    code", "```\ncode\n```",
		"a\n===\nb", "a\n---\nb", "| a | b |\n|---|---|", "[^1]: note", "&lt;b&gt; &copy;", `\*`, "`code`", "<https://evil.test>", "[ ] task", "{{.Owner}}",
	} {
		t.Run(s, func(t *testing.T) { checkEscaped(t, s) })
	}
}

func checkEscaped(t testing.TB, s string) {
	t.Helper()
	got := rendered(t, "x"+EscapeMarkdown(s)+"x")
	text, isParagraph := strings.CutPrefix(got, "<p>x")
	text, isWhole := strings.CutSuffix(text, "x</p>")
	if !isParagraph || !isWhole || strings.ContainsAny(text, "<>") || html.UnescapeString(text) != inline(s) {
		t.Errorf("%q in a line renders as %s", s, got)
	}
	if inline(s) == "" {
		return
	}
	for prefix, wrap := range map[string][2]string{
		"":   {"<p>", "</p>"},
		"> ": {"<blockquote>\n<p>", "</p>\n</blockquote>"},
		"# ": {"<h1>", "</h1>"},
		"- ": {"<ul>\n<li>", "</li>\n</ul>"},
	} {
		got := rendered(t, prefix+EscapeMarkdown(s))
		text, begins := strings.CutPrefix(got, wrap[0])
		text, ends := strings.CutSuffix(text, wrap[1])
		if !begins || !ends || strings.ContainsAny(text, "<>") || html.UnescapeString(text) != inline(s) {
			t.Errorf("%q after %q renders as %s", s, prefix, got)
		}
	}
}

func FuzzEscapeMarkdown(f *testing.F) {
	for _, s := range []string{"a*b*", "\n\n# x", "\u202eevil", "a\x00b", "  \t x", "x\u00a0", "&#42;", "\\", "\xff", "Пётр & Ко"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if out := EscapeMarkdown(s); strings.ContainsAny(out, "\r\n\x00") {
			t.Errorf("%q keeps a line break or a control: %q", s, out)
		}
		checkEscaped(t, s)
	})
}
