package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/store"
)

const eventsPath = apiPath + "/events"

// How the stream of events goes, on the clock on the wall.
const (
	lookEvery  = 250 * time.Millisecond // for new events
	beatEvery  = 15 * time.Second       // a sign of life when there are none
	stalledFor = 30 * time.Second       // a client that takes nothing is cut off
	mostStream = 200                    // at once
)

func (s *Server) streamRoutes() {
	op := read("stream-events", "/events", "deals", "Follow what happens to deals",
		"Server-sent events as they happen: the type is the event's, the data its JSON with company and deal_id. Go on from the last id by Last-Event-ID, as browsers do by themselves; without it the stream begins now.")
	op.Responses = map[string]*huma.Response{"200": {Description: "Events, until the client goes", Content: map[string]*huma.MediaType{
		"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	huma.Register(s.api, op, s.streamEvents)
}

type streamInput struct {
	Company string `query:"company" maxLength:"200"`
	Deal    string `query:"deal" maxLength:"200"`
	After   string `query:"after" maxLength:"20" doc:"An event's id, in place of Last-Event-ID."`
	Last    string `header:"Last-Event-ID" maxLength:"20" doc:"The id of the last event that was got."`
}

// streamed is an event of the stream.
type streamed struct {
	Company string `json:"company"`
	DealID  string `json:"deal_id"`
	eventView
}

func (s *Server) streamEvents(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	if in.Company != "" {
		if _, err := s.liveCompany(ctx, in.Company); err != nil {
			return nil, err
		}
	}
	if in.Deal != "" {
		if _, err := s.deal(ctx, in.Deal); err != nil {
			return nil, err
		}
	}
	after, err := s.streamFrom(ctx, in)
	if err != nil {
		return nil, err
	}
	if s.streams.Add(1) > mostStream {
		s.streams.Add(-1)
		return nil, errUnavailable("too many streams are open: close one, or try again later")
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer s.streams.Add(-1)
		f := &follower{s: s, c: humagin.Unwrap(hc), in: in, after: after}
		if err := f.follow(); err != nil && hc.Context().Err() == nil {
			s.log.Debug("a stream of events ended", "error", err)
		}
	}}, nil
}

// streamFrom is the id that the stream begins behind.
func (s *Server) streamFrom(ctx context.Context, in *streamInput) (int64, error) {
	last := in.Last
	if last == "" {
		last = in.After
	}
	if last == "" {
		newest, err := s.Store.LastEvent(ctx)
		if err != nil {
			return 0, s.fault(ctx, "look for the last event", err)
		}
		return newest, nil
	}
	id, err := strconv.ParseInt(last, 10, 64)
	if err != nil || id < 0 {
		return 0, invalid.fault("Last-Event-ID", "send the id of an event that the stream gave, or none")
	}
	return id, nil
}

// follower is one stream under way.
type follower struct {
	s     *Server
	c     *gin.Context
	in    *streamInput
	after int64
}

// follow sends events until the client goes, the server ends, or the token does.
func (f *follower) follow() error {
	h := f.c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for proxies that would wait for the end
	// The stream may be silent for long: only a client that takes nothing is cut off.
	control := http.NewResponseController(f.c.Writer)
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("lift the deadline: %w", err)
	}
	if err := f.send(control, "retry: 2000\n\n"); err != nil {
		return err
	}
	look, beat := time.NewTicker(lookEvery), time.NewTicker(beatEvery)
	defer look.Stop()
	defer beat.Stop()
	for {
		// Without its store the stream is silent: a browser that found it gone
		// would not come back.
		if err := f.pass(control); err != nil && !errors.Is(err, store.ErrUnavailable) {
			return err
		}
		select {
		case <-f.c.Request.Context().Done():
			return nil
		case <-f.s.ending:
			return nil
		case <-look.C:
		case <-beat.C:
			if !f.s.stillIn(f.c.Request) {
				return nil
			}
			// An id without data moves on where a client would resume, and shows it nothing.
			if err := f.send(control, fmt.Sprintf(": still here\nid: %d\n\n", f.after)); err != nil {
				return err
			}
		}
	}
}

// stillIn reports whether the request's token is as good as it was.
func (s *Server) stillIn(r *http.Request) bool {
	if r.Context().Value(holderKey) == nil {
		return s.open(r.Context())
	}
	_, err := s.holder(r)
	return !isNotFound(err)
}

// pass sends what has happened since the last event.
func (f *follower) pass(control *http.ResponseController) error {
	ctx := f.c.Request.Context()
	for {
		events, err := f.s.Store.EventsAfter(ctx, f.after, store.MaxLimit)
		if err != nil {
			return err
		}
		for i := range events {
			e := &events[i]
			f.after = e.ID
			if !f.wants(ctx, e) {
				continue
			}
			zone := f.s.zone(e.Company)
			data, err := json.Marshal(streamed{e.Company, e.DealID, viewEvent(e, zone)})
			if err != nil {
				return fmt.Errorf("write an event: %w", err)
			}
			if err := f.send(control, fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Type, data)); err != nil {
				return err
			}
		}
		if len(events) < store.MaxLimit {
			return nil
		}
	}
}

func (f *follower) wants(ctx context.Context, e *store.EventRow) bool {
	h := holderOf(ctx)
	_, own := h.owner(e.Owner)
	return h.sees(e.Company) && own && (f.in.Company == "" || f.in.Company == e.Company) && (f.in.Deal == "" || f.in.Deal == e.DealID)
}

func (f *follower) send(control *http.ResponseController, text string) error {
	if err := control.SetWriteDeadline(time.Now().Add(stalledFor)); err != nil {
		return fmt.Errorf("set a deadline: %w", err)
	}
	if _, err := f.c.Writer.WriteString(text); err != nil {
		return err
	}
	return control.Flush()
}
