package inbox

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// twiceEncoded are the charsets in which sites read UTF-8 by mistake before they encode it once more.
var twiceEncoded = []*charmap.Charmap{charmap.Windows1251, charmap.Windows1252, charmap.ISO8859_1}

// undoTwice mends a text that was UTF-8, was taken for another charset and encoded again. The proof is that every letter of it
// is a byte of that charset and that the bytes are UTF-8 with some letters: prose that only looks so does not exist.
func undoTwice(text string) string {
	if !strings.ContainsAny(text, "РСÐÑÃÂ") { // what the first byte of such a letter looks like
		return text
	}
	for _, charset := range twiceEncoded {
		raw, ok := bytesOf(text, charset)
		if ok && utf8.Valid(raw) && len(raw)-utf8.RuneCount(raw) >= 3 {
			return string(raw)
		}
	}
	return text
}

// bytesOf writes the text in a charset; what has no place in it but is a byte itself stays, as decoders leave it.
func bytesOf(text string, charset *charmap.Charmap) ([]byte, bool) {
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		c, ok := charset.EncodeRune(r)
		switch {
		case ok:
			raw = append(raw, c)
		case r >= 0x80 && r < 0xa0:
			raw = append(raw, byte(r))
		default:
			return nil, false
		}
	}
	return raw, true
}
