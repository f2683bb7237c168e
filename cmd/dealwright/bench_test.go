package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	_ "modernc.org/sqlite"

	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/worker"
	"github.com/dealwright/dealwright/worker/engine"
)

// leads is how many a run of the benchmark takes.
const leads = 1000

// BenchmarkLeads measures from 1,000 messages in the mailbox to 1,000
// acknowledgements accepted by the receiver, with the staff told of each lead
// and without, beside two floors of the same run: the mail alone, which is
// 1,000 messages fetched over one connection and 1,000 letters of the same
// bytes sent over another; and, besides, 1,000 bare workflows on the same
// engine that each commit one row.
func BenchmarkLeads(b *testing.B) {
	for _, told := range []bool{true, false} {
		name := "staff-not-told"
		if told {
			name = "staff-told"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				benchmarkLeads(b, told)
			}
		})
	}
}

func benchmarkLeads(b *testing.B, told bool) {
	b.Helper()
	s := newStand(b, 1)
	if !told {
		s.companies[0].Notices.Tell = nil
	}
	for i := range leads {
		s.lead(b, i)
	}
	var letters atomic.Int64
	s.receiver.OnMessage(func(m smtptest.Received) {
		if strings.HasSuffix(m.To[0], "@client.test") {
			letters.Add(1)
		}
	})
	cpu, started := cpuTime(), time.Now()
	s.start(b)
	await(b, 5*time.Minute, "all acknowledgements", func() bool { return letters.Load() >= leads })
	took, spent := time.Since(started), cpuTime()-cpu
	notices := len(s.receiver.Messages()) - int(letters.Load())
	raw := s.receiver.Messages()[0].Raw
	mail := mailFloor(b, s.box.Port(), raw)
	s.close()
	floor, floorCPU := floor(b, raw)
	b.ReportMetric(leads/took.Seconds(), "leads/s")
	b.ReportMetric(float64(spent.Milliseconds())/leads, "cpu-ms/lead")
	b.ReportMetric(float64(notices), "mails-to-staff")
	b.ReportMetric(leads/mail.Seconds(), "mail-floor-leads/s")
	b.ReportMetric(mail.Seconds()/took.Seconds(), "of-mail-floor")
	b.ReportMetric(leads/floor.Seconds(), "floor-leads/s")
	b.ReportMetric(float64(floorCPU.Milliseconds())/leads, "floor-cpu-ms/lead")
	b.ReportMetric(floor.Seconds()/took.Seconds(), "of-floor")
}

// mailFloor fetches what the mailbox holds and sends as many letters, and does
// nothing else.
func mailFloor(b *testing.B, port int, letter []byte) time.Duration {
	b.Helper()
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer receiver.Close()
	sender := outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: receiver.Port(), TLS: outbox.NoTLS})
	defer sender.Close()
	started := time.Now()
	client, err := imapclient.DialInsecure(fmt.Sprintf("127.0.0.1:%d", port), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	if err := client.Login("sales", "secret").Wait(); err != nil {
		b.Fatal(err)
	}
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		b.Fatal(err)
	}
	body := &imap.FetchItemBodySection{Peek: true}
	fetched, err := client.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{body}}).Collect()
	if err != nil || len(fetched) != leads {
		b.Fatalf("mail floor: %d messages, %v", len(fetched), err)
	}
	for range fetched {
		if r := sender.Send(b.Context(), "sales@shop.test", "client@client.test", letter); r.Status != outbox.Sent {
			b.Fatalf("mail floor: %+v", r)
		}
	}
	return time.Since(started)
}

func floor(b *testing.B, raw []byte) (took, cpu time.Duration) {
	b.Helper()
	dir := b.TempDir()
	e, err := engine.Start(b.Context(), engine.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Stop()
	c, err := worker.Connect(b.Context(), e.HostPort(), e.Namespace(), newStand(b, 1).logger)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE rows (id TEXT PRIMARY KEY)`); err != nil {
		b.Fatal(err)
	}
	w := sdk.New(c, "floor", sdk.Options{})
	w.RegisterActivityWithOptions(func(_ context.Context, id string) error {
		_, err := db.Exec(`INSERT INTO rows (id) VALUES (?) ON CONFLICT DO NOTHING`, id)
		return err
	}, activity.RegisterOptions{Name: "commit"})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context, id string) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second, ScheduleToCloseTimeout: time.Hour})
		return workflow.ExecuteLocalActivity(ctx, "commit", id).Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "bare"})
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer receiver.Close()

	before, started := cpuTime(), time.Now()
	var next, failed atomic.Int64
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for n := next.Add(1); n <= leads; n = next.Add(1) {
				run, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{ID: fmt.Sprint("floor-", n), TaskQueue: "floor", EnableEagerStart: true}, "bare", fmt.Sprint(n))
				if err != nil || run.Get(b.Context(), nil) != nil {
					failed.Add(1)
				}
			}
		}()
	}
	sender := outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: receiver.Port(), TLS: outbox.NoTLS})
	defer sender.Close()
	for range leads {
		if r := sender.Send(b.Context(), "sales@shop.test", "client@client.test", raw); r.Status != outbox.Sent {
			b.Fatalf("floor: %+v", r)
		}
	}
	for range 8 {
		<-done
	}
	if failed.Load() > 0 {
		b.Fatalf("floor: %d workflows failed", failed.Load())
	}
	return time.Since(started), cpuTime() - before
}

// cpuTime is what this process has used, in user and system mode.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
