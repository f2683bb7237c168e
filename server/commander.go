package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// Commander hands changes to deals. Both calls return once the deal has taken
// the input and what it wrote can be read: nil, a *deal.Refusal, or an error
// that is [ErrUnavailable] when no worker answered in time.
type Commander interface {
	// Do gives a deal an input; the same id again is the same change. An input
	// for another revision than the deal's is store.ErrStale, one whose id
	// belongs to another request store.ErrOtherRequest.
	Do(ctx context.Context, in store.Input) error
	// Open makes the input's deal in the company's live process.
	Open(ctx context.Context, company, process string, in store.Input) error
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
	input := s.input(ctx, in, request)
	input.Revision = in.revision(row.Revision)
	e.Actor = actorOf(ctx)
	input.Event = e
	done, err := s.answered(ctx, input)
	if err == nil && !done {
		err = s.Commander.Do(ctx, input)
	}
	if errors.Is(err, store.ErrStale) {
		return nil, s.stale(ctx, in.ID)
	}
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return s.showAt(ctx, in.ID, place)
}

// input is what a change goes to the deal as. With an Idempotency-Key its id is
// always the same one, so however often it is sent, the deal takes it once.
func (s *Server) input(ctx context.Context, in ChangeInput, request any) store.Input {
	input := store.Input{ID: "api/" + store.NewID(), DealID: in.ID}
	if in.Key != "" {
		input.ID, input.Request = "api/"+digest(actorOf(ctx), in.ID, in.Key), digest(request)
	}
	return input
}

// answered reports whether the deal has taken the input before, and what it
// said then.
func (s *Server) answered(ctx context.Context, in store.Input) (bool, error) {
	if in.Request == "" {
		return false, nil
	}
	earlier, err := s.Store.Input(ctx, in.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case earlier.Request != in.Request:
		return true, store.ErrOtherRequest
	case earlier.Outcome == nil:
		return false, nil
	case earlier.Outcome.Stale:
		return true, store.ErrStale
	case earlier.Outcome.Refused:
		return true, &deal.Refusal{Invalid: earlier.Outcome.Invalid, Problems: earlier.Outcome.Problems}
	}
	return true, nil
}

// digest is a short name for values that JSON can write.
func digest(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // they came in as JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:20])
}

// revision is the one that If-Match binds a change to: 0 for any, and -1, which
// no deal has, when it names none that can be.
func (in ChangeInput) revision(now int64) int64 {
	if in.IfMatch == "" {
		return 0
	}
	wanted := int64(-1)
	for tag := range strings.SplitSeq(in.IfMatch, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" {
			return 0
		}
		var n int64
		if _, err := fmt.Sscanf(tag, "\"%d\"", &n); err != nil || tag != etag(n) || n < 1 {
			continue
		}
		if wanted = n; n == now {
			break
		}
	}
	return wanted
}

// stale answers a change that was meant for another revision.
func (s *Server) stale(ctx context.Context, id string) error {
	p := preconditionFailed.problem("the deal has changed since you read it: read it again, then decide")
	if row, err := s.Store.Deal(ctx, id); err == nil {
		return p.with("ETag", etag(row.Revision))
	}
	return p
}

// failed says why a change was not made.
func (s *Server) failed(ctx context.Context, err error) error {
	var refusal *deal.Refusal
	switch {
	case errors.As(err, &refusal):
		return ofRefusal(refusal)
	case errors.Is(err, store.ErrOtherRequest):
		return errKeyReused
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

// noDeal answers for a deal that is not there, and for one that the caller may
// not see, alike.
var noDeal = notFound.problem("there is no deal of that id")

// deal reads a deal that the caller may see.
func (s *Server) deal(ctx context.Context, id string) (*store.DealRow, error) {
	row, err := s.Store.Deal(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noDeal
	}
	if err != nil {
		return nil, s.fault(ctx, "read a deal", err)
	}
	if !holderOf(ctx).reaches(row.State) {
		return nil, noDeal
	}
	about(ctx, row.State.Company, id)
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

// show answers with a deal as it is now.
func (s *Server) show(ctx context.Context, id string) (*dealOutput, error) {
	row, err := s.Store.Deal(ctx, id) // that it may be seen was asked before
	if err != nil {
		return nil, s.fault(ctx, "read a deal", err)
	}
	view := s.view(ctx, row)
	files, err := s.Store.Attachments(ctx, id)
	if err != nil {
		return nil, s.fault(ctx, "list attachments", err)
	}
	view.Attachments = viewAttachments(files, view.OpenedAt.Location())
	return &dealOutput{ETag: etag(row.Revision), Body: view}, nil
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
