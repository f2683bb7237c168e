package inbox

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// TestUndeclaredCyrillic holds that text is read right whatever of the usual charsets it is in, with no declaration and with a
// wrong one.
func TestUndeclaredCyrillic(t *testing.T) {
	charsets := map[string]encoding.Encoding{
		"windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R, "ibm866": charmap.CodePage866, "iso-8859-5": charmap.ISO8859_5, "mac": charmap.MacintoshCyrillic,
	}
	for _, text := range []string{
		"Здравствуйте! Нужна смета на остекление балкона.",
		"Добрый день",
		"Смета на окна",
		"СРОЧНО НУЖНА СМЕТА",
		"Прошу выслать прайс по CRM и ERP, телефон 8 (495) 555-01-02",
		"Съёмка объекта: подъезд № 5, этаж 3",
		"Цена?",
	} {
		for name, charset := range charsets {
			raw, err := charset.NewEncoder().Bytes([]byte(text))
			if err != nil {
				continue // the charset lacks a sign of the text
			}
			for _, declared := range []string{"", "us-ascii", "utf-8", "x-nonsense"} {
				if got := decodeText(raw, declared); got != text {
					t.Errorf("%s declared as %q: %q; want %q", name, declared, got, text)
				}
			}
		}
	}
}

func TestDecodeText(t *testing.T) {
	encode := func(c encoding.Encoding, s string) string {
		out, err := c.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct{ name, raw, declared, want string }{
		{"western without a declaration", encode(charmap.Windows1252, "Grüße aus Köln, übermorgen möglich"), "", "Grüße aus Köln, übermorgen möglich"},
		{"danish", encode(charmap.ISO8859_1, "Rødgrød på fløde"), "iso-8859-1", "Rødgrød på fløde"},
		{"one accent", encode(charmap.ISO8859_1, "Élan"), "", "Élan"},
		{"greek as declared", encode(charmap.ISO8859_7, "Καλημέρα σας"), "iso-8859-7", "Καλημέρα σας"},
		{"polish as declared", encode(charmap.ISO8859_2, "Zażółć gęślą jaźń"), "iso-8859-2", "Zażółć gęślą jaźń"},
		{"ukrainian", encode(charmap.Windows1251, "Доброго дня! Цікавить вартість їхніх послуг."), "", "Доброго дня! Цікавить вартість їхніх послуг."},
		{"utf-8 declared as windows-1251", "Окна", "windows-1251", "Окна"},
		{"cyrillic declared as latin-1", encode(charmap.Windows1251, "Нужна смета на окна"), "iso-8859-1", "Нужна смета на окна"},
		{"koi8 declared as windows-1251", encode(charmap.KOI8R, "Нужна смета на окна"), "windows-1251", "Нужна смета на окна"},
		{"cut letter", "Окн\xd0", "utf-8", "Окн\uFFFD"},
		{"byte order mark", "\xef\xbb\xbfhello", "", "hello"},
		{"utf-16 without a mark", "h\x00e\x00l\x00l\x00o\x00 \x00y\x00o\x00u\x00", "", "hello you"},
		{"empty", "", "koi8-r", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := decodeText([]byte(c.raw), c.declared); got != c.want {
				t.Errorf("got %q; want %q", got, c.want)
			}
		})
	}
}

// IMAP servers hand a NUL out as 0x80; the euro sign of windows-1252 is the same byte.
func TestStandInForNUL(t *testing.T) {
	for in, want := range map[string]string{
		"Be\x80fore": "Before", "Пе\x80ред": "Перед", "caf\xe9 \x80": "café €",
	} {
		if got := decodeText([]byte(in), "utf-8"); got != want {
			t.Errorf("%q is read as %q; want %q", in, got, want)
		}
	}
}
