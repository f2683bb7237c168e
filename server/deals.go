package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

func (s *Server) dealRoutes() {
	huma.Register(s.api, read("list-deals", "/deals", "deals", "List deals", "Every status unless one is named."), s.listDeals)
	huma.Register(s.api, write("create-deal", http.MethodPost, "/deals", "deals", "Open a deal", "", http.StatusCreated), s.createDeal)
	huma.Register(s.api, read("get-deal", "/deals/{id}", "deals", "Read a deal",
		"With its tasks, what blocks its exit, and what happens next and when."), s.getDeal)
	huma.Register(s.api, read("list-events", "/deals/{id}/events", "deals", "Read a deal's timeline", "Oldest first."), s.listEvents)
	huma.Register(s.api, write("patch-deal", http.MethodPatch, "/deals/{id}", "deals", "Change the client card",
		"What is left out stays; null clears. Send If-Match to change only what you have seen.", http.StatusOK), s.patchDeal)
}

type listDealsInput struct {
	Company string `query:"company" maxLength:"200"`
	Process string `query:"process" maxLength:"200"`
	Version string `query:"version" maxLength:"200" doc:"A version of the process."`
	Stage   string `query:"stage" maxLength:"200"`
	Status  string `query:"status" enum:"open,won,lost"`
	Owner   string `query:"owner" maxLength:"320" doc:"An address."`
	Source  string `query:"source" maxLength:"200"`
	Stalled string `query:"stalled" enum:"true,false"`
	Q       string `query:"q" maxLength:"500" doc:"Words that the client's name, address, phone, the subject or a text field holds, in any case."`
	Sort    string `query:"sort" enum:"opened_at,-opened_at,updated_at,-updated_at,stage_entered_at,-stage_entered_at,next_wake,-next_wake,amount,-amount" doc:"With - before it: descending. -opened_at unless given."`
	Paging
}

func (s *Server) listDeals(ctx context.Context, in *listDealsInput) (*output[List[dealView]], error) {
	f := store.Filter{
		Process: in.Process, Version: in.Version, Stage: in.Stage, Status: in.Status, Owner: strings.ToLower(in.Owner),
		Source: in.Source, Q: in.Q, Sort: in.Sort, Limit: in.Limit, Cursor: in.Cursor,
	}
	if !narrowed(ctx, &f, in.Company) {
		return listOf(store.Page[store.DealRow]{}, func(row *store.DealRow) dealView { return s.view(ctx, row) }), nil
	}
	if in.Stalled != "" {
		stalled := in.Stalled == "true"
		f.Stalled = &stalled
	}
	page, err := s.Store.Deals(ctx, f)
	if err != nil {
		return nil, s.fault(ctx, "list deals", err)
	}
	return listOf(page, func(row *store.DealRow) dealView { return s.view(ctx, row) }), nil
}

// narrowed restricts a filter to a company, if one is given, and to what the
// caller may see; it answers false when nothing is left.
func narrowed(ctx context.Context, f *store.Filter, company string) bool {
	h := holderOf(ctx)
	f.Companies = h.Companies
	if company != "" {
		f.Companies = []string{company}
	}
	var ok bool
	f.Owner, ok = h.owner(f.Owner)
	return ok && (company == "" || h.sees(company))
}

type DealInput struct {
	ID string `path:"id" doc:"The deal."`
}

