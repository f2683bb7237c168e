//go:build system

package system_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
	"github.com/dealwright/dealwright/worker/engine"
)

// The halves of serve beside a cluster: two workers and an API on PostgreSQL
// and a Temporal server. Each worker is killed in turn while leads come in, and
// the other goes on: nothing is lost, no deal is doubled.
func TestAClusterOutlivesItsWorkers(t *testing.T) {
	t.Parallel()
	const leads = 120
	temporal, err := engine.Start(t.Context(), engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporal.Stop)
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	cluster := []string{"--temporal", temporal.HostPort(), "--namespace", temporal.Namespace(), "--database", system.StartPostgres(t)}
	workers := []*system.Server{system.StartWorker(t, dir, cluster...), system.StartWorker(t, dir, cluster...)}
	api := system.StartAPI(t, dir, cluster...)

	for i := range leads {
		placeLead(m, fmt.Sprintf("client%d@client.test", i))
	}
	for i, some := range []int{15, 60} {
		system.Eventually(t, 40*time.Second, func() error {
			if n := len(letters.Messages()); n < some {
				return fmt.Errorf("%d letters", n)
			}
			return nil
		})
		workers[i].Kill9()
		if i == 0 {
			workers[0].Restart()
		}
	}
	awaitDeals(t, api, 60*time.Second, leads)
	system.Eventually(t, 60*time.Second, func() error {
		if n := len(copies(t, letters)); n != leads {
			return fmt.Errorf("%d of %d clients got a letter", n, leads)
		}
		return nil
	})
	system.Eventually(t, 30*time.Second, func() error { return acknowledged(t, api, letters, 2) })

	d := deals(t, api)[0]
	if status := api.Call("POST", "/api/v1/deals/"+d.ID+"/tasks/first-call/complete", map[string]any{"fields": map[string]any{"need": "six chairs"}}, nil); status != 200 {
		t.Errorf("finishing a task answers %d", status)
	}
}

// A worker that hangs is given up and comes back as if nothing had happened:
// what it was about, another has done meanwhile.
func TestAClusterOutlivesAWorkerThatHangs(t *testing.T) {
	const leads = 120
	temporal, err := engine.Start(t.Context(), engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporal.Stop)
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	cluster := []string{"--temporal", temporal.HostPort(), "--namespace", temporal.Namespace(), "--database", system.StartPostgres(t)}
	// Alone at first, so that it has the mailbox and the outbox.
	hangs := system.StartWorker(t, dir, cluster...)
	api := system.StartAPI(t, dir, cluster...)
	for i := range leads {
		placeLead(m, fmt.Sprintf("client%d@client.test", i))
	}
	system.Eventually(t, 40*time.Second, func() error {
		if n := len(letters.Messages()); n < 15 {
			return fmt.Errorf("%d letters", n)
		}
		return nil
	})
	hangs.Freeze()
	system.StartWorker(t, dir, cluster...)
	system.Eventually(t, 60*time.Second, func() error {
		if n := len(copies(t, letters)); n < 60 {
			return fmt.Errorf("the other worker has brought the letters to %d of %d", n, leads)
		}
		return nil
	})
	hangs.Thaw()
	awaitDeals(t, api, 60*time.Second, leads)
	system.Eventually(t, 60*time.Second, func() error {
		if n := len(copies(t, letters)); n < leads {
			return fmt.Errorf("%d of %d clients got a letter", n, leads)
		}
		return nil
	})
	system.Eventually(t, 30*time.Second, func() error { return acknowledged(t, api, letters, 1) })
}
