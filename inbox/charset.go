package inbox

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decodeText turns bytes into UTF-8. The declared charset is a hint: bytes that are UTF-8 are read so whatever is
// declared, and a declaration that makes nonsense of Cyrillic text gives way to what the letters say.
func decodeText(raw []byte, declared string) string {
	name := charsetName(declared)
	if text, ok := decodeByMark(raw); ok {
		return text
	}
	if isASCII(raw) {
		return decodeStateful(raw, name)
	}
	enc := lookupCharset(name)
	if multibyte(name) && enc != nil && !strings.HasPrefix(name, "utf-") {
		if russian, score, _ := scoreCyrillic(raw, nil); score > surelyCyrillic && !utf8.Valid(raw) {
			enc, name = russian, ""
		}
	}
	if multibyte(name) && enc != nil {
		if text, err := enc.NewDecoder().Bytes(raw); err == nil && bytes.Count(text, []byte("\uFFFD"))*20 <= len(text) {
			return string(text)
		}
	}
	if utf8.Valid(raw) {
		return undoTwice(string(raw))
	}
	if bare := withoutStandIns(raw); bare != nil && (name == "" || name == "us-ascii" || name == "utf-8") {
		return string(bare)
	}
	if mostlyUTF8(raw) {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	if best, sure := detectCyrillic(raw, enc); sure {
		enc = best
	}
	if enc == nil {
		enc = charmap.Windows1252
	}
	text, err := enc.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// withoutStandIns drops the bytes that IMAP servers put in place of NUL, which the protocol cannot carry: 0x80 between letters,
// in what is UTF-8 without them. Beside a digit or a blank it would be the euro sign of windows-1252. It answers nil when that
// is not what ails the text.
func withoutStandIns(raw []byte) []byte {
	const standIn = 0x80
	bare := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		_, size := utf8.DecodeRune(raw[i:])
		if raw[i] == standIn && size == 1 {
			if i > 0 && i+1 < len(raw) && bytes.IndexByte([]byte(" 0123456789.,"), raw[i-1]) < 0 && bytes.IndexByte([]byte(" 0123456789"), raw[i+1]) < 0 {
				i++
				continue
			}
			return nil
		}
		bare = append(bare, raw[i:i+size]...)
		i += size
	}
	if !utf8.Valid(bare) {
		return nil
	}
	return bare
}

// decodeByMark reads text that says by its first bytes, or by zeros in every other place, what it is.
func decodeByMark(raw []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return strings.ToValidUTF8(string(raw[3:]), "\uFFFD"), true
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return decodeUTF16(raw[2:], true), true
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return decodeUTF16(raw[2:], false), true
	}
	even, odd := 0, 0
	sample := raw[:min(len(raw), 512)]
	for i, c := range sample {
		if c != 0 && c != 4 { // 4 is the high byte of Cyrillic
			continue
		}
		if i%2 == 0 {
			even++
		} else {
			odd++
		}
	}
	switch half := len(sample) / 2; {
	case half < 4:
	case odd*10 >= half*9 && even*10 < half:
		return decodeUTF16(raw, true), true
	case even*10 >= half*9 && odd*10 < half:
		return decodeUTF16(raw, false), true
	}
	return "", false
}

func decodeUTF16(raw []byte, little bool) string {
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i+1 < len(raw); i += 2 {
		if little {
			units = append(units, uint16(raw[i])|uint16(raw[i+1])<<8)
		} else {
			units = append(units, uint16(raw[i+1])|uint16(raw[i])<<8)
		}
	}
	return string(utf16.Decode(units))
}

// decodeStateful reads seven-bit text: plain ASCII, or a charset that hides other letters in it.
func decodeStateful(raw []byte, name string) string {
	if name == "utf-7" {
		return decodeUTF7(raw)
	}
	if name == "" || name == "us-ascii" {
		if bytes.Contains(raw, []byte("\x1b$B")) || bytes.Contains(raw, []byte("\x1b$@")) {
			name = "iso-2022-jp"
		}
	}
	if name == "iso-2022-jp" || name == "hz-gb-2312" {
		if enc := lookupCharset(name); enc != nil {
			if text, err := enc.NewDecoder().Bytes(raw); err == nil {
				return string(text)
			}
		}
	}
	return string(raw)
}

