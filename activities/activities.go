// Package activities is what the durable loops call: advance a deal, read a
// mailbox, empty an outbox. Here the pure packages meet the store, the mail
// servers and the clock.
package activities

import (
	"context"
	"log/slog"
	"time"

	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/store"
)

// Deals knocks at the workflows of deals. What they are to take is in the
// store already.
type Deals interface {
	// Start begins the workflow of a new deal.
	Start(ctx context.Context, deal string) error
	// Nudge tells a deal of new inputs.
	Nudge(ctx context.Context, deal string) error
	// Take returns once the deal has taken its inputs.
	Take(ctx context.Context, deal string) error
}

// Activities holds what the loops need of the world.
type Activities struct {
	Store     *store.Store
	Catalogue *Catalogue
	Clock     *clock.Clock
	Deals     Deals
	Log       *slog.Logger
	// Holder names this process in leases and claims.
	Holder string

	bell   bell
	secret secret
	tokens tokens
	pruned time.Time // when old messages were last deleted
}
