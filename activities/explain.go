package activities

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
)

// Reading is what the rules make of a message.
type Reading struct {
	Company string `json:"company"`
	Mailbox string `json:"mailbox"`

	Outcome    string `json:"outcome"`
	Rule       string `json:"rule"`
	When       string `json:"when,omitempty"` // the condition of the capture rule that decided
	Why        string `json:"why"`
	Process    string `json:"process,omitempty"`     // that a lead enters
	DealID     string `json:"deal_id,omitempty"`     // that the message belongs to
	LinkedDeal string `json:"linked_deal,omitempty"` // that it names without belonging to it

	MessageID   string              `json:"message_id"`
	From        string              `json:"from"`
	To          []string            `json:"to"`
	Subject     string              `json:"subject"`
	Text        string              `json:"text"` // without what it quotes
	Contact     definitions.Contact `json:"contact"`
	Fields      []ReadField         `json:"fields"`
	Attachments []ReadFile          `json:"attachments"`
	Answer      bool                `json:"answer"`            // an automatic answer may go to the contact
	Silence     string              `json:"silence,omitempty"` // why a lead gets none
	Unsubscribe bool                `json:"unsubscribe"`       // it asks for no more letters
	Bounce      *ReadBounce         `json:"bounce,omitempty"`
	Warnings    []string            `json:"warnings"`
}

// ReadField is what a message says of a field, and what the card makes of it.
type ReadField struct {
	ID    string `json:"id"`
	Read  string `json:"read"`
	Value any    `json:"value"`           // nil when it cannot be read
	Fault string `json:"fault,omitempty"` // why not
}

// ReadBounce is what a report says of a letter that came back.
type ReadBounce struct {
	Permanent  bool   `json:"permanent"`
	Delayed    bool   `json:"delayed"`
	Recipient  string `json:"recipient"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnostic"`
}

// ReadFile is an attachment.
type ReadFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"`
}

// Explain says what the rules of today make of the bytes of a message in a
// mailbox of which nothing else is known: no thread, no client, no copy.
func Explain(ctx context.Context, company *definitions.Company, box *definitions.Mailbox, raw []byte, now time.Time) (*Reading, error) {
	return read(ctx, company, box, raw, mailConfig(company, now, nil), nothing{})
}

func read(ctx context.Context, company *definitions.Company, box *definitions.Mailbox, raw []byte, cfg inbox.Config, past inbox.Index) (*Reading, error) {
	r := &Reading{Company: company.ID, Mailbox: box.ID, To: []string{}, Fields: []ReadField{}, Attachments: []ReadFile{}, Warnings: []string{}}
	m, err := inbox.Parse(raw)
	if err != nil {
		v := inbox.Quarantine(err)
		r.Outcome, r.Rule, r.Why = string(v.Outcome), v.Rule, v.Why
		return r, nil
	}
	v, err := inbox.Classify(ctx, m, cfg, past)
	if err != nil {
		return nil, err
	}
	r.decided(company, box, v)
	r.letter(m, v)
	r.card(company.Process(processOf(company, box, v)), v, cfg.Now)
	return r, nil
}

func (r *Reading) decided(company *definitions.Company, box *definitions.Mailbox, v inbox.Verdict) {
	r.Outcome, r.Rule, r.Why, r.DealID, r.LinkedDeal = string(v.Outcome), v.Rule, v.Why, v.DealID, v.LinkedDeal
	if number, ok := strings.CutPrefix(v.Rule, "capture:"); ok {
		if i, err := strconv.Atoi(number); err == nil && i >= 1 && i <= len(company.Capture.Rules) {
			r.When = company.Capture.Rules[i-1].When.Source
		}
	}
	if v.Outcome == inbox.Lead {
		r.Process = processOf(company, box, v)
	}
	r.Answer, r.Silence, r.Unsubscribe = v.Answer, v.Silence, v.Unsubscribe
	if b := v.Bounce; b != nil {
		r.Bounce = &ReadBounce{Permanent: b.Permanent, Delayed: b.Delayed, Recipient: b.Recipient, Status: b.Status, Diagnostic: b.Diagnostic}
	}
	r.Warnings = append(r.Warnings, v.Warnings...)
}

// letter is the message, or the one inside that a colleague forwarded.
func (r *Reading) letter(m *inbox.Message, v inbox.Verdict) {
	if v.Lead != nil {
		m = v.Lead
	}
	r.MessageID, r.From, r.Subject, r.Text, r.Contact = m.MessageID, m.From.Email, v.Subject, v.Text, definitions.Contact(v.Contact)
	for _, to := range m.To {
		r.To = append(r.To, to.Email)
	}
	for _, a := range m.Attachments {
		r.Attachments = append(r.Attachments, ReadFile{Name: a.Name, Type: a.Type, Size: a.Size})
	}
}

// card reads the fields as the deal will.
func (r *Reading) card(p *definitions.Process, v inbox.Verdict, received time.Time) {
	read := cardOf(p, v, received)
	for _, id := range slices.Sorted(maps.Keys(read)) {
		f := ReadField{ID: id, Read: saidOf(p.Field(id), v)}
		value, err := p.CheckField(id, read[id])
		if err != nil {
			f.Fault = err.Error()
		} else {
			f.Value = value
		}
		r.Fields = append(r.Fields, f)
	}
}

// nothing is a past in which nothing happened.
type nothing struct{}

func (nothing) Message(context.Context, string, string, string) (inbox.Seen, bool, error) {
	return inbox.Seen{}, false, nil
}
func (nothing) Threads(context.Context, []string) ([]inbox.Thread, error) { return nil, nil }
func (nothing) Deal(context.Context, string) (inbox.Deal, bool, error) {
	return inbox.Deal{}, false, nil
}
func (nothing) OpenDeals(context.Context, string) ([]inbox.Deal, error) { return nil, nil }
func (nothing) LastDeal(context.Context, string) (inbox.Deal, bool, error) {
	return inbox.Deal{}, false, nil
}

func (nothing) Enquiry(context.Context, string, time.Duration) (inbox.Seen, bool, error) {
	return inbox.Seen{}, false, nil
}
