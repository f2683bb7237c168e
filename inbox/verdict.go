package inbox

import (
	"context"
	"regexp"
	"time"
)

// Outcome says what became of a message. Each message of the ledger has exactly one.
type Outcome string

// The outcomes, as they stand in the ledger.
const (
	Quarantined Outcome = "quarantined"
	Duplicate   Outcome = "duplicate"
	BounceMail  Outcome = "bounce"
	AutoReply   Outcome = "auto_reply"
	Ignored     Outcome = "ignored"
	Reply       Outcome = "reply"
	Lead        Outcome = "lead"
)

// Config is what a company says about its mail.
type Config struct {
	Own     []string // own addresses: the mailboxes', `from`
	Staff   []string // addresses of the team: colleagues even under another domain
	Country string   // ISO code by which phone numbers without a prefix are read
	Rules   []Rule   // capture rules, first match wins

	KnownSender string // attach (default) or new_deal: a client with an open deal and a new subject
	ReplyToLost string // reopen (default), attach or new_deal

	ThreadWindow time.Duration // how long sender and subject alone make a reply; 0 means 90 days
	ResendWindow time.Duration // within which the same enquiry again is no new deal; 0 means 72 hours
	Now          time.Time     // the moment of the decision in deal time; zero switches ThreadWindow off

	Secret []byte // signs deal tokens; empty switches tokens off
}

// Rule is one compiled capture rule of the company.
type Rule struct {
	Name    string
	Match   func(*Message) (bool, error)
	As      string                    // lead or ignore
	Fields  map[string]*regexp.Regexp // field id -> pattern over the text; the first group is the value
	Contact map[string]*regexp.Regexp // name, email, phone
}

// Deal is what classification must know about a deal.
type Deal struct {
	ID           string
	Status       string   // open, won or lost
	Participants []string // addresses that took part in its thread: the contact and the clients' senders and recipients, never a form's own address
	Subjects     []string // of the enquiry and of the letters sent
	LastActivity time.Time
}

// Thread is one known message of a deal.
type Thread struct {
	MessageID string
	Ours      bool // a letter of ours, not a message from the client
	Deal      Deal
}

// Seen points at a message of the ledger.
type Seen struct {
	LedgerID string
	DealID   string // empty when it made no deal
}

// Index answers questions about the past of one company. Its errors are passed on by Classify unchanged in meaning:
// the message has no verdict yet and must be tried again.
type Index interface {
	// Message finds an earlier message of any of the company's mailboxes: with a Message-ID, the one with the same
	// Message-ID and content; with an empty one, the one without Message-ID and with the same bytes.
	Message(ctx context.Context, messageID, contentHash, bytesHash string) (Seen, bool, error)
	// Threads finds the deals that the messages with these ids belong to, in the order of ids. The ids have the form of
	// Message.MessageID, not of MessageIDRaw. An id that two senders used may name two deals.
	Threads(ctx context.Context, ids []string) ([]Thread, error)
	// Deal finds a deal by its id.
	Deal(ctx context.Context, id string) (Deal, bool, error)
	// OpenDeals lists the open deals in which the address is the contact or a participant, latest activity first.
	OpenDeals(ctx context.Context, email string) ([]Deal, error)
	// LastDeal finds the deal with the latest activity in which the address is the contact or a participant, whatever became of it.
	LastDeal(ctx context.Context, email string) (Deal, bool, error)
	// Enquiry finds the earlier message that had the same Verdict.Enquiry, not older than the window.
	Enquiry(ctx context.Context, key string, window time.Duration) (Seen, bool, error)
}

// Contact is the person to be answered.
type Contact struct {
	Name  string
	Email string
	Phone string // E.164
}

// Bounce is a report that a letter of ours was not, or not yet, delivered.
type Bounce struct {
	Permanent         bool // the address is at fault for good
	Delayed           bool // a warning only; still being tried
	Recipient         string
	Status            string // enhanced status code, such as 5.1.1
	Diagnostic        string
	OriginalMessageID string
}

// Verdict is what classification found.
type Verdict struct {
	Outcome Outcome
	Rule    string // stable machine name of the rule that decided, such as bounce.dsn or capture:careers
	Why     string // for a person

	DealID      string // the deal that the message belongs to, if there is one already
	LinkedDeal  string // another deal that the message points at without belonging to it
	DuplicateOf string // ledger row of the first copy

	Contact  Contact
	Fields   map[string]string // text by field id, not yet normalised
	Lines    map[string]string // of a form: what stands behind each label, by Label
	Subject  string
	Text     string // without what it quotes
	FullText string

	Answer   bool    // whether an automatic answer may go to Contact.Email
	Silence  string  // why a lead gets no answer
	Outbound bool    // a colleague's own letter to the client
	Bounce   *Bounce // of a bounce
	// Unsubscribe says that the sender wants no more letters; OptOut names the letter by which they say it, where they do.
	Unsubscribe bool
	OptOut      string
	Lead        *Message // the message inside, where a colleague forwarded one whole
	Enquiry     string   // key under which the same enquiry is recognised when it comes again; to be stored
	Warnings    []string // rules that failed and were passed over
	// SecondServer says that the message answers a letter which another server sent from our address.
	SecondServer bool
}
