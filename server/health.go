package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/definitions"
)

// Readiness is what /readyz answers: whether the server can serve, and how its
// mailboxes, outboxes and definitions are.
type Readiness struct {
	Ready       bool              `json:"ready"`
	Mailboxes   []MailboxState    `json:"mailboxes"`
	Outboxes    []OutboxState     `json:"outboxes"`
	Definitions []DefinitionState `json:"definitions"`
}

// MailboxState is how a mailbox is. One in trouble does not make the server
// unready: deals go on without it.
type MailboxState struct {
	Company     string     `json:"company"`
	ID          string     `json:"id"`
	State       string     `json:"state"`
	LastContact *time.Time `json:"last_contact"`
	Error       string     `json:"error"`
}

// OutboxState is how a company's letters go out. While its mail server refuses
// them all or is away they wait, and nothing is lost.
type OutboxState struct {
	Company string `json:"company"`
	State   string `json:"state"`
	Queued  int    `json:"queued"`
	Error   string `json:"error"`
}

// DefinitionState is whether a company's folder is as good as what is running.
// With faults, the version from before the edit goes on.
type DefinitionState struct {
	Company string                  `json:"company"`
	OK      bool                    `json:"ok"`
	Faults  definitions.Diagnostics `json:"faults"`
}

// health says that the process is alive.
func (s *Server) health(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"ok": true, "version": s.Version})
}

// ready says whether the server can serve.
func (s *Server) ready(c *gin.Context) {
	r := s.readiness(c.Request.Context())
	status := http.StatusOK
	if !r.Ready {
		status = http.StatusServiceUnavailable
		c.Header("Retry-After", retryAfter)
	}
	ctx := c.Request.Context()
	if ctx.Value(holderKey) == nil && !s.open(ctx) {
		// Who has no token learns no names of companies and hosts.
		c.JSON(status, gin.H{"ready": r.Ready})
		return
	}
	r.only(holderOf(ctx))
	c.JSON(status, r)
}

// only leaves what the caller may see.
func (r *Readiness) only(h Holder) {
	r.Mailboxes = slices.DeleteFunc(slices.Clone(r.Mailboxes), func(m MailboxState) bool { return !h.sees(m.Company) })
	r.Outboxes = slices.DeleteFunc(slices.Clone(r.Outboxes), func(o OutboxState) bool { return !h.sees(o.Company) })
	r.Definitions = slices.DeleteFunc(slices.Clone(r.Definitions), func(d DefinitionState) bool { return !h.sees(d.Company) })
}

func (s *Server) readiness(ctx context.Context) Readiness {
	r := s.Ready()
	if r.Mailboxes == nil {
		r.Mailboxes = []MailboxState{}
	}
	if r.Outboxes == nil {
		r.Outboxes = []OutboxState{}
	}
	if r.Definitions == nil {
		r.Definitions = []DefinitionState{}
	}
	for i := range r.Definitions {
		if r.Definitions[i].Faults == nil {
			r.Definitions[i].Faults = definitions.Diagnostics{}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		s.log.Warn("the store does not answer", "error", err)
		r.Ready = false
	}
	return r
}
