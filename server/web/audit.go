package web

import (
	"context"
	"net/http"
	"time"

	"github.com/dealwright/dealwright/store"
)

// record notes what became of a form, for the audit.
type record struct {
	http.ResponseWriter
	status        int
	company, deal string
}

// WriteHeader notes the status of the answer.
func (r *record) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// about notes what a form is about.
func (q *request) about(company, deal string) {
	if q.record != nil {
		q.record.company, q.record.deal = company, deal
	}
}

// audit writes down what a form asked for, the refused ones too, even for a
// viewer who has gone.
func (w *Web) audit(q *request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.Context()), 5*time.Second)
	defer cancel()
	operation := q.PathValue("action")
	if operation == "" {
		operation = "try-outbox"
	}
	err := w.Store.AddAudit(ctx, store.AuditRow{
		Actor: q.who.Name, Role: q.who.Role, Company: q.record.company, DealID: q.record.deal, Operation: "dashboard/" + clip(operation, 50),
		Target: clip(q.URL.Path, 500), Status: q.record.status,
	})
	if err != nil {
		w.Log.Error("the audit was not written", "error", err, "actor", q.who.Name, "path", q.URL.Path, "status", q.record.status)
	}
}
