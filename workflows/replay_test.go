package workflows_test

import (
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/dealwright/dealwright/workflows"
)

// Histories recorded on the real engine (go test ./cmd/dealwright -run
// Histories -update) must replay for ever: a deal that began a year ago goes on
// with today's code. A new version of a loop gets a new file; old files stay.
func TestRecordedHistoriesReplay(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	replayed := map[string]bool{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := worker.NewWorkflowReplayer()
			r.RegisterWorkflowWithOptions(workflows.Deal, workflow.RegisterOptions{Name: workflows.DealName})
			r.RegisterWorkflowWithOptions(workflows.Mailbox, workflow.RegisterOptions{Name: workflows.MailboxName})
			r.RegisterWorkflowWithOptions(workflows.Outbox, workflow.RegisterOptions{Name: workflows.OutboxName})
			if err := r.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Error(err)
			}
			name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
			replayed[name] = true
		})
	}
	for _, name := range []string{"deal", "mailbox", "outbox"} {
		if !replayed[name] {
			t.Errorf("no recorded history of %s in testdata", name)
		}
	}
}
