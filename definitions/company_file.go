package definitions

import "github.com/dealwright/dealwright/calendar"

// companyFile is company.yaml as it is written.
type companyFile struct {
	// Company is the id of the company: lower-case letters, digits and hyphens. It stands in URLs.
	Company string `yaml:"company" required:"true"`
	// Name is what people call the company; its id unless given.
	Name string `yaml:"name"`
	// Language of notices to staff; en unless given. A letter is in whatever language it is written.
	Language string `yaml:"language" enum:"en,ru"`
	// Timezone is the IANA name of the zone the company works in; UTC unless given.
	Timezone string `yaml:"timezone"`
	// Country is the ISO 3166-1 code that says how a phone number without a prefix is read.
	Country string `yaml:"country"`
	// Calendar is when the company is open; around the clock unless given.
	Calendar calendarFile `yaml:"calendar"`
	// Team is the roles and the people in them.
	Team []roleFile `yaml:"team"`
	// Mailboxes are where leads arrive.
	Mailboxes []mailboxFile `yaml:"mailboxes"`
	// SMTP is the account that letters and notices go out by.
	SMTP *serverFile `yaml:"smtp"`
	// From is who letters come from: an address, or a name with an address in angle brackets.
	From string `yaml:"from"`
	// Sending limits what goes out.
	Sending sendingFile `yaml:"sending"`
	// PublicURL is where people outside reach the server, such as https://crm.example.com; the opt-out page of letters is under it.
	PublicURL string `yaml:"public_url"`
	// Notices say who of the team hears of what.
	Notices noticesFile `yaml:"notices"`
	// Retention is how long things are kept.
	Retention retentionFile `yaml:"retention"`
	// Capture is the company's own rules for mail.
	Capture captureFile `yaml:"capture"`
	// Webhooks are told of events.
	Webhooks []webhookFile `yaml:"webhooks"`
}

// calendarFile is when the company is open.
type calendarFile struct {
	// Hours by weekday or run of weekdays, such as mon-fri: "09:00-13:00, 14:00-18:00".
	Hours []hoursFile `yaml:"hours"`
	// Holidays are closed dates or ranges of dates, such as 2026-01-01..2026-01-08.
	Holidays []dates `yaml:"holidays"`
	// Working gives a date hours of its own: a working Saturday, a short day.
	Working map[string]spans `yaml:"working"`
}

// hoursFile is the opening hours of some weekdays; in YAML days: hours.
type hoursFile struct {
	Days  string // as they are written
	Spans spans
}

// dates is a date or a range of dates.
type dates []calendar.Date

// spans is the opening hours of one day.
type spans []calendar.Span

// roleFile is a role; its id is its key.
type roleFile struct {
	ID string `yaml:"-"`
	// Name is what people call the role; its id unless given.
	Name string `yaml:"name"`
	// Members are addresses, or people with a name, an address, a weight and absences.
	Members []memberFile `yaml:"members" required:"true"`
	// Assign says who gets the next deal: in turns (by weight), who has the fewest open, or the first who is there.
	Assign string `yaml:"assign" enum:"round_robin,least_loaded,first"`
}

// memberFile is a person; an address alone will do.
type memberFile struct {
	// Name signs letters; the company signs for a person without one.
	Name string `yaml:"name"`
	// Email is the person's address.
	Email string `yaml:"email" required:"true"`
	// Weight is how many turns the person takes in a rotation; 1 unless given.
	Weight *int `yaml:"weight"`
	// Away is the days on which the person gets no deals and no tasks.
	Away []dates `yaml:"away"`
}

// mailboxFile is where leads arrive.
type mailboxFile struct {
	// ID names the mailbox in the ledger.
	ID string `yaml:"id" required:"true"`
	// IMAP is how to reach it.
	IMAP *serverFile `yaml:"imap" required:"true"`
	// Folder to read; INBOX unless given.
	Folder string `yaml:"folder"`
	// Process that a lead from here enters; the company's only one unless given.
	Process string `yaml:"process"`
	// Since is the day or the moment before which mail is not answered; the moment the mailbox was first configured unless given.
	Since *moment `yaml:"since"`
	// Archive is the folder that a message moves to once it is in the ledger.
	Archive string `yaml:"archive"`
}

// moment is a day or a moment as it is written; a day begins at midnight in the company's zone.
type moment string

// serverFile is how to reach an IMAP or SMTP server.
type serverFile struct {
	// Host name of the server.
	Host string `yaml:"host" required:"true"`
	// Port; 993 for IMAP over TLS, 143 for other IMAP, 465 for SMTP over TLS, 587 for STARTTLS and 25 for plain SMTP unless given.
	Port *int `yaml:"port"`
	// TLS: implicit (the default of IMAP), starttls (the default of SMTP), or none, which sends the password in the clear.
	TLS string `yaml:"tls" enum:"implicit,starttls,none"`
	// Username to log in with; none unless given.
	Username string `yaml:"username"`
	// Password is a reference to an environment variable, ${NAME}.
	Password secretText `yaml:"password"`
	// PasswordFile is a file that holds the password.
	PasswordFile string `yaml:"password_file"`
	// Token logs in by XOAUTH2 instead of a password.
	Token *tokenFile `yaml:"token"`
	// CAFile holds the certificate authority of a private server, in PEM.
	CAFile string `yaml:"ca_file"`
}

