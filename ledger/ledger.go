// Package ledger is what people do with the messages of the ledger and the
// letters of the outbox: the words that the dashboard and the API share with
// what does it.
package ledger

import (
	"context"
	"strings"
	"time"
)

// Desk is where people work on mail by hand. What it refuses is a *Refusal.
type Desk interface {
	// Read decodes the bytes of a message as well as it can be done.
	Read(raw []byte) *Letter
	// Judge gives a message the outcome that a person says it has. Once it
	// returns, the ledger says so; the deals are told and take it in a moment.
	Judge(ctx context.Context, message string, j Judgement) error
	// Reread reads a message again by the rules of today, and with apply does
	// what follows.
	Reread(ctx context.Context, message, actor string, apply bool) (*Reread, error)
	// Resend sends a letter of a deal once more that did not go out.
	Resend(ctx context.Context, deal, letter, actor string) error
	// TryNow lets an outbox that waits for its mail server try at once.
	TryNow(ctx context.Context, company string) error
}

// Letter is a message as a person reads it.
type Letter struct {
	From     Address
	ReplyTo  Address
	To, Cc   []Address
	Date     time.Time // zero: it has none that can be read
	Subject  string
	Text     string
	HTML     string // as it came: not to be shown before it is sanitised
	Files    []File
	Readable bool // false: no mail; Text is what looks like text in it
}

// Address is a name, an address, or both.
type Address struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// String writes the address for a person.
func (a Address) String() string {
	switch {
	case a.Name == "":
		return a.Email
	case a.Email == "":
		return a.Name
	}
	return a.Name + " <" + a.Email + ">"
}

// File came with a message.
type File struct {
	Name string
	Type string // as the sender called it
	Size int
	Data func() []byte
}

// Outcomes that a person may give to a message.
const (
	Lead    = "lead"
	Reply   = "reply"
	Ignored = "ignored"
)

// Judgement is what a person says of a message.
type Judgement struct {
	Actor string
	// Outcome is Lead, Reply or Ignored. Empty attaches the message to the deal
	// as what it is: a report of a lost letter stays one, all else is a reply.
	Outcome string
	DealID  string // of what is attached
}

// Reread is what the rules of today make of a message.
type Reread struct {
	Was     Verdict
	Now     Verdict
	Opens   bool     // a deal
	Keeps   bool     // the deal that the message has made stays, whatever it is now
	Fills   []string // what the card of the deal lacks and gets
	Changes []string // all of it in words
	Applied bool
}

// Verdict is an outcome, by what, and for which deal.
type Verdict struct {
	Outcome string
	Rule    string
	DealID  string
}

// Refusal says why something is not done, and what would help.
type Refusal struct {
	Code string // lead, no_deal, other_deal, merged, sent, no_address, no_company
	Text string
	Deal string // that it is about
}

// Error is the reason and the remedy.
func (r *Refusal) Error() string { return r.Text }

const (
	byHand    = "by "
	readAgain = "; read again by "
)

// Why words a judgement for the ledger: who made it, and what it replaced.
func (j Judgement) Why(outcome, rule string) string {
	return byHand + j.Actor + "; before that " + outcome + " by " + rule
}

// ReadAgain adds to the words of the ledger who had the message read again.
func ReadAgain(why, actor string) string {
	why, _, _ = strings.Cut(why, readAgain)
	return why + readAgain + actor
}

// By is who decided by hand or had the message read again; empty: the rules
// did, as it came.
func By(why string) string {
	if _, actor, ok := strings.Cut(why, readAgain); ok {
		return actor
	}
	if rest, ok := strings.CutPrefix(why, byHand); ok {
		actor, _, _ := strings.Cut(rest, "; before that ")
		return actor
	}
	return ""
}

// ByHand reports whether a rule of the ledger is a person's word.
func ByHand(rule string) bool { return strings.HasPrefix(rule, RuleByHand) }

// RuleByHand begins the rule of a message whose outcome a person gave it.
const RuleByHand = "hand."
