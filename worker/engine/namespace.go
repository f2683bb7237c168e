package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// readyPoll is how often a server that is coming up is asked whether it is there.
const readyPoll = 20 * time.Millisecond

// createNamespace writes the namespace into the database before the server reads it, so that nobody has to wait for
// its caches. One that is there already stays as it is.
func createNamespace(data database, options Options) error {
	namespace, err := sqlite.NewNamespaceConfig(clusterName, options.Namespace, false, nil)
	if err != nil {
		return err
	}
	namespace.Detail.Config.Retention = durationpb.New(options.Retention)
	return sqlite.CreateNamespaces(data.sql, namespace)
}

// awaitNamespace returns once the namespace answers, with the retention that was asked for.
func awaitNamespace(ctx context.Context, hostPort string, options Options, log *logger) error {
	var last error
	for {
		err := settleNamespace(ctx, hostPort, options)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case err := <-log.fatal:
			return err
		case <-ctx.Done():
			return fmt.Errorf("namespace %q: not ready within %s: %w", options.Namespace, readyWithin, last)
		case <-time.After(readyPoll):
		}
	}
}

func settleNamespace(ctx context.Context, hostPort string, options Options) error {
	temporal, err := client.DialContext(ctx, client.Options{HostPort: hostPort, Namespace: options.Namespace, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer temporal.Close()
	service := temporal.WorkflowService()
	found, err := service.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: options.Namespace})
	if err != nil {
		return err
	}
	if found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == options.Retention {
		return nil
	}
	_, err = service.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: options.Namespace,
		Config:    &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(options.Retention)},
	})
	return err
}
