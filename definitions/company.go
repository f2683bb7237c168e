package definitions

import (
	"cmp"
	"time"

	"github.com/dealwright/dealwright/calendar"
)

// Company is one company folder, checked and compiled. It is immutable; an
// edit of the folder makes another one.
type Company struct {
	ID        string
	Name      string
	Language  string // of notices: ru or en
	Country   string // ISO 3166-1 alpha-2, how phone numbers without a prefix are read
	Dir       string // the folder it was read from
	Calendar  *calendar.Calendar
	Roles     []*Role // in the order of the file
	Mailboxes []Mailbox
	SMTP      *SMTP // nil: no letters can be sent
	From      Address
	Sending   Sending
	PublicURL string // without a slash at its end; "": people outside do not reach the server
	Notices   Notices
	Retention Retention
	Capture   Capture
	Webhooks  []Webhook
	Processes []*Process // in the order of their file names
}

// Address is a mailbox's name and address.
type Address struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// Role is a group of people who answer for the same kind of stage.
type Role struct {
	ID      string
	Name    string
	Members []Member
	Assign  string // round_robin (default), least_loaded, first
}

// Title is what people call the role.
func (r *Role) Title() string { return cmp.Or(r.Name, r.ID) }

// Member is a person of a role.
type Member struct {
	Name   string
	Email  string
	Weight int // 1 unless given; turns in a rotation
	Away   []DateRange
}

// DateRange is a span of calendar days in the company's zone, both included.
type DateRange struct{ From, To calendar.Date }

// AwayOn reports whether the member is away at t, a moment in the company's zone.
func (m Member) AwayOn(t time.Time) bool {
	day := calendar.DateOf(t)
	for _, r := range m.Away {
		if !day.Before(r.From) && !r.To.Before(day) {
			return true
		}
	}
	return false
}

// Mailbox is where leads arrive.
type Mailbox struct {
	ID      string
	IMAP    Server
	Folder  string // INBOX unless given
	Process string
	Since   *time.Time // nil: the moment the mailbox was first configured
	Archive string     // "": messages stay where they are
}

// Server is how to reach an IMAP or SMTP server.
type Server struct {
	Host     string
	Port     int
	TLS      string // implicit, starttls, none
	Username string
	Password Secret
	Token    *Token // XOAUTH2 instead of a password
	CAFile   string // PEM of a private certificate authority
}

// SMTP is the account that letters go out by.
type SMTP struct{ Server }

// Token is how to get an OAuth 2.0 access token from a refresh token.
type Token struct {
	URL          string
	ClientID     string
	ClientSecret Secret
	RefreshToken Secret
	Scope        string
}

// Sending limits what goes out.
type Sending struct {
	PerMinute        int        // 0: no limit
	Hours            string     // any (default) or business
	Quiet            QuietHours // in which letters wait
	PerRecipientHour int        // letters to one address in an hour of deal time; 5 unless given
	DKIM             *DKIM      // nil: letters go unsigned
}

// Notices is who of the team hears of what.
type Notices struct {
	Delivery string              // immediate or digest
	Tell     map[string][]string // owner or a role -> kinds
}

// Retention is how long things are kept.
type Retention struct {
	Raw *calendar.Duration // bytes of received messages; nil: for ever
}

// DKIM is the key that signs what goes out.
type DKIM struct {
	Domain   string
	Selector string
	Key      Secret // PEM
}

// Capture is a company's own rules for mail.
type Capture struct {
	Rules       []CaptureRule
	KnownSender string // attach (default) or new_deal
	ReplyToLost string // reopen (default), new_deal, attach
	// ThreadWindow is how long a subject alone ties a message to an open deal.
	ThreadWindow calendar.Duration
}

// CaptureRule decides what a message is, first match wins.
type CaptureRule struct {
	When    *Expr             // over mail.*
	As      string            // lead, ignore
	Process string            // which process the lead enters; "": the mailbox's
	Fields  map[string]string // field id -> regular expression, first group is the value
	Contact map[string]string // name, phone, email -> regular expression
}

// Webhook is told of events.
type Webhook struct {
	URL    string
	Events []string
	Secret Secret
}

// Process returns the company's live process of that id, or nil.
func (c *Company) Process(id string) *Process {
	for _, p := range c.Processes {
		if p.Process == id {
			return p
		}
	}
	return nil
}

// Role returns the role of that id, or nil.
func (c *Company) Role(id string) *Role {
	for _, r := range c.Roles {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// RoleTitle is what people call the role of that id. An earlier version of a
// process may name a role that is gone; it is called by its id, as every role is
// where there is no company.
func (c *Company) RoleTitle(id string) string {
	if c != nil {
		if r := c.Role(id); r != nil {
			return r.Title()
		}
	}
	return id
}

// Member returns the member with that address and the role it was found in.
func (c *Company) Member(email string) (*Member, *Role) {
	for _, r := range c.Roles {
		for i := range r.Members {
			if r.Members[i].Email == email {
				return &r.Members[i], r
			}
		}
	}
	return nil, nil
}
