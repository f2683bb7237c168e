package simulate

import (
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// Cast gives simulated clients faces and words, and lets somebody watch every
// step of every deal. Where nobody looks at a single deal, none is needed.
type Cast struct {
	// Lead is what the n-th client writes first, counted from 1.
	Lead func(n int) Lead
	// Reply is what the client writes back.
	Reply func(n int) string
	// Text is what somebody fills into a field of words.
	Text func(n int, field string) string
	// Step is told what an event made of the n-th deal.
	Step func(n int, r *deal.Result, at time.Time)
}

// Lead is a client and the first letter.
type Lead struct {
	ID      string // of the deal; made up unless given
	Contact definitions.Contact
	Subject string
	Text    string
	Source  string
}

// nobody plays for a report: only the numbers matter.
var nobody = &Cast{
	Lead: func(n int) Lead {
		return Lead{Contact: definitions.Contact{Email: fmt.Sprintf("client-%d@client.test", n)}, Subject: "Simulation", Source: "mail"}
	},
	Reply: func(int) string { return "" },
	Text:  func(int, string) string { return "simulation" },
	Step:  func(int, *deal.Result, time.Time) {},
}

// Opens is the event by which the client's deal begins.
func (l Lead) Opens(returning bool) deal.Event {
	return deal.Event{
		Kind: deal.KindOpen, Actor: "client", Source: l.Source, Subject: l.Subject, Text: l.Text, Returning: returning, Contact: &l.Contact,
		Mail: &deal.Mail{From: l.Contact.Email, Subject: l.Subject, Text: l.Text},
	}
}

// writes is the event by which a client's letter reaches the deal.
func (d *subject) writes(text string) deal.Event {
	return deal.Event{Kind: deal.KindReply, Actor: "client", Mail: &deal.Mail{
		From: d.state.Contact.Email, Subject: "Re: " + d.state.Subject, Text: text,
	}}
}
