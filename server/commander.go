package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// Commander hands changes to deals. Both calls return once the deal has taken
// the event and what it wrote can be read: nil, a *deal.Refusal, or an error
// that is [ErrUnavailable] when no worker answered in time.
type Commander interface {
	// Do gives a deal an event.
	Do(ctx context.Context, dealID string, e deal.Event) error
	// Open makes a deal of that id in the company's live process.
	Open(ctx context.Context, dealID, company, process string, e deal.Event) error
}

// ErrUnavailable says that no worker answered in time.
var ErrUnavailable = errors.New("no worker answered in time")

// ChangeInput is what every change of a deal takes.
type ChangeInput struct {
	ID      string `path:"id" doc:"The deal."`
	IfMatch string `header:"If-Match" maxLength:"100" doc:"Makes the change only while the deal's ETag is still this one."`
	Key     string `header:"Idempotency-Key" maxLength:"200" doc:"A text of your own. A change that is sent again with the same key is not made again."`
}

// dealOutput answers with the deal as it is now.
type dealOutput struct {
	ETag string `header:"ETag"`
	Body dealView
}

// createdOutput is a dealOutput that says where the new thing is.
type createdOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     dealView
}

// change makes a change and answers with the deal as it is then.
func (s *Server) change(ctx context.Context, in ChangeInput, e deal.Event) (*dealOutput, error) {
	out, err := s.created(ctx, in, e, e, "")
	if err != nil {
		return nil, err
	}
	return &dealOutput{ETag: out.ETag, Body: out.Body}, nil
}

// created is change for one that makes something new at a place below the
// deal. The request is what makes it the same one when it comes again.
func (s *Server) created(ctx context.Context, in ChangeInput, request any, e deal.Event, place string) (*createdOutput, error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	once := s.once(ctx, "deal/"+in.ID, in.Key, request)
	earlier, done, err := once.earlier(ctx)
	if err != nil {
		return nil, s.fault(ctx, "look up an idempotency key", err)
	}
	if done {
		return s.showAt(ctx, in.ID, earlier)
	}
	if in.IfMatch != "" && in.IfMatch != "*" && in.IfMatch != etag(row.Revision) {
		return nil, preconditionFailed.problem("the deal has changed since you read it: read it again, then decide").with("ETag", etag(row.Revision))
	}
	e.Actor = actorOf(ctx)
	if err := s.Commander.Do(ctx, in.ID, e); err != nil {
		return nil, s.failed(ctx, err)
	}
	if err := once.remember(ctx, place); err != nil {
		// The change is made; only its repetition would not be recognised.
		s.log.Warn("an idempotency key could not be kept", "error", err)
	}
	return s.showAt(ctx, in.ID, place)
}

// failed says why a change was not made.
func (s *Server) failed(ctx context.Context, err error) error {
	var refusal *deal.Refusal
	switch {
	case errors.As(err, &refusal):
		return ofRefusal(refusal)
	case errors.Is(err, ErrUnavailable), errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		s.log.Warn("a change was not taken in time", "error", err)
		return errUnavailable("no worker has taken the change in time. It may still be taken: look at the deal before you send it again")
	}
	return s.fault(ctx, "make a change", err)
}

// fault answers for an error of the store or of something behind it; a
// Problem is an answer already.
func (s *Server) fault(ctx context.Context, action string, err error) error {
	var bad *store.BadQuery
	var known *Problem
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &bad):
		return invalid.fault(bad.Param, bad.Message)
	case errors.Is(err, store.ErrNotFound):
		return notFound.problem("there is no such thing: look at its id")
	case errors.Is(err, store.ErrUnavailable), ctx.Err() != nil:
		s.log.Warn("cannot "+action, "error", err)
		return errUnavailable("the store does not answer; try again")
	}
	s.log.Error("cannot "+action, "error", err)
	return internal.problem("")
}

// deal reads a deal.
func (s *Server) deal(ctx context.Context, id string) (*store.DealRow, error) {
	row, err := s.Store.Deal(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound.problem("there is no deal of that id")
	}
	if err != nil {
		return nil, s.fault(ctx, "read a deal", err)
	}
	return row, nil
}

// process is the version that a deal goes by; a deal not opened yet goes by the
// live one.
func (s *Server) process(ctx context.Context, state *deal.State) (*definitions.Process, error) {
	if state.Version == "" {
		if c := s.company(state.Company); c != nil && c.Process(state.Process) != nil {
			return c.Process(state.Process), nil
		}
		return nil, fmt.Errorf("deal %s: company %q has no process %q", state.ID, state.Company, state.Process)
	}
	return s.Process(ctx, state.Company, state.Version)
}

// need is process for a change that cannot do without.
func (s *Server) need(ctx context.Context, state *deal.State) (*definitions.Process, error) {
	p, err := s.process(ctx, state)
	if err != nil {
		s.log.Warn("a process cannot be had", "error", err)
		return nil, errUnavailable("the deal's process cannot be read: the company's folder has to be put back")
	}
	return p, nil
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

func (s *Server) company(id string) *definitions.Company {
	for _, c := range s.Companies() {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// once keeps a request from being done twice by the key that came with it.
type once struct {
	store            *store.Store
	scope, key, hash string
}

// once is for a request in a scope; scope and actor together own the key.
func (s *Server) once(ctx context.Context, scope, key string, request any) *once {
	text, err := json.Marshal(request)
	if err != nil {
		text = nil // what came in as JSON goes out as JSON
	}
	sum := sha256.Sum256(text)
	return &once{s.Store, actorOf(ctx) + "/" + scope, key, hex.EncodeToString(sum[:])}
}

// earlier is what was remembered of the same request.
func (o *once) earlier(ctx context.Context) (what string, found bool, err error) {
	if o.key == "" {
		return "", false, nil
	}
	answer, found, conflict, err := o.store.Idempotent(ctx, o.scope, o.key, o.hash)
	if conflict {
		err = keyReused.problem("this Idempotency-Key came with another request before: use a new one")
	}
	return string(answer), found, err
}

func (o *once) remember(ctx context.Context, what string) error {
	if o.key == "" {
		return nil
	}
	return o.store.SaveIdempotent(ctx, o.scope, o.key, o.hash, []byte(what))
}

// show answers with a deal as it is now.
func (s *Server) show(ctx context.Context, id string) (*dealOutput, error) {
	row, err := s.deal(ctx, id)
	if err != nil {
		return nil, err
	}
	return &dealOutput{ETag: etag(row.Revision), Body: s.view(ctx, row)}, nil
}

// showAt is show with the place of something new below the deal.
func (s *Server) showAt(ctx context.Context, id, place string) (*createdOutput, error) {
	out, err := s.show(ctx, id)
	if err != nil {
		return nil, err
	}
	return &createdOutput{ETag: out.ETag, Location: apiPath + "/deals/" + id + place, Body: out.Body}, nil
}

func (s *Server) view(ctx context.Context, row *store.DealRow) dealView {
	p, err := s.process(ctx, row.State)
	if err != nil {
		s.log.Warn("a deal is shown without its process", "deal", row.State.ID, "error", err)
		p = nil
	}
	return viewDeal(p, row, s.Now())
}
