package outbox_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"github.com/dealwright/dealwright/outbox"
)

func compose(t interface{ Fatal(...any) }, l outbox.Letter) []byte {
	raw, err := outbox.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// parts reads a message back: its header and the type, file name and content of each leaf.
func parts(t interface{ Fatal(...any) }, raw []byte) (mail.Header, []string) {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header, leaves(t, textproto.MIMEHeader(message.Header), message.Body)
}

func leaves(t interface{ Fatal(...any) }, header textproto.MIMEHeader, body io.Reader) []string {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var list []string
		for reader := multipart.NewReader(body, params["boundary"]); ; {
			part, err := reader.NextRawPart()
			if errors.Is(err, io.EOF) {
				return list
			}
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, leaves(t, part.Header, part)...)
		}
	}
	switch header.Get("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	name := ""
	if field := header.Get("Content-Disposition"); field != "" {
		_, params, err := mime.ParseMediaType(field)
		if err != nil {
			t.Fatal(err)
		}
		name = params["filename"]
	}
	return []string{fmt.Sprintf("%s|%s|%s", strings.TrimSuffix(header.Get("Content-Type"), "; charset=UTF-8"), name, content)}
}

// subject is the Subject as its reader sees it.
func subject(t interface{ Fatal(...any) }, header mail.Header) string {
	text, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
