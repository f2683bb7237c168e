package inbox

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestParseAddresses(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []Address
	}{
		{"a@b.test", []Address{{"", "a@b.test"}}},
		{"Ann <A@B.Test>", []Address{{"Ann", "a@b.test"}}},
		{`"Doe, Jane" <j@b.test>, Bob <bob@b.test>`, []Address{{"Doe, Jane", "j@b.test"}, {"Bob", "bob@b.test"}}},
		{`Doe, Jane <j@b.test>, bob@b.test`, []Address{{"Doe, Jane", "j@b.test"}, {"", "bob@b.test"}}},
		{"j@b.test (Jane (the first))", []Address{{"Jane (the first)", "j@b.test"}}},
		{"Team: a@b.test, c@b.test;", []Address{{"", "a@b.test"}, {"", "c@b.test"}}},
		{"undisclosed-recipients:;", nil},
		{`"a@b.test" <a@b.test>`, []Address{{"", "a@b.test"}}},
		{`"evil@x.test" <a@b.test>`, []Address{{"evil@x.test", "a@b.test"}}},
		{"=?utf-8?B?PGV2aWxAeC50ZXN0Pg==?= <a@b.test>", []Address{{"evil@x.test", "a@b.test"}}},
		{"=?utf-8?Q?Doe,_Jane?= <a@b.test>", []Address{{"Doe, Jane", "a@b.test"}}},
		{"mailto:a@b.test", []Address{{"", "a@b.test"}}},
		{"Nobody", []Address{{"Nobody", ""}}},
		{"<>", nil},
		{`"open <a@b.test>`, []Address{{"open", "a@b.test"}}},
		{"a@b@c.test", []Address{}},
	} {
		t.Run(c.in, func(t *testing.T) {
			if got := parseAddresses(c.in); !slices.Equal(got, c.want) {
				t.Errorf("got %q; want %q", got, c.want)
			}
		})
	}
}

func TestMessageIDs(t *testing.T) {
	for _, c := range []struct{ raw, id string }{
		{"<a@b.test>", "<a@b.test>"}, {" <a@b.test> (note)", "<a@b.test>"}, {"a@b.test", "<a@b.test>"}, {"abc def@@broken", "abc def@@broken"}, {"<folded @b.test>", "<folded@b.test>"}, {"", ""},
	} {
		m := mailOf(t, "From: x@y.test\nMessage-ID: "+c.raw, "")
		if m.MessageID != c.id {
			t.Errorf("Message-ID %q is read as %q; want %q", c.raw, m.MessageID, c.id)
		}
	}
	m := mailOf(t, "From: x@y.test\nIn-Reply-To: Your letter of Monday <a@b.test>\nReferences: <1@b.test>\n\t<2@b.test><3@b.test>", "")
	if !slices.Equal(m.InReplyTo, []string{"<a@b.test>"}) || !slices.Equal(threadIDs(m), []string{"<a@b.test>", "<3@b.test>", "<2@b.test>", "<1@b.test>"}) {
		t.Errorf("in reply to %q, thread %q", m.InReplyTo, threadIDs(m))
	}
}

