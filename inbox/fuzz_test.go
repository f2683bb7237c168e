package inbox

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// corpusFiles returns the raw messages of testdata/mail.
func corpusFiles(t testing.TB) [][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "mail", "*.eml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/mail: %d messages, %v", len(names), err)
	}
	var list [][]byte
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, raw)
	}
	return list
}

// FuzzParse holds what Message promises: valid text, no control character in what goes into a header, nothing out of nothing.
func FuzzParse(f *testing.F) {
	for _, raw := range corpusFiles(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			return
		}
		texts := []string{m.Text, m.HTML, m.htmlText}
		lines := []string{m.Subject, m.MessageID, m.MessageIDRaw, m.ListID, m.ListUnsubscribe}
		for _, a := range append([]Address{m.From, m.ReplyTo, m.Sender}, append(m.To, m.Cc...)...) {
			lines = append(lines, a.Name, a.Email)
			if strings.ContainsAny(a.Email, " <>,;") {
				t.Errorf("address %q", a.Email)
			}
		}
		for _, a := range m.Attachments {
			lines = append(lines, a.Name)
			if a.Size != len(a.Data()) || strings.ContainsAny(a.Name, `/\`) {
				t.Errorf("attachment %q of %d bytes has %d", a.Name, a.Size, len(a.Data()))
			}
		}
		for _, s := range lines {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
				t.Errorf("header text %q", s)
			}
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\x00\x1b") {
				t.Errorf("text %q", s)
			}
		}
	})
}

// FuzzClassify holds that every readable message gets one outcome, a rule and a contact that can stand in a header, and that
// the second copy of it is a duplicate.
func FuzzClassify(f *testing.F) {
	for _, raw := range corpusFiles(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			return
		}
		index, cfg := newMemory(), corpusConfig()
		v, err := Classify(context.Background(), m, cfg, index)
		if err != nil {
			t.Fatal(err)
		}
		if v.Outcome == "" || v.Rule == "" || v.Why == "" {
			t.Errorf("verdict %+v", v)
		}
		if v.Answer && (v.Outcome != Lead || v.Contact.Email == "") {
			t.Errorf("answers %s of %q", v.Outcome, v.Contact.Email)
		}
		if strings.ContainsFunc(v.Contact.Name+v.Contact.Email+v.Contact.Phone, unicode.IsControl) {
			t.Errorf("contact %+v", v.Contact)
		}
		index.record("a", m, v, cfg.Now)
		again, err := Classify(context.Background(), m, cfg, index)
		if err != nil || again.Outcome != Duplicate {
			t.Errorf("the second copy is %s, %v", again.Outcome, err)
		}
	})
}

// TestHostileMail takes messages that are built to be slow: with work that grows faster than their size, some of
// them would not end within the time that go test gives a package. BenchmarkHostileMail says how long each takes.
func TestHostileMail(t *testing.T) {
	for name, raw := range hostileMail() {
		t.Run(name, func(t *testing.T) { take(t, raw) })
	}
}

// BenchmarkHostileMail prints the time of each, beside the bytes it goes through in a second.
func BenchmarkHostileMail(b *testing.B) {
	for name, raw := range hostileMail() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				take(b, raw)
			}
		})
	}
}

func take(t testing.TB, raw string) {
	t.Helper()
	m, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Classify(context.Background(), m, corpusConfig(), newMemory()); err != nil {
		t.Fatal(err)
	}
}

func hostileMail() map[string]string {
	const header = "From: a@example.org\r\nSubject: s\r\n"
	return map[string]string{
		"many open quotes":     "From: " + strings.Repeat(`"\`, 100_000) + "\r\n\r\nx",
		"many open comments":   "From: " + strings.Repeat("(", 200_000) + "\r\n\r\nx",
		"encoded word starts":  "Subject: " + strings.Repeat("=?a?q?x ", 30_000) + "\r\nFrom: a@example.org\r\n\r\nx",
		"folded header":        header + "X: " + strings.Repeat("a\r\n ", 300_000) + "\r\n\r\nx",
		"many headers":         header + strings.Repeat("X-A: b\r\n", 200_000) + "\r\nx",
		"many parts":           header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: multipart/mixed\r\n\r\n", 20_000),
		"deep parts":           header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 20_000),
		"messages in messages": strings.Repeat(header+"Content-Type: message/rfc822\r\n\r\n", 20_000),
		"deep html":            header + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<table><tr><td><blockquote>", 40_000) + "x",
		"long html line":       header + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<b>x</b> ", 200_000),
		"short lines":          header + "\r\n" + strings.Repeat("On 1.1.2026 a:\n", 100_000),
		"one long line":        header + "\r\n" + strings.Repeat("8 (495) ", 200_000),
		"label lines":          header + "\r\n" + strings.Repeat("Name: x\n", 200_000),
		"addresses":            header + "Cc: " + strings.Repeat("a@example.org,", 50_000) + "\r\n\r\nx",
		"bounce of nonsense":   "Return-Path: <>\r\n" + header + "\r\n" + strings.Repeat("a@b.c 5.", 100_000),
	}
}

// BenchmarkClassify reads and classifies the corpus, without the Index's cost; the rate is per core.
func BenchmarkClassify(b *testing.B) {
	list := corpusFiles(b)
	index, cfg := newMemory(), corpusConfig()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m, err := Parse(list[n%len(list)])
		n++
		if err != nil {
			continue
		}
		if _, err := Classify(context.Background(), m, cfg, index); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}
