package server

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/server/web"
	"github.com/dealwright/dealwright/store"
)

// assetsPath is under which pages find their styles and scripts.
const assetsPath = "/assets/"

// dashboardRoutes puts the pages for people beside the API: over the same
// store, and with changes by the same Commander.
func (s *Server) dashboardRoutes(engine *gin.Engine) {
	s.pages = web.New(web.Options{
		Store: s.Store, Commander: dashboardCommander{s.Commander}, Desk: s.Desk, Companies: s.Companies, Process: s.Process,
		Now: s.Now, Who: viewerOf, Health: s.troubles, Log: s.log,
	})
	for _, path := range web.Paths {
		engine.GET(path, gin.WrapH(s.pages))
		engine.POST(path, gin.WrapH(s.pages))
	}
}

// viewerOf is the holder of the request as the pages know them.
func viewerOf(ctx context.Context) web.Who {
	h := holderOf(ctx)
	who := web.Who{
		Name: h.Name, Known: ctx.Value(holderKey) != nil, Sees: h.sees, Reads: h.may(RoleViewer), Changes: h.may(RoleRep),
		Manages: h.may(RoleManager), Role: h.Role,
	}
	if !who.Known {
		who.Name = "dashboard"
	}
	if h.Role == RoleRep {
		who.Own = lowered(h.Name)
	}
	return who
}

// dashboardCommander says in the pages' words that no worker took a change.
type dashboardCommander struct{ Commander }

func (c dashboardCommander) Do(ctx context.Context, in store.Input) error {
	err := c.Commander.Do(ctx, in)
	if errors.Is(err, ErrUnavailable) {
		return fmt.Errorf("%w: %w", web.ErrUnavailable, err)
	}
	return err
}

// troubles is what of the readiness a person should look at.
func (s *Server) troubles() web.Health {
	var h web.Health
	r := s.Ready()
	for _, m := range r.Mailboxes {
		if m.Error == "" {
			continue
		}
		h.Mailboxes = append(h.Mailboxes, web.Trouble{Company: m.Company, Name: m.ID, Detail: m.Error})
	}
	for _, o := range r.Outboxes {
		if o.Error != "" {
			h.Outboxes = append(h.Outboxes, web.Trouble{Company: o.Company, Detail: o.Error, Waiting: o.Queued})
		}
	}
	for _, d := range r.Definitions {
		if d.OK {
			continue
		}
		var faults []string
		for _, f := range d.Faults {
			faults = append(faults, f.String())
		}
		h.Definitions = append(h.Definitions, web.Trouble{Company: d.Company, Detail: strings.Join(faults, "\n"), Faults: d.Faults})
	}
	return h
}
