package inbox

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// readText takes a text part as plain text or as HTML, by what it is rather than by what it is called.
func (b *builder) readText(node *part, encoding string) {
	if b.textSize >= maxText {
		b.message.Truncated = true
		return
	}
	raw := textBytes(node.body, encoding)
	if len(raw) > maxText-b.textSize {
		raw = raw[:maxText-b.textSize]
		b.message.Truncated = true
	}
	b.textSize += len(raw)
	charset := node.params["charset"]
	if node.kind == "text/html" {
		if declared := metaCharset(raw); charset == "" || charsetName(charset) == "us-ascii" && declared != "" {
			charset = declared
		}
		b.html = append(b.html, cleanText(decodeText(raw, charset)))
		return
	}
	text := cleanText(decodeText(raw, charset))
	if htmlStart.MatchString(text) {
		b.html = append(b.html, text)
		return
	}
	if strings.EqualFold(node.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(node.params["delsp"], "yes"))
	}
	if node.kind == "text/enriched" || node.kind == "text/richtext" {
		text = markup.ReplaceAllString(text, "")
	}
	b.plain = append(b.plain, strings.Trim(signedText(b.takeUU(text)), "\n"))
}

var (
	markup    = regexp.MustCompile(`<[^<>]{0,80}>`)
	htmlStart = regexp.MustCompile(`(?i)^\s*<(!doctype html|html|head|body|meta|div|table|p|span|font|center|br ?/?)\b[^<>]*>`)
	proseLine = regexp.MustCompile(`^\s*\S+ +\S|^--|^__|^==`)
)

// textBytes decodes the body of a text. One that only claims to be in base64 stays as it is, and what a list or a scanner
// wrote behind the encoded lines follows them.
func textBytes(raw []byte, encoding string) []byte {
	switch {
	case encoding == "quoted-printable":
		return decodeQuotedPrintable(raw)
	case encoding != "base64" && !isASCII(raw):
		return decodeTransfer(raw, encoding)
	case looksQuoted(raw):
		return decodeQuotedPrintable(raw) // whatever is said of it, or not said
	case encoding != "base64":
		if encoded, tail := leadingBase64(raw); len(encoded) > 40 && len(bytes.TrimSpace(tail)) == 0 && letters(decodeBase64(encoded)) {
			return decodeBase64(encoded)
		}
		return decodeTransfer(raw, encoding)
	}
	encoded, tail := leadingBase64(raw)
	if first, _ := cutLine(bytes.TrimLeft(tail, "\r\n")); len(encoded) > 0 && proseLine.Match(first) {
		if head := decodeBase64(encoded); readable(head) {
			return append(append(head, '\n'), tail...)
		}
	}
	// What prose gives when it is decoded is never text.
	if head := decodeBase64(raw); looksBase64(raw) || len(head) > 5 && utf8.Valid(head) && readable(head) {
		return head
	}
	return raw
}

var quotedLetter = regexp.MustCompile(`(?:=[0-9A-F]{2}){2}`)

// looksQuoted tells text in quoted-printable that is not called so: letters beyond ASCII in it are UTF-8 when decoded.
func looksQuoted(raw []byte) bool {
	sample := raw[:min(len(raw), 4096)]
	return len(quotedLetter.FindAllIndex(sample, 3)) == 3 && isASCII(sample) && letters(decodeQuotedPrintable(sample))
}

// letters tells UTF-8 text that needed an encoding: it has letters beyond ASCII.
func letters(raw []byte) bool {
	return !isASCII(raw) && (utf8.Valid(raw) || mostlyUTF8(raw)) && readable(raw)
}

// leadingBase64 cuts the whole lines of base64 off that the body begins with.
func leadingBase64(raw []byte) (encoded, tail []byte) {
	tail = raw
	for len(tail) > 0 {
		line, rest := cutLine(tail)
		line = bytes.TrimSpace(line)
		if len(line)%4 != 0 || bytes.ContainsFunc(line, func(r rune) bool { return r != '=' && (r > 0x7f || base64Value[byte(r)] == 0xff) }) {
			break
		}
		tail = rest
	}
	return raw[:len(raw)-len(tail)], tail
}

// readable tells text from data: no control characters but those of lines and pages.
func readable(raw []byte) bool {
	for _, c := range raw[:min(len(raw), 4096)] {
		if c < ' ' && !bytes.ContainsRune([]byte("\t\r\n\f\x1b"), rune(c)) {
			return false
		}
	}
	return len(raw) > 0
}

var (
	signedStart = "-----BEGIN PGP SIGNED MESSAGE-----\n"
	signatureAt = "\n-----BEGIN PGP SIGNATURE-----\n"
)

// signedText takes the frame of an inline PGP signature off.
func signedText(text string) string {
	body, framed := strings.CutPrefix(strings.TrimLeft(text, "\n"), signedStart)
	if !framed {
		return text
	}
	if _, rest, ok := strings.Cut(body, "\n\n"); ok { // behind "Hash: …"
		body = rest
	}
	body, _, _ = strings.Cut(body, signatureAt)
	return strings.ReplaceAll("\n"+body, "\n- ", "\n")
}
