package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// Bounds of one bulk change. What is left when the time is up remains for the
// next call.
const (
	bulkTime   = 20 * time.Second
	bulkAtOnce = 8
)

type bulkInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"A text of your own. A request that is sent again with the same key answers as before and changes nothing more."`
	Body bulkBody
}

type bulkBody struct {
	Filter bulkFilter `json:"filter" doc:"Which deals."`
	Action string     `json:"action" enum:"reassign,move,close" doc:"close loses open deals, and ends won ones where nothing holds them."`
	Owner  string     `json:"owner,omitempty" maxLength:"320" doc:"reassign: the address of a member of the team."`
	To     string     `json:"to,omitempty" maxLength:"200" doc:"move: a stage, or won, lost or done."`
	Reason string     `json:"reason,omitempty" maxLength:"2000" doc:"move to lost, close: a lost reason of the process. With force: why."`
	Force  bool       `json:"force,omitempty" doc:"move: past the gates; needs a reason."`
	DryRun bool       `json:"dry_run,omitempty" doc:"Only count."`
	Expect *int       `json:"expect,omitempty" minimum:"0" doc:"What the dry run counted: when it is another number now, nothing is done."`
}

type bulkFilter struct {
	Company string `json:"company" minLength:"1" maxLength:"200"`
	Process string `json:"process,omitempty" maxLength:"200"`
	Version string `json:"version,omitempty" maxLength:"200"`
	Stage   string `json:"stage,omitempty" maxLength:"200"`
	Status  string `json:"status,omitempty" enum:"open,won,lost"`
	Owner   string `json:"owner,omitempty" maxLength:"320"`
	Source  string `json:"source,omitempty" maxLength:"200"`
	Stalled *bool  `json:"stalled,omitempty"`
	Q       string `json:"q,omitempty" maxLength:"500"`
}

// bulkView says what became of a bulk change.
type bulkView struct {
	DryRun    bool          `json:"dry_run"`
	Matched   int           `json:"matched" doc:"Deals that the filter finds."`
	Done      int           `json:"done" doc:"Deals that have taken the change."`
	Refused   []bulkRefusal `json:"refused" doc:"Deals that have not, and why."`
	Remaining int           `json:"remaining" doc:"Deals that were not come to, at most 500 a call: send the request again, with a new key."`
}

type bulkRefusal struct {
	DealID string `json:"deal_id"`
	Detail string `json:"detail"`
}

func (s *Server) bulkRoutes() {
	huma.Register(s.api, atLeast(RoleManager, write("bulk-deals", http.MethodPost, "/deals/bulk", "changes", "Change many deals",
		"Reassigns, moves or closes the deals that a filter finds. Send dry_run first: it counts, and changes nothing.", http.StatusOK)), s.bulkDeals)
}

func (s *Server) bulkDeals(ctx context.Context, in *bulkInput) (*output[bulkView], error) {
	b := &in.Body
	if _, err := s.liveCompany(ctx, b.Filter.Company); err != nil {
		return nil, invalid.fault("company", "there is no such company: GET "+apiPath+"/companies lists them")
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	scope := digest(actorOf(ctx), "bulk-deals")
	if in.Key != "" {
		answer, found, conflict, err := s.Store.Idempotent(ctx, scope, in.Key, digest(b))
		switch {
		case err != nil:
			return nil, s.fault(ctx, "look up an idempotency key", err)
		case conflict:
			return nil, errKeyReused
		case found:
			out := &output[bulkView]{}
			return out, json.Unmarshal(answer, &out.Body)
		}
	}
	page, err := s.Store.Deals(ctx, b.filter())
	if err != nil {
		return nil, s.fault(ctx, "find deals", err)
	}
	if b.Expect != nil && *b.Expect != page.Total {
		return nil, preconditionFailed.fault("expect", "the filter now finds another number of deals: count them again by dry_run")
	}
	v := bulkView{DryRun: b.DryRun, Matched: page.Total, Refused: []bulkRefusal{}}
	if !b.DryRun {
		if err := s.changeAll(ctx, in, page.Items, &v); err != nil {
			return nil, err
		}
		v.Remaining = v.Matched - v.Done - len(v.Refused)
	}
	if in.Key != "" && !b.DryRun {
		answer, err := json.Marshal(v)
		if err == nil {
			err = s.Store.SaveIdempotent(ctx, scope, in.Key, digest(b), answer)
		}
		if err != nil {
			// Each deal still knows the key and takes the change once.
			s.log.Warn("an idempotency key could not be kept", "error", err)
		}
	}
	return &output[bulkView]{v}, nil
}

func (b *bulkBody) filter() store.Filter {
	f := b.Filter
	return store.Filter{
		Companies: []string{f.Company}, Process: f.Process, Version: f.Version, Stage: f.Stage, Status: f.Status,
		Owner: lowered(f.Owner), Source: f.Source, Stalled: f.Stalled, Q: f.Q, Sort: "opened_at",
	}
}

// check refuses what every deal would refuse.
func (b *bulkBody) check() error {
	switch {
	case b.Action == "reassign" && strings.TrimSpace(b.Owner) == "":
		return invalid.fault("owner", "say to whom the deals go")
	case b.Action == "move" && b.To == "":
		return invalid.fault("to", "say where the deals go")
	case b.Action == "close" && strings.TrimSpace(b.Reason) == "":
		return invalid.fault("reason", "say why the deals are lost, by a lost reason of the process")
	}
	return nil
}

// event is the change as one deal takes it.
func (b *bulkBody) event(d *deal.State) deal.Event {
	reason := strings.TrimSpace(b.Reason)
	switch b.Action {
	case "reassign":
		return deal.Event{Kind: deal.KindSet, Owner: lowered(b.Owner)}
	case "close":
		if d.Status == deal.Won {
			return deal.Event{Kind: deal.KindMove, To: "done"}
		}
		return deal.Event{Kind: deal.KindMove, To: "lost", Reason: reason}
	}
	return deal.Event{Kind: deal.KindMove, To: b.To, Force: b.Force, Reason: reason}
}

// changeAll gives the change to each deal, a few at once.
func (s *Server) changeAll(ctx context.Context, in *bulkInput, rows []store.DealRow, v *bulkView) error {
	ctx, cancel := context.WithTimeout(ctx, bulkTime)
	defer cancel()
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		broken error
		gate   = make(chan struct{}, bulkAtOnce)
	)
	for i := range rows {
		gate <- struct{}{}
		mu.Lock()
		stop := broken != nil || ctx.Err() != nil
		mu.Unlock()
		if stop {
			break
		}
		all.Go(func() {
			defer func() { <-gate }()
			err := s.changeOne(ctx, in, rows[i].State)
			mu.Lock()
			defer mu.Unlock()
			var refusal *deal.Refusal
			switch {
			case err == nil:
				v.Done++
			case errors.As(err, &refusal):
				v.Refused = append(v.Refused, bulkRefusal{rows[i].State.ID, refusal.Error()})
			case ctx.Err() == nil:
				broken = err
			}
		})
	}
	all.Wait()
	slices.SortFunc(v.Refused, func(a, b bulkRefusal) int { return cmp.Compare(a.DealID, b.DealID) })
	if broken != nil && v.Done+len(v.Refused) == 0 {
		return s.failed(ctx, broken)
	}
	if broken != nil {
		s.log.Warn("a bulk change was broken off", "error", broken)
	}
	return nil
}

func (s *Server) changeOne(ctx context.Context, in *bulkInput, d *deal.State) error {
	input := s.input(ctx, ChangeInput{ID: d.ID, Key: in.Key}, in.Body)
	input.Event = in.Body.event(d)
	input.Event.Actor = actorOf(ctx)
	return s.Commander.Do(ctx, input)
}
