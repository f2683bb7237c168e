package outbox

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode"

	"github.com/emersion/go-message"
)

// writeBody writes the header and the parts: text alone, text beside HTML, and either of them beside attachments.
func writeBody(out io.Writer, header message.Header, l Letter) error {
	if l.HTML == "" && len(l.Attachments) == 0 {
		part := textPart("plain", l.Text)
		part.describe(&header)
		w, err := message.CreateWriter(out, header)
		if err != nil {
			return err
		}
		return part.write(w)
	}

	kind := "alternative"
	if len(l.Attachments) > 0 {
		kind = "mixed"
	}
	header.SetContentType("multipart/"+kind, boundary(l, kind))
	w, err := message.CreateWriter(out, header)
	if err != nil {
		return err
	}
	if kind == "alternative" {
		err = writeParts(w, textPart("plain", l.Text), textPart("html", l.HTML))
	} else {
		err = writeMixed(w, l)
	}
	if err != nil {
		return err
	}
	return w.Close()
}

func writeMixed(w *message.Writer, l Letter) error {
	if l.HTML == "" {
		if err := writeParts(w, textPart("plain", l.Text)); err != nil {
			return err
		}
	} else {
		var header message.Header
		header.SetContentType("multipart/alternative", boundary(l, "alternative"))
		inner, err := w.CreatePart(header)
		if err != nil {
			return err
		}
		if err := writeParts(inner, textPart("plain", l.Text), textPart("html", l.HTML)); err != nil {
			return err
		}
		if err := inner.Close(); err != nil {
			return err
		}
	}
	for _, attachment := range l.Attachments {
		part, err := attachmentPart(attachment)
		if err != nil {
			return err
		}
		if err := writeParts(w, part); err != nil {
			return err
		}
	}
	return nil
}

// boundary is fixed by the letter's id. Quoted-printable and base64 never hold "=_", so no content can contain it,
// whoever guesses the id.
func boundary(l Letter, kind string) map[string]string {
	return map[string]string{"boundary": "=_" + digest("boundary", kind, bareID(l.MessageID))}
}

// part is one leaf of a message.
type part struct {
	contentType string
	disposition string // empty for a text
	encoding    string
	body        []byte
}

func (p part) describe(header *message.Header) {
	// Content-Type stands first: the library writes the field that was added last first.
	header.Add("Content-Transfer-Encoding", p.encoding)
	if p.disposition != "" {
		header.Add("Content-Disposition", p.disposition)
	}
	header.Add("Content-Type", p.contentType)
}

func (p part) write(w *message.Writer) error {
	if _, err := w.Write(p.body); err != nil {
		return err
	}
	return w.Close()
}

func writeParts(w *message.Writer, parts ...part) error {
	for _, p := range parts {
		var header message.Header
		p.describe(&header)
		pw, err := w.CreatePart(header)
		if err != nil {
			return err
		}
		if err := p.write(pw); err != nil {
			return err
		}
	}
	return nil
}

// textPart takes quoted-printable for a text that is mostly ASCII, because it stays readable, and base64 for others.
func textPart(subtype, text string) part {
	body := cleanText(text)
	foreign := 0
	for _, c := range body {
		if c >= 0x80 {
			foreign++
		}
	}
	encoding := "quoted-printable"
	if foreign*6 > len(body) {
		encoding = "base64"
	}
	return part{contentType: "text/" + subtype + "; charset=utf-8", encoding: encoding, body: body}
}

// cleanText brings line ends to CRLF and drops control characters, which mail readers may act upon.
func cleanText(text string) []byte {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var out bytes.Buffer
	for _, r := range text {
		switch {
		case r == '\n':
			out.WriteString("\r\n")
		case r == '\t' || !unicode.IsControl(r):
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

func attachmentPart(a Attachment) (part, error) {
	mediaType := a.Type
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	kind, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return part{}, fmt.Errorf("attachment %q: type %q: %w", a.Name, a.Type, err)
	}
	if strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		// Such a part may not be encoded, and its content would then be read as structure of the letter.
		kind, params = "application/octet-stream", nil
	}
	// The charset of a file is whatever its bytes are in; the library would refuse any but UTF-8.
	delete(params, "charset")
	return part{
		contentType: mime.FormatMediaType(kind, params),
		disposition: mime.FormatMediaType("attachment", map[string]string{"filename": fileName(a.Name)}),
		encoding:    "base64",
		body:        a.Bytes,
	}, nil
}

// fileName leaves of a name only what can stand as one file in any folder.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, oneLine(name))
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return name
}
