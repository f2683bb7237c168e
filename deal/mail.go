package deal

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// maxReferences bounds how much of a thread's past is kept (RFC 5322 sets no
// bound; long lists only cost bytes).
const maxReferences = 20

// open begins the deal.
func (m *machine) open() error {
	if m.s.Visit != 0 {
		return conflict("the deal is open already")
	}
	e := m.e
	m.s.Status, m.s.Visit, m.s.Version = Open, 1, m.p.Hash
	m.s.OpenedAt = m.at
	m.s.Source, m.s.Subject, m.s.Text = e.Source, e.Subject, e.Text
	m.s.Returning, m.s.LinkedTo = e.Returning, e.Linked
	if e.Contact != nil {
		m.s.Contact = *e.Contact
	}
	data := map[string]any{"subject": e.Subject, "source": e.Source}
	if e.Linked != "" {
		data["linked_to"] = e.Linked
	}
	m.note("opened", data)
	// A lead is never refused for what its fields hold: what cannot be read is
	// left out and said.
	m.readFields(e.Fields)
	m.received("mail_received", nil)
	m.s.Muted = e.NoAnswer
	m.enter(m.p.Stages[0].ID, entry{by: "open"})
	if m.s.Contact.Email == "" {
		m.notifyOwner("no_address", "no_address", "")
	}
	return nil
}

// received writes the message to the timeline and ties the next letters to it.
func (m *machine) received(kind string, more map[string]any) {
	mail := m.e.Mail
	if mail == nil {
		return
	}
	data := map[string]any{"message_id": mail.MessageID, "from": mail.From, "to": mail.To, "subject": mail.Subject, "text": mail.Text}
	if mail.LedgerID != "" {
		data["ledger_id"] = mail.LedgerID
	}
	if len(mail.Attachments) > 0 {
		data["attachments"] = mail.Attachments
	}
	maps.Copy(data, more)
	m.note(kind, data)
	if mail.MessageID == "" {
		return
	}
	refs := m.s.Thread.References
	for _, id := range append(slices.Clone(mail.References), mail.MessageID) {
		if !slices.Contains(refs, id) {
			refs = append(slices.Clip(refs), id)
		}
	}
	if len(refs) > maxReferences {
		refs = refs[len(refs)-maxReferences:]
	}
	m.s.Thread.References = refs
	m.s.Thread.LastMessageID = mail.MessageID
	if m.s.Thread.Subject == "" {
		m.s.Thread.Subject = mail.Subject
	}
}

// reply is the client writing: the thing the whole process waits for.
func (m *machine) reply() {
	switch {
	case m.s.Status == Lost && m.p.Company.Capture.ReplyToLost != "attach":
		m.again("reopened", m.s.Stage, "client", map[string]any{"by": "reply"})
	case m.s.Status == Lost || m.s.Status == Won || m.s.Closed():
		m.received("mail_received", nil)
		m.notifyOwner("mail/"+m.e.Mail.MessageID, "mail_received", m.s.Status)
		if m.s.Closed() {
			return
		}
		m.replied()
		return
	}
	m.received("mail_received", nil)
	m.replied()
}

func (m *machine) replied() {
	if m.s.Paused() && !m.resumesByDate() {
		m.resume("client")
	}
	m.s.Muted = false
	m.readFields(m.e.Fields)
	m.happened("reply")
	m.stopSequence("reply")
	m.progress()
}

// resumesByDate reports whether the pause runs until a date.
func (m *machine) resumesByDate() bool {
	return slices.ContainsFunc(m.s.Timers, func(t Timer) bool { return t.Kind == timerResume })
}

// mailOnly records mail that changes nothing: an out-of-office is no reply,
// and a colleague's own letter no progress.
func (m *machine) mailOnly() {
	switch m.e.Kind {
	case KindAutoReply:
		mail := m.e.Mail
		m.note("mail_received", map[string]any{
			"message_id": mail.MessageID, "from": mail.From, "to": mail.To, "subject": mail.Subject, "text": mail.Text, "auto": true,
		})
	case KindOutbound:
		m.received("mail_sent", map[string]any{"by": "mail_client"})
	case KindEvidence:
		m.received("mail_received", map[string]any{"duplicate": true})
	}
}

// bounce is a letter that came back, or that the client's server refused.
func (m *machine) bounce() {
	e := m.e
	data := map[string]any{"permanent": e.Permanent, "reason": e.Reason, "to": m.s.Contact.Email}
	if e.LetterKey != "" {
		data["key"] = e.LetterKey
	}
	if e.Name != "" {
		data["letter"] = e.Name
	}
	if e.Mail != nil {
		data["message_id"], data["from"], data["subject"] = e.Mail.MessageID, e.Mail.From, e.Mail.Subject
	}
	if e.Delayed {
		data["delayed"] = true
	}
	m.note("mail_failed", data)
	if e.Delayed || !e.Permanent || m.s.Closed() {
		return
	}
	known := m.s.BadAddress != "" && m.s.BadAddress == m.s.Contact.Email
	m.s.BadAddress = m.s.Contact.Email
	m.stopSequence("bounce")
	m.happened("bounce")
	if !known { // each letter to a bad address comes back; once is enough to know
		m.notifyOwner(fmt.Sprintf("bad_address/%s/%d", m.s.BadAddress, m.at.Unix()), "bad_address", m.s.BadAddress)
	}
}

func (m *machine) unsubscribe() {
	m.received("mail_received", map[string]any{"unsubscribe": true})
	if m.s.Unsubscribed {
		return
	}
	m.s.Unsubscribed = true
	m.note("note", map[string]any{"text": "unsubscribed", "unsubscribed": true})
	m.stopSequence("unsubscribe")
	m.happened("unsubscribe")
}

// pause holds letters, timeouts and ladders until a date or a reply.
func (m *machine) pause() error {
	switch {
	case m.s.Closed():
		return conflict("the deal is closed")
	case m.s.Paused():
		return conflict("the deal is paused already")
	case !m.e.Until.IsZero() && !m.e.Until.After(m.at):
		return invalid("until", "the pause must end in the future")
	}
	m.s.PausedAt = m.at
	data := map[string]any{}
	if !m.e.Until.IsZero() {
		data["until"] = m.e.Until
		m.schedule(Timer{Kind: timerResume, At: m.e.Until})
	}
	if m.e.Reason != "" {
		data["reason"] = m.e.Reason
	}
	m.note("paused", data)
	return nil
}

// resume lets what remained of each timer run on.
func (m *machine) resume(actor string) {
	cal := m.p.Company.Calendar
	for i := range m.timers() {
		t := &m.s.Timers[i]
		if !t.pausable() {
			continue
		}
		left := cal.Sub(t.At, m.s.PausedAt, t.Business)
		if t.At.Before(m.s.PausedAt) {
			left = 0
		}
		t.At = cal.Shift(m.at, left, t.Business)
	}
	m.s.PausedAt = time.Time{}
	m.cancelKind(timerResume)
	m.noteBy(actor, "resumed", nil)
}
