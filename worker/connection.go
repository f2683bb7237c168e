// Package worker connects to Temporal, registers the loops and what they
// call, and hands changes to deals.
package worker

import (
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// Queue is the task queue that every worker of one installation shares.
const Queue = "dealwright"

// Connect dials Temporal.
func Connect(ctx context.Context, hostPort, namespace string, logger *slog.Logger) (client.Client, error) {
	c, err := client.DialContext(ctx, client.Options{
		HostPort:  hostPort,
		Namespace: namespace,
		Logger:    log.NewStructuredLogger(logger),
	})
	if err != nil {
		return nil, fmt.Errorf("temporal at %s, namespace %q: %w; is the server running and the namespace registered?", hostPort, namespace, err)
	}
	return c, nil
}
