package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"path"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"
)

// setBody sets the text, alone or beside HTML, and either of them beside attachments.
func setBody(msg *mail.Msg, l Letter) error {
	text, html := cleanText(l.Text), cleanText(l.HTML)
	if strings.TrimSpace(text) == "" {
		return errors.New("the letter has no text: every letter needs its plain text")
	}
	msg.SetBodyString(mail.TypeTextPlain, text, encodingFor(text))
	if html != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, html, encodingFor(html))
	}
	if html == "" || len(l.Attachments) == 0 {
		// The text is part of what the boundary is made of, so that no text can contain it, whoever knows the id.
		msg.SetBoundary(digest("boundary", bareID(l.MessageID), text, html))
	}
	for _, attachment := range l.Attachments {
		if err := attach(msg, attachment); err != nil {
			return err
		}
	}
	return nil
}

// encodingFor takes quoted-printable for a text that is mostly ASCII, because it stays readable, and base64 for others.
func encodingFor(text string) mail.PartOption {
	foreign := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			foreign++
		}
	}
	if foreign*6 > len(text) {
		return mail.WithPartEncoding(mail.EncodingB64)
	}
	return mail.WithPartEncoding(mail.EncodingQP)
}

// cleanText brings line ends to CRLF and drops control characters, which mail readers may act upon.
func cleanText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			out.WriteString("\r\n")
		case r == '\t' || !unicode.IsControl(r):
			out.WriteRune(r)
		}
	}
	return out.String()
}

// attach adds a file. Its two header fields are written here, because the library's own name an attachment in a form that
// the MIME standard does not know, and drop the parameters of its type.
func attach(msg *mail.Msg, a Attachment) error {
	mediaType := a.Type
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	kind, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return fmt.Errorf("attachment %q: type %q: %w", a.Name, a.Type, err)
	}
	if strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		// Such a part may not be encoded, and its content would then be read as structure of the letter.
		kind, params = "application/octet-stream", nil
	}
	name := fileName(a.Name)
	msg.AttachReadSeeker(name, bytes.NewReader(a.Bytes), func(file *mail.File) {
		file.Header.Set(string(mail.HeaderContentType), mime.FormatMediaType(kind, params))
		file.Header.Set(string(mail.HeaderContentDisposition), mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	})
	return nil
}

// maxFileName is the longest name of a file, in octets: encoded, it still fits into a line of mail.
const maxFileName = 200

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
	if ext := path.Ext(name); len(name) > maxFileName && len(ext) < maxFileName {
		return cut(name, maxFileName-len(ext)) + ext
	}
	return cut(name, maxFileName)
}
