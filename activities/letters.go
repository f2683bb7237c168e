package activities

import (
	"strings"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/store"
)

// letter renders a decided letter for the outbox. The secret signs the deal
// into its Message-ID.
func letter(secret []byte, p *definitions.Process, s *deal.State, l deal.Letter) (store.OutboxRow, error) {
	subject, markdown, err := p.RenderLetter(l.Letter, l.Data)
	if err != nil {
		return store.OutboxRow{}, err
	}
	text, html := outbox.Markdown(markdown)
	company := p.Company
	return store.OutboxRow{
		Key: l.Key, Account: company.ID, Kind: store.KindLetter, DealID: s.ID, Letter: l.Letter,
		MessageID: outbox.TokenMessageID(l.Key, domain(company.From.Email), inbox.Token(secret, s.ID)),
		From:      company.From.Email, To: l.To.Email, ToName: l.To.Name,
		Subject: subject, Text: text, HTML: html,
		InReplyTo: l.InReplyTo, References: l.References,
		Stage: l.Stage,
	}, nil
}

func domain(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return address[i+1:]
	}
	return address
}
