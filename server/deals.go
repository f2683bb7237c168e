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

// List is a page of anything. It is exported, as are the parts of inputs, because huma looks at no
// embedded struct that is not.
type List[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor for the next page; null on the last."`
	Total      int     `json:"total" doc:"Of all pages."`
}

// Paging is what every list takes.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"1000" doc:"The next_cursor of the page before."`
}

// listOf makes the JSON of a page from the store's.
func listOf[R, V any](page store.Page[R], view func(*R) V) *output[List[V]] {
	out := &output[List[V]]{Body: List[V]{Items: make([]V, 0, len(page.Items)), NextCursor: textOrNull(page.Next), Total: page.Total}}
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, view(&page.Items[i]))
	}
	return out
}

// read describes a call that changes nothing.
func read(id, path, tag, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: apiPath + path, Tags: []string{tag}, Summary: summary, Description: description,
		Errors:                       []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable},
		RejectUnknownQueryParameters: true,
	}
}

// write describes a call that changes something.
func write(id, method, path, tag, summary, description string, status int) huma.Operation {
	op := read(id, path, tag, summary, description)
	op.Method, op.DefaultStatus, op.MaxBodyBytes, op.BodyReadTimeout = method, status, maxBody, 10*time.Second
	op.Errors = append(op.Errors, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	return op
}

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
	if in.Company != "" {
		f.Companies = []string{in.Company}
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

type DealInput struct {
	ID string `path:"id" doc:"The deal."`
}

func (s *Server) getDeal(ctx context.Context, in *DealInput) (*dealOutput, error) {
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
		v := eventView{Seq: e.Seq, At: e.At.In(zone), Type: e.Type, Actor: e.Actor, Stage: e.Stage, Data: e.Data}
		if v.Data == nil {
			v.Data = map[string]any{}
		}
		inZone(v.Data, zone)
		return v
	}), nil
}

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
	p, err := s.liveProcess(in.Body.Company, in.Body.Process)
	if err != nil {
		return nil, err
	}
	e, err := opening(p, &in.Body)
	if err != nil {
		return nil, err
	}
	id, err := s.reserve(ctx, in)
	if err != nil {
		return nil, err
	}
	if row, err := s.Store.Deal(ctx, id); err == nil && row.State.Visit > 0 {
		return s.showAt(ctx, id, "") // an earlier request with the key made it
	}
	if e.Returning, err = s.returning(ctx, p.Company.ID, e.Contact.Email); err != nil {
		return nil, s.fault(ctx, "look for the client's deals", err)
	}
	e.Actor = actorOf(ctx)
	if err := s.Commander.Open(ctx, id, p.Company.ID, p.Spec.Process, e); err != nil {
		return nil, s.failed(ctx, err)
	}
	return s.showAt(ctx, id, "")
}

// reserve is the id of the deal to make: with an Idempotency-Key always the
// same one, whatever became of the requests before.
func (s *Server) reserve(ctx context.Context, in *createDealInput) (string, error) {
	id := store.NewDealID()
	if in.Key == "" {
		return id, nil
	}
	once := s.once(ctx, "create-deal", in.Key, in.Body)
	if err := once.remember(ctx, id); err != nil {
		return "", s.fault(ctx, "keep an idempotency key", err)
	}
	// Of two that come at once, both go on with what the first one wrote.
	id, _, err := once.earlier(ctx)
	if err != nil {
		return "", s.fault(ctx, "look up an idempotency key", err)
	}
	return id, nil
}

// liveProcess finds what a new deal enters.
func (s *Server) liveProcess(company, process string) (*definitions.Process, error) {
	c := s.company(company)
	if c == nil {
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
		ids[i] = p.Spec.Process
	}
	return nil, invalid.fault("process", "name one of the company's processes: "+strings.Join(ids, ", "))
}

// opening is the event that makes the deal. Everything in it is checked: what
// a deal refuses at its very beginning would leave nothing to go on with.
func opening(p *definitions.Process, d *newDeal) (deal.Event, error) {
	e := deal.Event{Kind: deal.KindOpen, Contact: &definitions.Contact{}, Fields: map[string]any{},
		Subject: oneLine(d.Subject), Text: strings.TrimSpace(d.Body), Source: oneLine(d.Source)}
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

type patchDealInput struct {
	ChangeInput
	Body dealPatch
}

type dealPatch struct {
	Contact *contactPatch  `json:"contact,omitempty"`
	Fields  map[string]any `json:"fields,omitempty" doc:"By the field's id; null clears."`
	Owner   nullText       `json:"owner,omitempty" doc:"The address of a member of the team."`
}

type contactPatch struct {
	Name  nullText `json:"name,omitempty"`
	Email nullText `json:"email,omitempty"`
	Phone nullText `json:"phone,omitempty"`
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

// oneLine makes one line of a text that must not break into several.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
