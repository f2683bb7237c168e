package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/deal"
)

func (s *Server) changeRoutes() {
	post := func(id, path, summary, description string) huma.Operation {
		return write(id, http.MethodPost, "/deals/{id}"+path, "changes", summary, description, http.StatusOK)
	}
	note := post("add-note", "/notes", "Note something", "")
	note.DefaultStatus = http.StatusCreated
	huma.Register(s.api, note, s.addNote)
	huma.Register(s.api, post("move-deal", "/move", "Move a deal to another stage",
		"Gates hold on the way forward unless force is true and a reason is given. To lost, reason is one of the process's lost reasons."), s.moveDeal)
	huma.Register(s.api, post("signal-deal", "/signal", "Tell a deal that something has happened", "The process may wait for it: on: signal:<name>."), s.signalDeal)
	huma.Register(s.api, post("pause-deal", "/pause", "Hold letters, timeouts and ladders", "Until a moment, or until the client replies."), s.pauseDeal)
	huma.Register(s.api, post("resume-deal", "/resume", "End a pause", ""), s.resumeDeal)
	huma.Register(s.api, post("reopen-deal", "/reopen", "Take up a lost deal again", ""), s.reopenDeal)
	huma.Register(s.api, post("merge-deal", "/merge", "End a deal in another one of the same company", ""), s.mergeDeal)
}

type noteInput struct {
	ChangeInput
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"20000"`
	} `nameHint:"NewNote"`
}

func (s *Server) addNote(ctx context.Context, in *noteInput) (*dealOutput, error) {
	text := strings.TrimSpace(in.Body.Text)
	if text == "" {
		return nil, invalid.fault("text", "a note needs some text")
	}
	return s.change(ctx, in.ChangeInput, deal.Event{Kind: deal.KindNote, Text: text})
}

type moveInput struct {
	ChangeInput
	Body struct {
		To     string `json:"to" minLength:"1" maxLength:"200" doc:"A stage, or won, lost or done."`
		Force  bool   `json:"force,omitempty" doc:"Past the gates; needs a reason."`
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	} `nameHint:"Move"`
}

func (s *Server) moveDeal(ctx context.Context, in *moveInput) (*dealOutput, error) {
	return s.change(ctx, in.ChangeInput, deal.Event{Kind: deal.KindMove, To: in.Body.To, Force: in.Body.Force, Reason: strings.TrimSpace(in.Body.Reason)})
}

type signalInput struct {
	ChangeInput
	Body struct {
		Name   string         `json:"name" minLength:"1" maxLength:"200"`
		Fields map[string]any `json:"fields,omitempty" doc:"Fields of the client card to set with it."`
	} `nameHint:"Signal"`
}

func (s *Server) signalDeal(ctx context.Context, in *signalInput) (*dealOutput, error) {
	return s.change(ctx, in.ChangeInput, deal.Event{Kind: deal.KindSignal, Name: oneLine(in.Body.Name), Fields: in.Body.Fields})
}

type pauseInput struct {
	ChangeInput
	Body *struct {
		Until  *time.Time `json:"until,omitempty" doc:"When to go on; without it a reply ends the pause."`
		Reason string     `json:"reason,omitempty" maxLength:"2000"`
	} `nameHint:"Pause"`
}

func (s *Server) pauseDeal(ctx context.Context, in *pauseInput) (*dealOutput, error) {
	e := deal.Event{Kind: deal.KindPause}
	if in.Body != nil {
		e.Reason = strings.TrimSpace(in.Body.Reason)
		if in.Body.Until != nil {
			e.Until = *in.Body.Until
			if err := plausible("until", e.Until); err != nil {
				return nil, err
			}
		}
	}
	return s.change(ctx, in.ChangeInput, e)
}

// plausible refuses moments that nobody can mean.
func plausible(field string, t time.Time) error {
	if t.Year() < 2000 || t.Year() > 2200 {
		return invalid.fault(field, "that year cannot be meant")
	}
	return nil
}

func (s *Server) resumeDeal(ctx context.Context, in *ChangeInput) (*dealOutput, error) {
	return s.change(ctx, *in, deal.Event{Kind: deal.KindResume})
}

type reopenInput struct {
	ChangeInput
	Body *struct {
		To     string `json:"to,omitempty" maxLength:"200" doc:"The stage to go on in; the one it was lost in unless given."`
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	} `nameHint:"Reopen"`
}

func (s *Server) reopenDeal(ctx context.Context, in *reopenInput) (*dealOutput, error) {
	e := deal.Event{Kind: deal.KindReopen}
	if in.Body != nil {
		e.To, e.Reason = in.Body.To, strings.TrimSpace(in.Body.Reason)
	}
	return s.change(ctx, in.ChangeInput, e)
}

type mergeInput struct {
	ChangeInput
	Body struct {
		Into string `json:"into" minLength:"1" maxLength:"200" doc:"The deal that goes on."`
	} `nameHint:"Merge"`
}

func (s *Server) mergeDeal(ctx context.Context, in *mergeInput) (*dealOutput, error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	into, err := s.Store.Deal(ctx, in.Body.Into)
	// Another company's deal is as good as none, so that its ids cannot be guessed.
	if isNotFound(err) || err == nil && (into.State.Company != row.State.Company || !holderOf(ctx).reaches(into.State)) {
		return nil, invalid.fault("into", "the company has no deal of that id")
	}
	if err != nil {
		return nil, s.fault(ctx, "read a deal", err)
	}
	if into.State.MergedTo != "" {
		return nil, refused.fault("into", "that deal was merged into another one itself: name that one")
	}
	return s.change(ctx, in.ChangeInput, deal.Event{Kind: deal.KindMerge, To: in.Body.Into})
}