func (s *Server) getDeal(ctx context.Context, in *DealInput) (*dealOutput, error) {
	if _, err := s.deal(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.show(ctx, in.ID)
}

// eventView is a line of the timeline.
type eventView struct {
	Seq   int64          `json:"seq"`
	At    time.Time      `json:"at"`
	Type  string         `json:"type"`
	Actor string         `json:"actor" doc:"Who: an address, client, system, api, or a token's name."`
	Stage string         `json:"stage"`
	Data  map[string]any `json:"data"`
}

type listEventsInput struct {
	DealInput
	Paging
}

func (s *Server) listEvents(ctx context.Context, in *listEventsInput) (*output[List[eventView]], error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, err := s.Store.Events(ctx, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, s.fault(ctx, "read a timeline", err)
	}
	zone := s.zone(row.State.Company)
	return listOf(page, func(e *store.EventRow) eventView {
		return viewEvent(e, zone)
	}), nil
}

func viewEvent(e *store.EventRow, zone *time.Location) eventView {
	v := eventView{Seq: e.Seq, At: e.At.In(zone), Type: e.Type, Actor: e.Actor, Stage: e.Stage, Data: e.Data}
	if v.Data == nil {
		v.Data = map[string]any{}
	}
	inZone(v.Data, zone)
	if strings.HasPrefix(e.Type, "mail_") {
		for _, key := range mailKeys {
			if v.Data[key] == nil {
				v.Data[key] = ""
			}
		}
	}
	return v
}

// mailKeys are in the data of every event that is of mail, be it empty: a client
// writes no letter of ours.
var mailKeys = []string{"message_id", "from", "to", "subject", "text", "letter"}

// zone is the company's; UTC for one that is not live.
func (s *Server) zone(company string) *time.Location {
	if c := s.company(company); c != nil {
		return c.Calendar.Location()
	}
	return time.UTC
}

// inZone writes the moments among an event's data in the zone.
func inZone(data map[string]any, zone *time.Location) {
	for _, key := range []string{"due_at", "until", "since", "at"} {
		if text, ok := data[key].(string); ok {
			if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
				data[key] = t.In(zone)
			}
		}
	}
}

type patchDealInput struct {
	ChangeInput
	Body dealPatch
}

type dealPatch struct {
	Contact *contactPatch  `json:"contact,omitempty"`
	Fields  map[string]any `json:"fields,omitempty" doc:"By the field's id; null clears."`
	Owner   nullText       `json:"owner,omitzero" doc:"The address of a member of the team."`
}

type contactPatch struct {
	Name  nullText `json:"name,omitzero"`
	Email nullText `json:"email,omitzero"`
	Phone nullText `json:"phone,omitzero"`
}

func (s *Server) patchDeal(ctx context.Context, in *patchDealInput) (*dealOutput, error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.need(ctx, row.State)
	if err != nil {
		return nil, err
	}
	e := deal.Event{Kind: deal.KindSet, Fields: in.Body.Fields, Owner: strings.ToLower(strings.TrimSpace(in.Body.Owner.Text))}
	if in.Body.Owner.Set && !holderOf(ctx).may(RoleManager) {
		return nil, forbidden.fault("owner", "a deal is given to another by a manager")
	}
	if in.Body.Owner.Set && e.Owner == "" {
		return nil, invalid.fault("owner", "a deal is not left without an owner: name another member of the team")
	}
	if c := in.Body.Contact; c != nil {
		if err := c.into(&e, p.Company); err != nil {
			return nil, err
		}
	}
	if e.Owner == "" && e.Contact == nil && len(e.Clear) == 0 && len(e.Fields) == 0 {
		return s.show(ctx, in.ID)
	}
	return s.change(ctx, in.ChangeInput, e)
}

// into puts the contact's new parts into the event.
func (c *contactPatch) into(e *deal.Event, company *definitions.Company) error {
	e.Contact = &definitions.Contact{Name: oneLine(c.Name.Text)}
	var faults []Fault
	e.Contact.Email, faults = checkedContact(faults, "email", c.Email.Text, definitions.CheckEmail)
	e.Contact.Phone, faults = checkedContact(faults, "phone", c.Phone.Text, company.CheckPhone)
	for _, part := range []struct {
		name  string
		given nullText
	}{{"name", c.Name}, {"email", c.Email}, {"phone", c.Phone}} {
		if part.given.Set && strings.TrimSpace(part.given.Text) == "" {
			e.Clear = append(e.Clear, part.name)
		}
	}
	return invalidIf(faults)
}

// lowered is how addresses are kept.
func lowered(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// oneLine makes one line of a text that must not break into several.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
