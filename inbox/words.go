package inbox

import "strings"

// encodedWord is one =?charset?encoding?text?= of RFC 2047.
type encodedWord struct {
	charset string
	text    string
	base64  bool // else it is quoted-printable
	length  int  // of its source
}

// bytesOfWords decodes neighbours together: mailers split letters between words, and the groups of base64 too.
func bytesOfWords(words []encodedWord) []byte {
	var out []byte
	var pending strings.Builder // base64 that goes on in the next word
	for i, word := range words {
		if !word.base64 {
			out = append(out, decodeQ(word.text)...)
			continue
		}
		pending.WriteString(word.text)
		if i+1 < len(words) && words[i+1].base64 && pending.Len()%4 != 0 && !strings.HasSuffix(word.text, "=") {
			continue
		}
		out = append(out, decodeBase64([]byte(pending.String()))...)
		pending.Reset()
	}
	return out
}

// maxWord is how long an encoded word may be: far over the 75 characters of the standard, and short enough that looking
// for its end costs little.
const maxWord = 16 << 10

// decodeWords decodes the encoded words of a value wherever they stand, in quoted strings too. Neighbours of the
// same charset are joined before their charset is decoded, because mailers split letters between words.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return escapes(s)
	}
	var out strings.Builder
	for {
		start := strings.Index(s, "=?")
		if start < 0 {
			out.WriteString(s)
			return out.String()
		}
		word, ok := readWord(s[start:])
		if !ok {
			out.WriteString(s[:start+2])
			s = s[start+2:]
			continue
		}
		out.WriteString(s[:start])
		s = s[start+word.length:]
		run := []encodedWord{word}
		for {
			gap := strings.TrimLeft(s, " \t\r\n")
			next, ok := readWord(gap)
			if !ok {
				break
			}
			if charsetName(next.charset) != charsetName(run[0].charset) {
				out.WriteString(decodeText(bytesOfWords(run), run[0].charset))
				run = nil
			}
			run = append(run, next)
			s = gap[next.length:]
		}
		out.WriteString(decodeText(bytesOfWords(run), run[0].charset))
	}
}

// escapes decodes a raw ISO-2022-JP value, which is seven-bit and so looks like ASCII.
func escapes(s string) string {
	if strings.Contains(s, "\x1b$") {
		return decodeText([]byte(s), "iso-2022-jp")
	}
	return s
}

func readWord(s string) (encodedWord, bool) {
	if !strings.HasPrefix(s, "=?") {
		return encodedWord{}, false
	}
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 60 || strings.ContainsAny(charset, " \t\r\n=") {
		return encodedWord{}, false
	}
	kind, rest, ok := strings.Cut(rest, "?")
	if !ok || len(kind) != 1 {
		return encodedWord{}, false
	}
	// The first byte of a quoted-printable text may itself be '=', which makes "?=" stand where the text begins.
	search := rest
	skipped := 0
	if strings.EqualFold(kind, "q") && strings.HasPrefix(rest, "=") {
		search, skipped = rest[1:], 1
	}
	end := strings.Index(search[:min(len(search), maxWord)], "?=")
	closing := 2
	if end < 0 {
		if rest == "" || strings.ContainsAny(rest, " \t\r\n?") {
			return encodedWord{}, false
		}
		end, closing = len(search), 0 // cut off by a mailer that counts characters
	}
	end += skipped
	word := encodedWord{charset: charset, text: rest[:end], length: len(s) - len(rest) + end + closing}
	switch kind {
	case "b", "B":
		word.base64 = true
	case "q", "Q":
	default:
		return encodedWord{}, false
	}
	return word, true
}

// decodeQ is quoted-printable as headers have it: an underscore is a blank, and there are no lines.
func decodeQ(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(text):
			hi, ok1 := hexDigit(text[i+1])
			lo, ok2 := hexDigit(text[i+2])
			if !ok1 || !ok2 {
				out = append(out, c)
				continue
			}
			out = append(out, hi<<4|lo)
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}
