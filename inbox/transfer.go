package inbox

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding. It never fails: what cannot be decoded stays as it is, because a
// message with one broken line is still worth reading. An unknown encoding is taken as none.
func decodeTransfer(raw []byte, encoding string) []byte {
	switch encoding {
	case "base64":
		return decodeBase64(raw)
	case "quoted-printable":
		return decodeQuotedPrintable(raw)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return decodeUU(raw)
	}
	return raw
}

// transferName reads the header's value: lower case, without comments, parameters and quotes.
func transferName(value string) string {
	value, _, _ = strings.Cut(value, ";")
	value, _, _ = strings.Cut(value, "(")
	return strings.ToLower(strings.Trim(value, " \t\"'"))
}

var base64Value = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = byte(i)
	}
	table['-'], table['_'] = 62, 63 // the URL alphabet turns up too
	return table
}()

// decodeBase64 skips everything outside the alphabet and starts a new group after padding, since gateways join
// encoded pieces. A cut-off tail gives the bytes that are complete.
func decodeBase64(raw []byte) []byte {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(raw))+3)
	n, bits, have := 0, uint32(0), 0
	for _, c := range raw {
		if c == '=' {
			bits, have = 0, 0
			continue
		}
		v := base64Value[c]
		if v == 0xff {
			continue
		}
		bits = bits<<6 | uint32(v)
		have++
		switch have {
		case 2:
			out[n] = byte(bits >> 4)
			n++
		case 3:
			out[n] = byte(bits >> 2)
			n++
		case 4:
			out[n] = byte(bits)
			n++
			bits, have = 0, 0
		}
	}
	return out[:n]
}

// looksBase64 tells an encoded text from one that only claims to be encoded: prose has blanks inside its lines and
// punctuation that the alphabet lacks.
func looksBase64(raw []byte) bool {
	valid, other := 0, 0
	for _, c := range raw {
		switch {
		case base64Value[c] != 0xff || c == '=':
			valid++
		case c != '\r' && c != '\n':
			other++
		}
	}
	return valid > 0 && other*12 < valid
}

func decodeQuotedPrintable(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		line, rest, ended := bytes.Cut(raw, []byte("\n"))
		raw = rest
		line = bytes.TrimRight(line, " \t\r")
		soft := false
		for i := 0; i < len(line); i++ {
			c := line[i]
			if c != '=' {
				out = append(out, c)
				continue
			}
			if i+1 == len(line) {
				soft = true
				break
			}
			if i+2 < len(line) {
				hi, ok1 := hexDigit(line[i+1])
				lo, ok2 := hexDigit(line[i+2])
				if ok1 && ok2 {
					out = append(out, hi<<4|lo)
					i += 2
					continue
				}
			}
			out = append(out, c)
		}
		if ended && !soft {
			out = append(out, '\n')
		}
	}
	return out
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
