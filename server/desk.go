package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

func (s *Server) deskRoutes() {
	post := func(id, path, summary, description string) huma.Operation {
		return atLeast(RoleManager, write(id, http.MethodPost, "/companies/{company}/"+path, "mail", summary, description, http.StatusOK))
	}
	huma.Register(s.api, post("attach-message", "messages/{message}/attach", "Attach a message to a deal",
		"The deal takes it as a letter of the client, or of a colleague to the client; a report of a lost letter and an automatic answer stay what they are. "+
			"A message that has made a deal is not moved: merge the deals."), s.attachMessage)
	huma.Register(s.api, post("reclassify-message", "messages/{message}/reclassify", "Say what a message is",
		"lead opens a deal with what can be read in it, also of a message in quarantine; reply gives it to a deal; ignored to none. "+
			"The deal that had it before is told. A message that has made a deal stays its lead."), s.reclassifyMessage)
	huma.Register(s.api, post("replay-message", "messages/{message}/replay", "Read a message again by today's rules",
		"As the command replay-message does: a lead that was passed over becomes a deal, a card gets what it lacks. With dry_run it is only said."), s.replayMessage)
	huma.Register(s.api, post("try-outbox", "outbox/try", "Let a waiting outbox try at once",
		"After the fault that holds it has been mended. What waits for business hours goes on waiting."), s.tryOutbox)
	huma.Register(s.api, read("list-letters", "/deals/{id}/letters", "mail", "List the letters of a deal",
		"Those that are decided, sent or not, oldest first."), s.listLetters)
	huma.Register(s.api, write("resend-letter", http.MethodPost, "/deals/{id}/letters/{letter}/resend", "mail", "Send a letter once more",
		"One that failed, that waits for the mail server, or of which nobody knows whether it arrived. It goes to the client's present address, with the same Message-ID.",
		http.StatusOK), s.resendLetter)
}

type attachInput struct {
	MessageInput
	Body struct {
		DealID string `json:"deal_id" minLength:"1" maxLength:"200"`
	}
}

func (s *Server) attachMessage(ctx context.Context, in *attachInput) (*output[letterView], error) {
	return s.judge(ctx, &in.MessageInput, ledger.Judgement{DealID: in.Body.DealID})
}

type reclassifyInput struct {
	MessageInput
	Body struct {
		As     string `json:"as" enum:"lead,reply,ignored"`
		DealID string `json:"deal_id,omitempty" maxLength:"200" doc:"reply: the deal that it belongs to."`
	}
}

func (s *Server) reclassifyMessage(ctx context.Context, in *reclassifyInput) (*output[letterView], error) {
	return s.judge(ctx, &in.MessageInput, ledger.Judgement{Outcome: in.Body.As, DealID: in.Body.DealID})
}

func (s *Server) judge(ctx context.Context, in *MessageInput, j ledger.Judgement) (*output[letterView], error) {
	row, zone, err := s.message(ctx, in)
	if err != nil {
		return nil, err
	}
	if j.Outcome != ledger.Reply && j.Outcome != "" {
		j.DealID = ""
	}
	j.Actor = actorOf(ctx)
	if err := s.Desk.Judge(ctx, row.ID, j); err != nil {
		return nil, s.unworked(ctx, err)
	}
	if row, err = s.Store.Message(ctx, row.ID); err != nil {
		return nil, s.fault(ctx, "read a message", err)
	}
	about(ctx, row.Company, row.DealID)
	return s.showMessage(ctx, row, zone)
}

// unworked says why the desk did not do something.
func (s *Server) unworked(ctx context.Context, err error) error {
	if r, ok := errors.AsType[*ledger.Refusal](err); ok {
		switch r.Code {
		case "no_deal", "other_deal":
			return invalid.fault("deal_id", r.Text)
		}
		return refused.problem(r.Text)
	}
	if errors.Is(err, store.ErrStale) {
		return refused.problem("somebody else has dealt with it in between: read it again")
	}
	return s.fault(ctx, "work on mail", err)
}

