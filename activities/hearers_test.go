package activities

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/store"
)

// told lists the notices in the outbox as kind>person, sorted.
func (w *world) told(dealID string) []string {
	w.t.Helper()
	rows, err := w.a.Store.DealOutbox(w.t.Context(), dealID)
	if err != nil {
		w.t.Fatal(err)
	}
	all := []string{}
	for _, r := range rows {
		if r.Kind == store.KindNotice {
			all = append(all, r.Letter+">"+strings.TrimSuffix(r.To, "@acme.test"))
		}
	}
	slices.Sort(all)
	return all
}

// later brings what is kept in the outbox forward, as if time had passed.
func (w *world) later() { w.sql(`UPDATE outbox SET not_before = 1 WHERE status = 'queued'`) }

func TestWhoHearsOfWhat(t *testing.T) {
	for _, c := range []struct{ name, config, want string }{
		{"by default", "", "new_lead>ivan,no_address>ivan"},
		{"nobody of new leads", "notices: {tell: {owner: [no_address]}}\n", "no_address>ivan"},
		{"the manager too", "notices: {tell: {manager: [new_lead]}}\n", "new_lead>anna,new_lead>ivan,no_address>ivan"},
		{"the manager instead", "notices: {tell: {owner: [], manager: [no_address]}}\n", "no_address>anna"},
		{"each person once", "notices: {tell: {rep: [new_lead]}}\n", "new_lead>ivan,no_address>ivan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.config)
			row := w.mail("Subject: Kitchen\nFrom: undisclosed", "Call me, I have no mail")
			if row.Outcome != "lead" {
				t.Fatalf("outcome %s", row.Outcome)
			}
			if got := strings.Join(w.told(row.DealID), ","); got != c.want {
				t.Errorf("told %s, want %s", got, c.want)
			}
			notified := 0
			for _, e := range w.timeline(row.DealID) {
				if e.Type == "notified" {
					notified++
				}
			}
			if want := strings.Count(c.want, ">"); notified != want {
				t.Errorf("the timeline tells of %d notices, want %d", notified, want)
			}
		})
	}
}

