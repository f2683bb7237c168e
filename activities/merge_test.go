package activities

import (
	"strings"
	"testing"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// What is written to a deal that was merged reaches the one it ended in: by
// thread, by token, and as the same enquiry once more.
func TestMailOfAMergedDealReachesTheOther(t *testing.T) {
	w := newWorld(t, "capture: {known_sender: new_deal}\n")
	kept := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	gone := w.mail("From: petr@home.test\nSubject: Door\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
		"--b\n\nA door\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=plan.txt\n\nplan\n--b--\n")
	letters := w.send("petr@home.test")
	if len(letters) != 1 || kept.DealID == gone.DealID {
		t.Fatalf("%d letters; deals %s and %s", len(letters), kept.DealID, gone.DealID)
	}
	err := w.a.Store.AddInput(t.Context(), store.Input{
		ID: "merge", DealID: gone.DealID, Kind: deal.KindMerge, Event: deal.Event{Kind: deal.KindMerge, Actor: "anna@acme.test", To: kept.DealID},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.a.Advance(t.Context(), gone.DealID); err != nil {
		t.Fatal(err)
	}
	w.advanceAll()

	id := header(letters[0], "Message-ID")
	for name, m := range map[string]string{
		"by thread":            "From: petr@home.test\nSubject: other\nIn-Reply-To: " + id,
		"by token":             "From: petr@home.test\nSubject: another\nIn-Reply-To: " + strings.Replace(id, "<", "<x", 1),
		"by the first message": "From: petr@home.test\nSubject: third\nIn-Reply-To: <2@client.test>",
	} {
		if row := w.mail(m, "Hello "+name); row.Outcome != "reply" || row.DealID != kept.DealID {
			t.Errorf("%s: %s by %s of deal %s, want a reply of %s", name, row.Outcome, row.Rule, row.DealID, kept.DealID)
		}
	}
	if row := w.mail("From: petr@home.test\nSubject: Door\nMessage-ID: <again@home.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
		"--b\n\nA door\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=plan.txt\n\nplan\n--b--\n"); row.DealID != kept.DealID {
		t.Errorf("the same enquiry: %s by %s of deal %s, want %s", row.Outcome, row.Rule, row.DealID, kept.DealID)
	}
	w.advanceAll()
	if n := w.count(kept.DealID, "mail_received"); n != 5 {
		t.Errorf("the timeline has %d messages, want its own, three answers and the enquiry once more", n)
	}
	if n := w.count(kept.DealID, "note"); n != 1 {
		t.Errorf("%d notes, want one of the merge", n)
	}
	files, err := w.a.Store.Attachments(t.Context(), kept.DealID)
	if err != nil || len(files) != 1 || files[0].Name != "plan.txt" {
		t.Errorf("files %+v, %v", files, err)
	}
	if _, kinds := w.gaps(server{1, map[string][]imap.Entry{"INBOX": w.holds}}); len(kinds) != 0 {
		t.Errorf("gaps %v", kinds)
	}
}