type replayInput struct {
	MessageInput
	Body struct {
		DryRun bool `json:"dry_run,omitempty" doc:"Only say what would change."`
	}
}

// replayView is what the rules of today make of a message.
type replayView struct {
	Outcome string   `json:"outcome" doc:"By the rules of today."`
	Rule    string   `json:"rule"`
	DealID  *string  `json:"deal_id"`
	Changes []string `json:"changes" doc:"In words. Empty: nothing changes."`
	Applied bool     `json:"applied"`
}

func (s *Server) replayMessage(ctx context.Context, in *replayInput) (*output[replayView], error) {
	row, _, err := s.message(ctx, &in.MessageInput)
	if err != nil {
		return nil, err
	}
	r, err := s.Desk.Reread(ctx, row.ID, actorOf(ctx), !in.Body.DryRun)
	if err != nil {
		return nil, s.unworked(ctx, err)
	}
	return &output[replayView]{replayView{
		Outcome: r.Now.Outcome, Rule: r.Now.Rule, DealID: textOrNull(r.Now.DealID), Changes: r.Changes, Applied: r.Applied,
	}}, nil
}

func (s *Server) tryOutbox(ctx context.Context, in *CompanyInput) (*struct{}, error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	if err := s.Desk.TryNow(ctx, c.ID); err != nil {
		return nil, s.unworked(ctx, err)
	}
	return nil, nil
}

// sentView is a letter of the outbox.
type sentView struct {
	ID        string     `json:"id"`
	Letter    string     `json:"letter" doc:"The template."`
	Stage     string     `json:"stage" doc:"In which it was decided."`
	Status    string     `json:"status" enum:"queued,sending,sent,failed,ambiguous"`
	Ambiguous bool       `json:"ambiguous" doc:"An earlier attempt may have arrived."`
	To        string     `json:"to"`
	Subject   string     `json:"subject"`
	MessageID string     `json:"message_id"`
	Attempts  int        `json:"attempts"`
	Error     string     `json:"error" doc:"What the mail server said last."`
	QueuedAt  time.Time  `json:"queued_at" doc:"On the clock on the wall, as sent_at."`
	SentAt    *time.Time `json:"sent_at"`
}

type listLettersInput struct {
	DealInput
	WholePaging
}

func (s *Server) listLetters(ctx context.Context, in *listLettersInput) (*output[List[sentView]], error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.DealOutbox(ctx, row.State.ID)
	if err != nil {
		return nil, s.fault(ctx, "list letters", err)
	}
	views := []sentView{}
	for i := range rows {
		if rows[i].Kind == store.KindLetter {
			views = append(views, viewSent(&rows[i]))
		}
	}
	page, err := wholeOf(views, in.WholePaging)
	return &output[List[sentView]]{page}, err
}

func viewSent(r *store.OutboxRow) sentView {
	v := sentView{
		ID: r.ID, Letter: r.Letter, Stage: r.Stage, Status: r.Status, Ambiguous: r.Ambiguous || r.Status == store.Ambiguous, To: r.To, Subject: r.Subject,
		MessageID: r.MessageID, Attempts: r.Attempts, Error: r.LastError, QueuedAt: r.CreatedAt,
	}
	if !r.SentAt.IsZero() {
		v.SentAt = &r.SentAt
	}
	return v
}

type resendInput struct {
	DealInput
	Letter string `path:"letter" maxLength:"200"`
}

func (s *Server) resendLetter(ctx context.Context, in *resendInput) (*dealOutput, error) {
	if _, err := s.deal(ctx, in.ID); err != nil {
		return nil, err
	}
	err := s.Desk.Resend(ctx, in.ID, in.Letter, actorOf(ctx))
	if isNotFound(err) {
		return nil, notFound.problem("the deal has no letter of that id: GET " + apiPath + "/deals/{id}/letters lists them")
	}
	if err != nil {
		return nil, s.unworked(ctx, err)
	}
	return s.show(ctx, in.ID)
}