func TestQuarantineIsTold(t *testing.T) {
	w := newWorld(t, "")
	now := time.Now()
	err := w.in.batch(t.Context(), imap.Batch{
		UIDValidity: 1, LastUID: 1, ReadAt: now, Last: true,
		Messages: []imap.Raw{{UID: 1, InternalDate: now, Fault: "the disk is broken"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := w.a.Store.Messages(t.Context(), store.MessageFilter{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Outcome != "quarantined" {
		t.Fatalf("not quarantined: %+v, %v", page.Items, err)
	}
	w.later()
	if got := w.send("anna@acme.test"); len(got) != 1 || !strings.Contains(got[0], page.Items[0].ID) {
		t.Errorf("the manager got %q", got)
	}
}

// A message that the program itself fails on is put aside, and a person is told.
func TestMessageThatBreaksTheProgram(t *testing.T) {
	w := newWorld(t, "")
	err := w.a.Store.Capture(t.Context(), w.in.key, func(tx *store.CaptureTx) error {
		broken := &taken{in: w.in, tx: tx, raw: imap.Raw{UID: 1, Bytes: []byte("x")}, uidvalidity: 1} // nothing to classify: it panics
		return broken.decide(t.Context(), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := w.a.Store.Messages(t.Context(), store.MessageFilter{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Outcome != "quarantined" || !strings.Contains(page.Items[0].Why, "the program failed on it") {
		t.Fatalf("ledger %+v, %v", page.Items, err)
	}
	w.later()
	if got := w.send("anna@acme.test"); len(got) != 1 || !strings.Contains(got[0], page.Items[0].ID) {
		t.Errorf("the manager got %q", got)
	}
}

// A message larger than any is read is a deal all the same, and a person is
// told that its end was not looked at.
func TestMessageThatIsTooLargeIsTold(t *testing.T) {
	w := newWorld(t, "")
	now := time.Now()
	raw := []byte("From: petr@client.test\nSubject: Plans\nMessage-ID: <1@client.test>\n\nSee the plans\n" + strings.Repeat("x", 2<<20))
	err := w.in.batch(t.Context(), imap.Batch{
		UIDValidity: 1, LastUID: 1, ReadAt: now, Last: true,
		Messages: []imap.Raw{{UID: 1, InternalDate: now, Size: 90 << 20, Bytes: raw, Truncated: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := w.a.Store.Messages(t.Context(), store.MessageFilter{})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("ledger %+v, %v", page, err)
	}
	row := page.Items[0]
	if row.Outcome != "lead" || row.Size != 90<<20 || !strings.Contains(row.Why, "first 2 of its 90 MB") {
		t.Errorf("the message is %+v", row)
	}
	w.later()
	if told := strings.Join(w.send("anna@acme.test"), "\n"); !strings.Contains(told, "too large") || !strings.Contains(told, row.ID) {
		t.Errorf("the manager is told %q", told)
	}
}

func TestManyNoticesAtOnceAreOneMail(t *testing.T) {
	w := newWorld(t, "")
	for i := range 6 {
		w.mail(fmt.Sprintf("From: c%d@client.test\nSubject: Kitchen %d", i, i), "A kitchen")
	}
	w.later()
	got := w.send("ivan@acme.test")
	if len(got) != 1 {
		t.Fatalf("%d mails, want one: %q", len(got), got)
	}
	for i := range 6 {
		if !strings.Contains(got[0], fmt.Sprintf("c%d@client.test", i)) {
			t.Errorf("client %d is not in it:\n%s", i, got[0])
		}
	}
	if !strings.Contains(header(got[0], "Subject"), "6 notices") {
		t.Errorf("subject %q", header(got[0], "Subject"))
	}
	w.later()
	if again := w.send("ivan@acme.test"); len(again) != 0 {
		t.Errorf("told again: %q", again)
	}
	if queues, err := w.a.Store.Queues(t.Context()); err != nil || len(queues) != 0 {
		t.Errorf("queues %+v, %v, want none", queues, err)
	}
}

func TestDigestWaitsForTheHour(t *testing.T) {
	w := newWorld(t, "notices: {delivery: digest}\n")
	row := w.mail("From: c@client.test\nSubject: Kitchen", "A kitchen")
	rows, err := w.a.Store.DealOutbox(t.Context(), row.DealID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Kind == store.KindNotice && (!r.NotBefore.Equal(r.NotBefore.Truncate(time.Hour)) || r.NotBefore.Before(time.Now())) {
			t.Errorf("a notice may go out at %v, want the end of the hour", r.NotBefore)
		}
	}
	if got := w.send("ivan@acme.test"); len(got) != 0 {
		t.Errorf("told before the hour is over: %q", got)
	}
}

func TestHoldLeavesLaddersAlone(t *testing.T) {
	company := acme(t, "")
	now := time.Now()
	if got := hold(company, store.OutboxRow{Letter: "stalled"}, now, time.Hour); !got.NotBefore.IsZero() {
		t.Errorf("a ladder's notice waits until %v", got.NotBefore)
	}
	if got := hold(company, store.OutboxRow{Letter: "new_lead"}, now, time.Hour); !got.NotBefore.Equal(now.Add(gather)) {
		t.Errorf("another waits until %v", got.NotBefore)
	}
}

func TestAssigneeHearsOfATaskThatIsDue(t *testing.T) {
	w := newWorld(t, "")
	row := w.mail("From: c@client.test\nSubject: Kitchen", "A kitchen")
	err := w.a.Store.UpdateDeal(t.Context(), row.DealID, func(tx *store.DealTx) error {
		s := &step{a: w.a, ctx: t.Context(), tx: tx, state: tx.State, at: w.a.moment(tx.State).Add(2 * time.Hour), read: w.a.Clock.Now().Add(3 * time.Hour)}
		if err := s.bind(); err != nil {
			return err
		}
		if err := s.apply(deal.Event{Kind: deal.KindTimer, Actor: "system"}); err != nil {
			return err
		}
		return s.save()
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.told(row.DealID), ","); got != "new_lead>ivan,task_due>ivan" {
		t.Errorf("told %s", got)
	}
}

// What is missing is told once, however often it is looked for.
func TestGapsAreToldOnce(t *testing.T) {
	w := newWorld(t, "")
	w.mail("From: c@client.test\nSubject: Kitchen", "A kitchen")
	w.sql(`DELETE FROM ledger`)
	s := server{1, map[string][]imap.Entry{"INBOX": w.holds}}
	for range 2 {
		if err := w.a.account(t.Context(), w.company, &w.company.Mailboxes[0], s); err != nil {
			t.Fatal(err)
		}
	}
	w.later()
	if got := w.send("anna@acme.test"); len(got) != 1 || !strings.Contains(header(got[0], "Subject"), "disagree: 2") {
		t.Errorf("the manager got %q", got)
	}
	at, err := w.a.Store.Mailbox(t.Context(), w.in.key)
	if err != nil || at.Unaccounted != 2 || at.CheckedAt.IsZero() {
		t.Errorf("mailbox %+v, %v", at, err)
	}
}

// A mail of several notices that the server does not take now goes out whole
// later, and is not sent in pieces.
func TestFoldedNoticesShareTheirFate(t *testing.T) {
	w := newWorld(t, "")
	for i := range 3 {
		w.mail(fmt.Sprintf("From: c%d@client.test\nSubject: Kitchen %d", i, i), "A kitchen")
	}
	w.later()
	w.receiver.Script(smtptest.Rule{At: smtptest.AtRcpt, To: "ivan@acme.test", Times: 1, Code: 451, Text: "later"})
	if got := w.send("ivan@acme.test"); len(got) != 0 {
		t.Fatalf("sent %q", got)
	}
	queues, err := w.a.Store.Queues(t.Context())
	if err != nil || len(queues) != 1 || queues[0].Queued != 3 || queues[0].Sending != 0 {
		t.Fatalf("queues %+v, %v, want the three", queues, err)
	}
	w.later()
	got := w.send("ivan@acme.test")
	if len(got) != 1 {
		t.Fatalf("%d mails, want one", len(got))
	}
	for i := range 3 {
		if !strings.Contains(got[0], fmt.Sprintf("c%d@client.test", i)) {
			t.Errorf("client %d is not in it", i)
		}
	}
}