func TestNotMail(t *testing.T) {
	for name, raw := range map[string]string{"empty": "", "blank": "\r\n\r\n", "prose": "Hello there\n", "binary": "\x00\x01\x02\xff\xfe", "other headers": "Color: red\nSize: 3\n\nx"} {
		if _, err := Parse([]byte(raw)); !errors.Is(err, ErrNotMail) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v := Quarantine(ErrNotMail); v.Outcome != Quarantined || v.Rule == "" || v.Why == "" {
		t.Errorf("verdict %+v", v)
	}
}

func TestHTMLToText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"two cells", "<table><tr><td>Name</td><td>Ann</td></tr><tr><th>Phone:</th><td> 1 </td></tr></table>", "Name: Ann\nPhone: 1"},
		{"columns with headings", "<table><tr><th>Item</th><th>Count</th><th>Price</th></tr><tr><td>Door</td><td>2</td><td>10</td></tr></table>", "Item: Door\nCount: 2\nPrice: 10"},
		{"form in columns", "<table><tr><td>Имя</td><td>Телефон</td></tr><tr><td>Анна</td><td>123</td></tr></table>", "Имя: Анна\nТелефон: 123"},
		{"layout", "<table><tr><td><p>Hello.</p><p>Bye.</p></td></tr></table>", "Hello.\nBye."},
		{"table in a cell", "<table><tr><td><table><tr><td>Name</td><td>Ann</td></tr></table></td></tr></table>", "Name: Ann"},
		{"definition list", "<dl><dt>Name</dt><dd>Ann</dd></dl>", "Name: Ann"},
		{"quotation", "Yes<blockquote>Hello<br>Bye</blockquote>", "Yes\n> Hello\n> Bye"},
		{"inline marks", "a<b>b</b> <i>c</i>&nbsp;d", "ab c d"},
		{"hidden", `<div style="display: none">x</div>y<!-- z --><script>s</script>`, "y"},
		{"hidden and never closed", `<div style="display:none">only this`, "only this"},
		{"head without an end", "<head><style>p{}</style><body>text", "text"},
		{"list", "<ul><li>one<li>two</ul>", "- one\n- two"},
		{"unclosed table", "<table><tr><td>Name<td>Ann", "Name: Ann"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := htmlToText(c.in); got != c.want {
				t.Errorf("got %q; want %q", got, c.want)
			}
		})
	}
}

func TestReadForm(t *testing.T) {
	for _, c := range []struct {
		name, text string
		form       bool
		want       map[string]string
	}{
		{"english", "Name: Ann\nE-mail: a@b.test\nMessage: one\ntwo\n\nthree", true, map[string]string{"name": "Ann", "email": "a@b.test", "message": "one\ntwo\nthree"}},
		{"russian with decoration", "Заявка с сайта\n\n* Ваше имя: Анна\n* Контактный телефон = 123\n", true, map[string]string{"name": "Анна", "phone": "123"}},
		{"the first value stays", "Name: Ann\nMessage: hi\nName: Eve\n", true, map[string]string{"name": "Ann", "message": "hi"}},
		{"a letter", "Hello,\nplease send a catalogue.\n", false, map[string]string{}},
		{"a letter with one label", "Phone: 123\nplease call", false, map[string]string{"phone": "123"}},
		{"signature", "One.\nTwo.\nThree.\nFour.\nPhone: 1\nEmail: a@b.test", false, map[string]string{"phone": "1", "email": "a@b.test"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := readForm(c.text)
			if f.isForm() != c.form || !maps.Equal(f.fields, c.want) {
				t.Errorf("form %v, %q; want %v, %q", f.isForm(), f.fields, c.form, c.want)
			}
		})
	}
}

// TestContentHash holds what makes two copies the same, and what does not.
func TestContentHash(t *testing.T) {
	base := "From: a@b.test\nSubject: s"
	hash := func(headers, text string) string { return mailOf(t, headers, text).ContentHash }
	want := hash(base, "one two\nthree")
	for name, same := range map[string]string{
		"wrapped otherwise": hash(base, "one two three\n"), "other way": hash("Received: x\n"+base, "one two\nthree"),
		"other encoding": hash(base+"\nContent-Transfer-Encoding: base64", "b25lIHR3bwp0aHJlZQ=="),
	} {
		if same != want {
			t.Errorf("%s: another hash", name)
		}
	}
	for name, other := range map[string]string{
		"sender": hash(strings.Replace(base, "a@", "c@", 1), "one two\nthree"), "subject": hash(base+"x", "one two\nthree"), "text": hash(base, "one two"),
	} {
		if other == want {
			t.Errorf("another %s: the same hash", name)
		}
	}
}
