package server

import (
	"context"
	"strings"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

type newDeal struct {
	Company string         `json:"company" minLength:"1" maxLength:"200"`
	Process string         `json:"process,omitempty" maxLength:"200" doc:"May be left out where the company has but one."`
	Contact *newContact    `json:"contact,omitempty"`
	Fields  map[string]any `json:"fields,omitempty" doc:"By the field's id."`
	Subject string         `json:"subject,omitempty" maxLength:"998"`
	Body    string         `json:"body,omitempty" maxLength:"100000" doc:"What the client wrote."`
	Source  string         `json:"source,omitempty" maxLength:"200" doc:"Where the lead came from; api unless given."`
}

type newContact struct {
	Name  string `json:"name,omitempty" maxLength:"500"`
	Email string `json:"email,omitempty" maxLength:"320"`
	Phone string `json:"phone,omitempty" maxLength:"100"`
}

type createDealInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"A text of your own. A request that is sent again with the same key answers with the same deal."`
	Body newDeal
}

func (s *Server) createDeal(ctx context.Context, in *createDealInput) (*createdOutput, error) {
	p, err := s.liveProcess(ctx, in.Body.Company, in.Body.Process)
	if err != nil {
		return nil, err
	}
	e, err := opening(p, &in.Body)
	if err != nil {
		return nil, err
	}
	input, err := s.reserve(ctx, in)
	if err != nil {
		return nil, err
	}
	done, err := s.answered(ctx, input)
	if err == nil && !done {
		if e.Returning, err = s.returning(ctx, p.Company.ID, e.Contact.Email); err != nil {
			return nil, s.fault(ctx, "look for the client's deals", err)
		}
		e.Actor = actorOf(ctx)
		input.Event = e
		err = s.Commander.Open(ctx, p.Company.ID, p.Process, input)
	}
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	about(ctx, p.Company.ID, input.DealID)
	return s.showAt(ctx, input.DealID, "")
}

// reserve names the deal to make: with an Idempotency-Key always the same one,
// whatever became of the requests before.
func (s *Server) reserve(ctx context.Context, in *createDealInput) (store.Input, error) {
	input := store.Input{DealID: store.NewDealID()}
	if in.Key != "" {
		input.Request = digest(in.Body)
		scope := digest(actorOf(ctx), "create-deal")
		if err := s.Store.SaveIdempotent(ctx, scope, in.Key, input.Request, []byte(input.DealID)); err != nil {
			return input, s.fault(ctx, "keep an idempotency key", err)
		}
		// Of two that come at once, both go on with what the first one wrote.
		id, _, conflict, err := s.Store.Idempotent(ctx, scope, in.Key, input.Request)
		if err != nil {
			return input, s.fault(ctx, "look up an idempotency key", err)
		}
		if conflict {
			return input, errKeyReused
		}
		input.DealID = string(id)
	}
	input.ID = "api/open/" + input.DealID
	return input, nil
}

// liveProcess finds what a new deal enters.
func (s *Server) liveProcess(ctx context.Context, company, process string) (*definitions.Process, error) {
	c, err := s.liveCompany(ctx, company)
	if err != nil {
		return nil, invalid.fault("company", "there is no such company: GET "+apiPath+"/companies lists them")
	}
	if process == "" && len(c.Processes) == 1 {
		return c.Processes[0], nil
	}
	if p := c.Process(process); p != nil {
		return p, nil
	}
	ids := make([]string, len(c.Processes))
	for i, p := range c.Processes {
		ids[i] = p.Process
	}
	return nil, invalid.fault("process", "name one of the company's processes: "+strings.Join(ids, ", "))
}

// opening is the event that makes the deal. Everything in it is checked: what
// a deal refuses at its very beginning would leave nothing to go on with.
func opening(p *definitions.Process, d *newDeal) (deal.Event, error) {
	e := deal.Event{
		Kind: deal.KindOpen, Contact: &definitions.Contact{}, Fields: map[string]any{},
		Subject: oneLine(d.Subject), Text: strings.TrimSpace(d.Body), Source: oneLine(d.Source),
	}
	if e.Source == "" {
		e.Source = "api"
	}
	var faults []Fault
	if c := d.Contact; c != nil {
		e.Contact.Name = oneLine(c.Name)
		e.Contact.Email, faults = checkedContact(faults, "email", c.Email, definitions.CheckEmail)
		e.Contact.Phone, faults = checkedContact(faults, "phone", c.Phone, p.Company.CheckPhone)
	}
	for id, raw := range d.Fields {
		v, err := p.CheckField(id, raw)
		if err != nil {
			faults = append(faults, Fault{Message: err.Error(), Field: id, Location: "body.fields." + clip(id, 100)})
		} else if v != nil {
			e.Fields[id] = v
		}
	}
	return e, invalidIf(faults)
}

func invalidIf(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	sortFaults(faults)
	return invalid.problem(faults[0].Message, faults...)
}

// checkedContact checks a part of the contact unless it is empty.
func checkedContact(faults []Fault, part, value string, check func(string) (string, error)) (string, []Fault) {
	if strings.TrimSpace(value) == "" {
		return "", faults
	}
	checked, err := check(value)
	if err != nil {
		faults = append(faults, Fault{Message: err.Error(), Field: part, Location: "body.contact." + part})
	}
	return checked, faults
}

// returning reports whether the client has a deal with the company already.
func (s *Server) returning(ctx context.Context, company, email string) (bool, error) {
	if email == "" {
		return false, nil
	}
	page, err := s.Store.Deals(ctx, store.Filter{Companies: []string{company}, Q: email})
	if err != nil {
		return false, err
	}
	for _, row := range page.Items {
		if strings.EqualFold(row.State.Contact.Email, email) {
			return true, nil
		}
	}
	return false, nil
}