// secretText is what stands where a secret is expected. It is never shown.
type secretText string

// tokenFile is how to get an OAuth 2.0 access token.
type tokenFile struct {
	// URL of the token endpoint.
	URL string `yaml:"url" required:"true"`
	// ClientID of the registered application.
	ClientID string `yaml:"client_id" required:"true"`
	// ClientSecret is a reference, ${NAME}.
	ClientSecret secretText `yaml:"client_secret"`
	// ClientSecretFile is a file that holds the client secret.
	ClientSecretFile string `yaml:"client_secret_file"`
	// RefreshToken is a reference, ${NAME}.
	RefreshToken secretText `yaml:"refresh_token"`
	// RefreshTokenFile is a file that holds the refresh token.
	RefreshTokenFile string `yaml:"refresh_token_file"`
	// Scope asked for.
	Scope string `yaml:"scope"`
}

// sendingFile limits what goes out.
type sendingFile struct {
	// PerMinute is the most messages a minute, of wall time; no limit unless given.
	PerMinute *int `yaml:"per_minute"`
	// Hours: any (the default), or business: letters wait for business hours.
	Hours string `yaml:"hours" enum:"any,business"`
	// Quiet is the hours in which no letter goes out, such as 21:00-09:00; a letter with hours: any is not held up.
	Quiet quietHours `yaml:"quiet"`
	// PerRecipientHour is the most letters to one address in an hour of deal time; 5 unless given.
	PerRecipientHour *int `yaml:"per_recipient_hour"`
	// DKIM signs what goes out.
	DKIM *dkimFile `yaml:"dkim"`
}

// dkimFile is the key that signs what goes out (RFC 6376).
type dkimFile struct {
	// Domain that the signature speaks for; that of from unless given.
	Domain string `yaml:"domain"`
	// Selector names the key: its public half stands in the DNS at selector._domainkey.domain.
	Selector string `yaml:"selector" required:"true"`
	// KeyFile is a file that holds the private key, RSA or Ed25519, in PEM.
	KeyFile string `yaml:"key_file" required:"true"`
}

// noticesFile is who of the team hears of what. The levels of a ladder name their own people.
type noticesFile struct {
	// Delivery: immediate (the default), or digest: at most one mail an hour to each person.
	Delivery string `yaml:"delivery" enum:"immediate,digest"`
	// Tell lists for owner or a role the kinds of notices it gets: new_lead, task_due, bad_address, no_address, mail_received, member_left, quarantined, unaccounted. Who is not named keeps the defaults.
	Tell map[string][]string `yaml:"tell"`
}

// retentionFile is how long things are kept.
type retentionFile struct {
	// Raw is how long the bytes of received messages are kept; for ever unless given.
	Raw *calendar.Duration `yaml:"raw"`
}

// captureFile is the company's own rules for mail.
type captureFile struct {
	// Rules decide what a message is; the first that matches wins.
	Rules []ruleFile `yaml:"rules"`
	// KnownSender is what a client with an open deal gets for a new subject.
	KnownSender string `yaml:"known_sender" enum:"attach,new_deal"`
	// ReplyToLost is what a reply to a lost deal does.
	ReplyToLost string `yaml:"reply_to_lost" enum:"reopen,new_deal,attach"`
	// ThreadWindow is how long a subject alone ties a message to an open deal; 90d unless given.
	ThreadWindow *calendar.Duration `yaml:"thread_window"`
}

// ruleFile is one rule of capture.
type ruleFile struct {
	// When is an expression over mail.*.
	When *Expr `yaml:"when" required:"true"`
	// As is what the message is.
	As string `yaml:"as" required:"true" enum:"lead,ignore"`
	// Process that the lead enters; the mailbox's unless given.
	Process string `yaml:"process"`
	// Fields of the deal by regular expressions over the text; the first group is the value.
	Fields map[string]string `yaml:"fields"`
	// Contact: name, phone and email by regular expressions over the text.
	Contact map[string]string `yaml:"contact"`
}

// webhookFile is told of events.
type webhookFile struct {
	// URL to post to; redirects are not followed.
	URL string `yaml:"url" required:"true"`
	// Events to tell of: deal. and what the timeline calls it, such as deal.won; deal.* for all.
	Events []string `yaml:"events" required:"true" enum:"deal.*,deal.opened,deal.mail_received,deal.mail_sent,deal.mail_failed,deal.stage_entered,deal.stage_left,deal.stage_skipped,deal.task_opened,deal.task_done,deal.task_overdue,deal.fields_changed,deal.document_added,deal.note,deal.stalled,deal.progressed,deal.escalated,deal.notified,deal.assigned,deal.paused,deal.resumed,deal.signalled,deal.won,deal.lost,deal.reopened,deal.recycled,deal.merged,deal.process_changed,deal.closed"`
	// Secret that signs the posts: a reference, ${NAME}.
	Secret secretText `yaml:"secret"`
	// SecretFile is a file that holds the secret.
	SecretFile string `yaml:"secret_file"`
}
