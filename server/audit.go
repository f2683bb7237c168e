package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/store"
)

// record is what the audit will say of the request under way.
type record struct{ company, deal string }

// about notes what the request is about, for the audit.
func about(ctx context.Context, company, deal string) {
	if r, ok := ctx.Value(recordKey).(*record); ok {
		r.company, r.deal = company, deal
	}
}

// audited writes down every change that was asked for, the refused ones too.
func (s *Server) audited(ctx huma.Context, next func(huma.Context)) {
	if ctx.Method() == http.MethodGet {
		next(ctx)
		return
	}
	r := &record{}
	next(huma.WithValue(ctx, recordKey, r))
	h, at := holderOf(ctx.Context()), ctx.URL()
	// The row is written even for a client that has hung up.
	kept, cancel := context.WithTimeout(context.WithoutCancel(ctx.Context()), 5*time.Second)
	defer cancel()
	err := s.Store.AddAudit(kept, store.AuditRow{
		Actor: h.Name, Role: h.Role, Company: r.company, DealID: r.deal, Operation: ctx.Operation().OperationID, Target: clip(at.Path, 500), Status: ctx.Status(),
	})
	if err != nil {
		s.log.Error("the audit was not written", "error", err, "actor", h.Name, "operation", ctx.Operation().OperationID, "status", ctx.Status())
	}
}

// auditView is a change that was asked for.
type auditView struct {
	At        time.Time `json:"at" doc:"On the clock on the wall."`
	Actor     string    `json:"actor"`
	Role      string    `json:"role"`
	Operation string    `json:"operation" doc:"The operationId of the OpenAPI document, or dashboard/ and what a form there does."`
	Target    string    `json:"target" doc:"The address that was called."`
	DealID    *string   `json:"deal_id"`
	Status    int       `json:"status" doc:"Of the answer: 4xx was refused."`
}

type auditInput struct {
	CompanyInput
	Actor string `query:"actor" maxLength:"320"`
	Deal  string `query:"deal" maxLength:"200"`
	Paging
}

func (s *Server) auditRoutes() {
	huma.Register(s.api, atLeast(RoleManager, read("list-audit", "/companies/{company}/audit", "companies", "Read who changed what",
		"Every change that was asked for through the API, and what became of it, newest first.")), s.listAudit)
}

func (s *Server) listAudit(ctx context.Context, in *auditInput) (*output[List[auditView]], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	page, err := s.Store.Audit(ctx, store.AuditFilter{Company: c.ID, Actor: in.Actor, DealID: in.Deal, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, s.fault(ctx, "read the audit", err)
	}
	zone := c.Calendar.Location()
	return listOf(page, func(r *store.AuditRow) auditView {
		return auditView{At: r.At.In(zone), Actor: r.Actor, Role: r.Role, Operation: r.Operation, Target: r.Target, DealID: textOrNull(r.DealID), Status: r.Status}
	}), nil
}
