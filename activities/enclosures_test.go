package activities

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	message "github.com/emersion/go-message/mail"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// offering makes a company whose letter goes out an hour later with an offer;
// template is a key of the document, or nothing.
func offering(t *testing.T, template string) *definitions.Company {
	t.Helper()
	company, found := definitions.LoadFS(fstest.MapFS{
		"company.yaml": {Data: []byte("company: acme\nteam: {rep: {members: [ivan@acme.test]}}\n" +
			"mailboxes: [{id: sales, imap: {host: mail.acme.test}}]\nsmtp: {host: mail.acme.test}\nfrom: sales@acme.test\n")},
		"processes/sales.yaml": {Data: []byte("process: sales\ndefaults: {owner: rep, timeout: none}\nstages:\n" +
			"  - id: talk\n    documents: [{id: offer, name: Предложение" + template + "}]\n" +
			"    sequence: {steps: [{send: hello}]}\n    next: [{to: won}]\n")},
		"letters/hello.md":   {Data: []byte("---\nsubject: Hello\nattach: [offer]\n---\nHere it **is**.\n")},
		"documents/offer.md": {Data: []byte("# For {{.Contact.Name}}\n")},
	}, "acme")
	if found.HasErrors() {
		t.Fatal(found)
	}
	return company
}

// attached reads the files of a message, by their names.
func attached(t *testing.T, raw string) map[string][]byte {
	t.Helper()
	r, err := message.CreateReader(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h, ok := part.Header.(*message.AttachmentHeader); ok {
			name, err := h.Filename()
			if err != nil {
				t.Fatal(err)
			}
			if files[name], err = io.ReadAll(part.Body); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestLetterTakesADocumentAlong(t *testing.T) {
	w := newWorld(t, "")
	w.live(offering(t, ", template: documents/offer.md"))
	w.mail("From: Carl <carl@client.test>\nSubject: Enquiry", "I want a kitchen.")
	sent := w.send("carl@client.test")
	if len(sent) != 1 {
		t.Fatalf("%d letters, want 1", len(sent))
	}
	files := attached(t, sent[0])
	if pdf := files["Предложение.pdf"]; len(files) != 1 || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("attached %d files, the offer is %.20q", len(files), pdf)
	}
}

// A letter whose document is not there stays here, and the timeline says why.
func TestLetterWithoutItsDocument(t *testing.T) {
	w := newWorld(t, "")
	w.live(offering(t, ""))
	row := w.mail("From: Carl <carl@client.test>\nSubject: Enquiry", "I want a kitchen.")
	if sent := w.send("carl@client.test"); len(sent) != 0 {
		t.Fatalf("a letter went out without its document:\n%s", sent[0])
	}
	w.advanceAll()
	for _, e := range w.timeline(row.DealID) {
		if e.Type == "mail_failed" {
			if why, _ := e.Data["reason"].(string); !strings.Contains(why, `"offer"`) || e.Data["permanent"] == true {
				t.Errorf("it failed with %v", e.Data)
			}
			return
		}
	}
	t.Error("the timeline does not say that it failed")
}

// The file that the deal holds goes before one made from the template, unless
// it is too large for mail.
func TestLetterTakesTheFileOfTheDeal(t *testing.T) {
	for name, c := range map[string]struct {
		size  int
		kind  string
		fault bool
	}{
		"a file":                {100, "application/pdf", false},
		"a type that is none":   {100, "no type; at all=", false},
		"as large as mail goes": {largestEnclosures, "application/pdf", false},
		"too large":             {largestEnclosures + 1, "application/pdf", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "")
			w.live(offering(t, ", template: documents/offer.md"))
			row := w.mail("From: Carl <carl@client.test>\nSubject: Enquiry", "I want a kitchen.")
			key, err := w.a.Store.PutFile(t.Context(), row.DealID, "КП.pdf", c.kind, bytes.Repeat([]byte("x"), c.size))
			if err != nil {
				t.Fatal(err)
			}
			err = w.a.Store.AddInput(t.Context(), store.Input{ID: "add", DealID: row.DealID, Event: deal.Event{Kind: deal.KindDocument, Document: "offer", File: key, FileName: "КП.pdf"}})
			if err != nil {
				t.Fatal(err)
			}
			w.advanceAll()
			letter, _, err := w.a.Store.ClaimLetter(t.Context(), "acme", "test", time.Now())
			if err != nil || letter == nil {
				t.Fatal(letter, err)
			}
			files, err := w.out.enclosures(t.Context(), letter)
			if (err != nil) != c.fault {
				t.Fatalf("fault %v, want one: %v", err, c.fault)
			}
			if !c.fault && (len(files) != 1 || files[0].Name != "КП.pdf" || len(files[0].Bytes) != c.size) {
				t.Errorf("attached %d files", len(files))
			}
		})
	}
}
