package activities

import (
	"context"
	"time"
)

// retainEvery is the time between two looks for what is kept too long.
const retainEvery = time.Hour

// retain deletes, now and then, the bytes of messages that a company does not
// want kept any longer. Only the sweep calls it.
func (a *Activities) retain(ctx context.Context) {
	if time.Since(a.pruned) < retainEvery {
		return
	}
	a.pruned = time.Now()
	for _, c := range a.Catalogue.Companies() {
		if c.Retention.Raw == nil {
			continue
		}
		count, err := a.Store.PruneRaw(ctx, c.ID, a.Clock.Now().Add(-c.Retention.Raw.Approx(c.Calendar)))
		switch {
		case err != nil && ctx.Err() == nil:
			a.Log.Warn("old messages not deleted; tried again in an hour", "company", c.ID, "error", err)
		case count > 0:
			a.Log.Info("the bytes of old messages were deleted", "company", c.ID, "messages", count)
		}
	}
}
