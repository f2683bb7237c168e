package activities

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

const (
	// auditEvery is the time between two comparisons of a mailbox with the ledger.
	auditEvery = time.Hour
	// auditFirst leaves a new reader the time to read what has arrived.
	auditFirst = time.Minute
	// auditGrace is how long a message may wait to be read.
	auditGrace = 10 * time.Minute
	// auditShown is how many gaps a notice lists; the command lists all.
	auditShown = 20
)

// audit compares a mailbox with the ledger every hour until the context ends,
// and tells the staff of what is missing.
func (a *Activities) audit(ctx context.Context, company *definitions.Company, box *definitions.Mailbox) {
	key := store.MailboxKey{Company: company.ID, ID: box.ID}
	for {
		wait := auditFirst
		if at, err := a.Store.Mailbox(ctx, key); err == nil {
			wait = max(wait, time.Until(at.CheckedAt.Add(auditEvery)))
		}
		pause(ctx, wait)
		if ctx.Err() != nil {
			return
		}
		if err := a.account(ctx, company, box, imap.NewReader(account(box, a.tokens.of(box.IMAP, a.Store)))); err != nil && ctx.Err() == nil {
			a.Log.Warn("mailbox not compared with the ledger", "company", key.Company, "mailbox", key.ID, "error", err)
			pause(ctx, auditEvery/4)
		}
	}
}

// account compares once, records how much is missing, and tells the staff.
func (a *Activities) account(ctx context.Context, company *definitions.Company, box *definitions.Mailbox, lister Lister) error {
	found, err := Auditor{Store: a.Store, DealTime: a.Clock.At, WallTime: a.Clock.Wall}.Check(ctx, company, box, lister)
	if err != nil {
		return err
	}
	now := time.Now()
	var gaps []Gap
	for _, g := range found.Gaps {
		if g.Kind != GapNotRead || now.Sub(g.At) > auditGrace {
			gaps = append(gaps, g)
		}
	}
	key := store.MailboxKey{Company: company.ID, ID: box.ID}
	if err := a.Store.SetAccounted(ctx, key, now, len(gaps)); err != nil || len(gaps) == 0 {
		return err
	}
	a.Log.Error("mailbox and ledger disagree: run 'dealwright reconcile'", "company", key.Company, "mailbox", key.ID, "gaps", len(gaps))
	subject, body := wordGaps(company, box, gaps)
	sum := sha256.Sum256([]byte(body)) // the same gaps are told once
	rows := a.alarm(company, definitions.NoticeUnaccounted, fmt.Sprintf("unaccounted/%s/%s/%x", key.Company, key.ID, sum[:8]), subject, body)
	err = a.Store.Capture(ctx, key, func(tx *store.CaptureTx) error { return tx.Enqueue(rows) })
	a.bell.ring(company.ID)
	return err
}

func wordGaps(company *definitions.Company, box *definitions.Mailbox, gaps []Gap) (subject, body string) {
	var b strings.Builder
	if company.Language == "ru" {
		subject = fmt.Sprintf("Почта и журнал расходятся: %d", len(gaps))
		fmt.Fprintf(&b, "Ящик «%s», журнал и сделки расходятся. Полный список даёт команда dealwright reconcile.\n\n", box.ID)
	} else {
		subject = fmt.Sprintf("Mail and ledger disagree: %d", len(gaps))
		fmt.Fprintf(&b, "Mailbox %q, the ledger and the deals disagree. The command dealwright reconcile lists everything.\n\n", box.ID)
	}
	for _, g := range gaps[:min(len(gaps), auditShown)] {
		fmt.Fprintf(&b, "%s: %s\n", g.Kind, strings.Join(nonEmpty(g.MessageID, g.LedgerID, g.DealID, fmt.Sprintf("UID %d", g.UID)), ", "))
	}
	return subject, b.String()
}
