package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/workflows"
)

var update = flag.Bool("update", false, "record the histories that the workflows must replay")

// BenchmarkHistory prints what a whole deal costs in Temporal: six stages, six
// finished tasks, three letters, a reply, an escalation, won.
func BenchmarkHistory(b *testing.B) {
	for b.Loop() {
		s := newStand(b, 86400)
		s.start(b)
		h := s.wholeDeal(b)
		b.ReportMetric(float64(len(h.GetEvents())), "events/deal")
		b.ReportMetric(float64(proto.Size(h)), "history-bytes/deal")
		s.close()
	}
}

// TestHistoriesAreRecorded runs a whole deal on the real engine. With -update
// it records the histories that package workflows replays; without, it holds
// the figure that keeps deals cheap.
func TestHistoriesAreRecorded(t *testing.T) {
	s := newStand(t, 86400)
	s.start(t)
	deals := s.wholeDeal(t)
	if n := len(deals.GetEvents()); n > 90 {
		t.Errorf("a whole deal costs %d events of history; it was meant to cost about 70", n)
	}
	for _, text := range []string{"client1", "Enquiry", "I want"} {
		if strings.Contains(deals.String(), text) {
			t.Errorf("the history holds %q: nothing personal may be in it", text)
		}
	}
	if !*update {
		return
	}
	s.record(t, "deal", deals)
	s.record(t, "mailbox", s.history(t, workflows.MailboxID("shop", "sales")))
	s.record(t, "outbox", s.history(t, workflows.OutboxID("shop")))
}

// wholeDeal walks one lead from its mail to won.
func (s *stand) wholeDeal(t testing.TB) *history.History {
	t.Helper()
	s.lead(t, 1)
	var row store.DealRow
	await(t, 30*time.Second, "the deal", func() bool {
		page, err := s.store.Deals(t.Context(), store.Filter{})
		if err != nil || len(page.Items) != 1 || page.Items[0].State.Stage == "" {
			return false
		}
		row = page.Items[0]
		return true
	})
	id := row.State.ID
	await(t, time.Minute, "the escalation", func() bool {
		d, err := s.store.Deal(t.Context(), id)
		return err == nil && d.State.Level > 0
	})
	raw := "From: client1@client.test\r\nTo: sales@shop.test\r\nSubject: Re: Enquiry 1\r\nMessage-ID: <reply@client.test>\r\nIn-Reply-To: " +
		s.letters(t, id)[0].MessageID + "\r\n\r\nI am still there.\r\n"
	if err := s.box.Deliver([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	await(t, 30*time.Second, "the reply", func() bool {
		d, err := s.store.Deal(t.Context(), id)
		return err == nil && !d.State.Stalled()
	})
	changes := activities.Changes{Store: s.store, Deals: s.deals}
	for i := range 6 {
		e := deal.Event{Kind: deal.KindComplete, Actor: "a@shop.test", Task: fmt.Sprint("t", i+1)}
		err := changes.Do(t.Context(), store.Input{ID: store.NewID(), DealID: id, Kind: e.Kind, Event: e})
		if err != nil {
			t.Fatalf("task %d: %v", i+1, err)
		}
	}
	if d, err := s.store.Deal(t.Context(), id); err != nil || d.State.Status != deal.Won {
		t.Fatalf("the deal is not won: %v", err)
	}
	if n := len(s.letters(t, id)); n != 3 {
		t.Fatalf("%d letters, want three", n)
	}
	await(t, 10*time.Second, "the end of the workflow", func() bool {
		d, err := s.client.DescribeWorkflowExecution(t.Context(), workflows.DealID(id), "")
		return err == nil && d.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
	})
	return s.history(t, workflows.DealID(id))
}

func (s *stand) letters(t testing.TB, id string) []store.OutboxRow {
	t.Helper()
	rows, err := s.store.DealOutbox(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var letters []store.OutboxRow
	for _, r := range rows {
		if r.Kind == store.KindLetter {
			letters = append(letters, r)
		}
	}
	return letters
}

func (s *stand) history(t testing.TB, workflow string) *history.History {
	t.Helper()
	h := &history.History{}
	events := s.client.GetWorkflowHistory(t.Context(), workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			t.Fatal(errors.Join(errors.New(workflow), err))
		}
		h.Events = append(h.Events, e)
	}
	return h
}

// identity is where a worker says what machine it runs on.
var identity = regexp.MustCompile(`"identity":\s*"[^"]*"`)

func (s *stand) record(t testing.TB, name string, h *history.History) {
	t.Helper()
	text, err := protojson.MarshalOptions{Indent: " "}.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	text = identity.ReplaceAll(text, []byte(`"identity": "recorded"`))
	dir := filepath.Join("..", "..", "workflows", "testdata")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".json"), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
