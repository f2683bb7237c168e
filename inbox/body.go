package inbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

const (
	maxText = 4 << 20 // of readable text in one message, in bytes
	maxList = 1000    // attachments listed
)

// readPart files a part and those inside it: as text, as HTML, as an attachment, as a nested message or as something for
// programs. In a multipart/alternative every form of the text is read; finish chooses.
func (b *builder) readPart(node *part, related bool) {
	if strings.HasPrefix(node.kind, "multipart/") {
		for i, child := range node.children {
			b.readPart(child, node.kind == "multipart/related" && i > 0)
		}
		return
	}
	disposition, name := b.naming(node)
	encoding := transferName(string(first(node.fields, "Content-Transfer-Encoding")))
	switch {
	case node.kind == "message/rfc822" || node.kind == "message/global" || strings.HasSuffix(strings.ToLower(name), ".eml"):
		b.readNested(node, encoding, name)
		return
	case node.kind == "message/delivery-status", node.kind == "message/global-delivery-status",
		node.kind == "message/disposition-notification", node.kind == "text/rfc822-headers", node.kind == "message/global-headers":
		b.readReport(node, encoding)
		return
	case node.kind == "text/calendar":
		b.readReport(node, encoding)
		if name == "" {
			name = "invite.ics"
		}
	case node.kind == "text/x-amp-html", node.kind == "text/watch-html":
		return // the same letter once more, for programs of one maker
	case disposition != "attachment" && (name == "" || !related) && strings.HasPrefix(node.kind, "text/"):
		if name == "" || node.kind == "text/plain" && len(b.plain) == 0 || node.kind == "text/html" && len(b.html) == 0 {
			b.readText(node, encoding)
			return
		}
	case node == b.root && disposition == "" && name == "" && readable(decodeTransfer(node.body, encoding)):
		b.readText(node, encoding) // a letter with a type that nobody knows
		return
	}
	b.attach(node, name, encoding, disposition == "inline")
}

func (b *builder) naming(node *part) (disposition, name string) {
	if value := first(node.fields, "Content-Disposition"); len(value) > 0 {
		var params map[string]string
		disposition, params = parseParams(value, b.charset)
		name = params["filename"]
	}
	if name == "" {
		name = node.params["name"]
	}
	return disposition, baseName(name)
}

// baseName drops the path of a file's name, which would name a place on our disk.
func baseName(name string) string {
	return clip(name[strings.LastIndexAny(name, `/\`)+1:], maxName)
}

func (b *builder) attach(node *part, name, encoding string, inline bool) {
	if len(b.message.Attachments) >= maxList {
		b.message.Truncated = true
		return
	}
	data := decodeTransfer(node.body, encoding)
	if len(data) == 0 && name == "" && node.fields == nil {
		return
	}
	sum := sha256.Sum256(data)
	b.attachmentSums = append(b.attachmentSums, hex.EncodeToString(sum[:]))
	b.message.Attachments = append(b.message.Attachments, Attachment{
		Name: name, Type: node.kind, Size: len(data), Inline: inline,
		ContentID: strings.Trim(string(first(node.fields, "Content-Id")), " <>"),
		encoding:  encoding, raw: node.body,
	})
}

func (b *builder) readNested(node *part, encoding, name string) {
	data := decodeTransfer(node.body, encoding)
	if encoding == "base64" && !looksBase64(node.body) {
		data = node.body
	}
	if name == "" {
		name = "message.eml"
	}
	b.attach(node, name, encoding, false)
	inner, err := b.nestedMessage(data)
	if err != nil {
		b.message.Truncated = b.message.Truncated || b.nesting >= maxNested
		return
	}
	b.message.Nested = append(b.message.Nested, inner)
}

func (b *builder) readReport(node *part, encoding string) {
	data := decodeTransfer(node.body, encoding)
	text := cleanText(decodeText(data[:min(len(data), 256<<10)], node.params["charset"]))
	b.message.parts = append(b.message.parts, reportPart{node.kind, strings.ToUpper(node.params["method"]), text})
}

var (
	metaPattern = regexp.MustCompile(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?\s*([-\w:.]+)`)
	stubPattern = regexp.MustCompile(`(?i)(html[- ](format|e?mail|message|version|compatible|capable|enabled|сообщени|письм)|(support|display|view|render)[^.]{0,40}html|multi-?part message in mime format|(поддерж|просмотр|отобра)\p{L}* [^.]{0,30}html|в формате html|html[- ]формат|html-(nachricht|format|e-mail))`)
)

// metaCharset finds the charset that an HTML body names for itself.
func metaCharset(raw []byte) string {
	if m := metaPattern.FindSubmatch(raw[:min(len(raw), 8192)]); m != nil {
		return string(m[1])
	}
	return ""
}

// finish chooses the text: what was written as plain text, unless that is empty or only says to look at the HTML.
func (b *builder) finish() {
	m := b.message
	m.Text = joinTexts(b.plain)
	if len(b.html) == 0 {
		return
	}
	m.HTML = b.html[0]
	m.htmlText = htmlToText(joinTexts(b.html))
	if m.Text == "" || m.htmlText != "" && len(m.Text) < 300 && stubPattern.MatchString(m.Text) {
		m.Text = m.htmlText
	}
	m.Text = strings.Trim(m.Text, "\n")
}

func joinTexts(texts []string) string {
	var filled []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			filled = append(filled, text)
		}
	}
	return strings.Join(filled, "\n\n")
}

func hashBytes(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// contentHash is the same for two copies of a message that came by different ways: it leaves out what servers add and
// how the text is wrapped.
func contentHash(m *Message, attachments []string) string {
	h := sha256.New()
	for _, s := range []string{m.From.Email, m.Subject, strings.Join(strings.Fields(m.Text), " "), strings.Join(attachments, ",")} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	for _, p := range m.parts {
		h.Write(bytes.TrimSpace([]byte(p.body)))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