// decodeUTF7 follows RFC 2152: runs between + and - are UTF-16 in base64.
func decodeUTF7(raw []byte) string {
	var out strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '+' {
			out.WriteByte(raw[i])
			continue
		}
		end := i + 1
		for end < len(raw) && raw[end] != '-' && raw[end] != '_' && base64Value[raw[end]] != 0xff {
			end++
		}
		if end == i+1 {
			out.WriteByte('+')
		} else if data, err := base64.RawStdEncoding.DecodeString(string(raw[i+1 : end])); err == nil {
			out.WriteString(decodeUTF16(data, false))
		} else {
			out.Write(raw[i:end])
		}
		if end == len(raw) || raw[end] != '-' {
			end--
		}
		i = end
	}
	return out.String()
}

// charsetName brings the many spellings of a charset to the one that lookupCharset knows; empty when the name says nothing.
func charsetName(declared string) string {
	name := strings.ToLower(strings.Trim(declared, " \t\r\n\"'<>;"))
	name, _, _ = strings.Cut(name, "*") // RFC 2231 language
	name = strings.ReplaceAll(name, "_", "-")
	compact := strings.TrimPrefix(strings.NewReplacer("-", "", " ", "").Replace(name), "x")
	switch compact {
	case "utf8", "utf8mb4", "unicode11utf8":
		return "utf-8"
	case "utf7", "unicode11utf7":
		return "utf-7"
	case "koi8r", "koi8", "koi", "cskoi8r":
		return "koi8-r"
	case "koi8u", "koi8ru":
		return "koi8-u"
	case "ibm866", "cp866", "866", "dos866", "oem866", "alt":
		return "ibm866"
	case "maccyrillic", "macru":
		return "x-mac-cyrillic"
	case "unknown", "unknown8bit", "userdefined", "default", "8bit", "binary", "none", "iso", "charset":
		return ""
	case "ascii", "usascii", "ansix3.41968", "iso646us":
		return "us-ascii"
	case "latin1", "iso88591", "88591":
		return "iso-8859-1"
	case "gb2312", "gbk", "cp936", "ms936", "gb18030":
		return "gb18030"
	case "ksc56011987", "ksc5601", "euckr", "cp949", "uhc":
		return "euc-kr"
	case "sjis", "shiftjis", "cp932", "mskanji", "windows31j":
		return "shift_jis"
	}
	for _, prefix := range []string{"windows", "cp", "win", "ansi", "ms"} {
		if page := strings.TrimPrefix(compact, prefix); len(page) == 4 && strings.HasPrefix(page, "125") {
			return "windows-" + page
		}
	}
	return name
}

func lookupCharset(name string) encoding.Encoding {
	switch name {
	case "", "us-ascii", "utf-8", "utf-7":
		return nil
	case "ibm866":
		return charmap.CodePage866
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	if enc, err := htmlindex.Get(name); err == nil {
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(name); err == nil {
		return enc // nil for names that are known and not supported
	}
	return nil
}

// multibyte tells the charsets in which valid UTF-8 proves nothing, since their own bytes may look like it.
func multibyte(name string) bool {
	switch name {
	case "gb18030", "big5", "big5-hkscs", "shift_jis", "euc-jp", "euc-kr", "ks-c-5601-1987", "utf-16", "utf-16le", "utf-16be", "iso-2022-jp":
		return true
	}
	return false
}

func isASCII(raw []byte) bool {
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostlyUTF8 accepts UTF-8 with a few broken bytes, as a cut in the middle of a letter leaves.
func mostlyUTF8(raw []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(raw); {
		if !utf8.FullRune(raw[i:]) {
			break // cut off in the middle of the last letter
		}
		r, size := utf8.DecodeRune(raw[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		i += size
	}
	return good > 0 && bad*8 <= good
}
