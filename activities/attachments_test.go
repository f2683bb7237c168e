package activities

import (
	"encoding/base64"
	"testing"
)

func TestAttachmentsOfClientsAreKept(t *testing.T) {
	w := newWorld(t, "")
	plan := []byte("%PDF-1.4 plan of the kitchen\x00\xff")
	headers := "From: petr@client.test\nSubject: Kitchen\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b"
	text := "--b\nContent-Type: text/plain\n\nSee the plan.\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"../plan.pdf\"\n" +
		"Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(plan) +
		"\n--b\nContent-Type: image/png\nContent-Disposition: inline\nContent-ID: <1>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n"
	row := w.mail(headers, text)
	files, err := w.a.Store.Attachments(t.Context(), row.DealID)
	if err != nil || len(files) != 2 {
		t.Fatalf("attachments %+v, %v, want two", files, err)
	}
	if f := files[0]; f.LedgerID != row.ID || f.ContentType != "application/pdf" || f.Size != int64(len(plan)) || f.ReceivedAt.IsZero() {
		t.Errorf("the plan: %+v", f)
	}
	kept, err := w.a.Store.File(t.Context(), files[0].Key)
	if err != nil || string(kept.Data) != string(plan) || kept.DealID != row.DealID {
		t.Errorf("its bytes: %+v, %v", kept, err)
	}

	again := w.mail("Message-ID: <1@client.test>\n"+headers, text) // the same message once more
	if again.Outcome != "duplicate" {
		t.Fatalf("the copy is a %s", again.Outcome)
	}
	if files, err := w.a.Store.Attachments(t.Context(), row.DealID); err != nil || len(files) != 2 {
		t.Errorf("%d attachments after the copy, %v", len(files), err)
	}
}
