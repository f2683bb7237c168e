package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dealwright/dealwright/store"
)

// mailMetrics shows how mailboxes and outboxes stand when it is asked; the
// store knows, whichever process reads and sends.
type mailMetrics struct {
	store *store.Store
	log   *slog.Logger

	up, contact, lag, unaccounted, checked, shared, queued, oldest, held *prometheus.Desc
}

func newMailMetrics(s *store.Store, log *slog.Logger) *mailMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("dealwright_"+name, help, labels, nil)
	}
	return &mailMetrics{
		store: s, log: log,
		up:          desc("mailbox_up", "1 while the mailbox is read, 0 while it is in trouble.", "company", "mailbox", "state"),
		contact:     desc("mailbox_last_contact_timestamp_seconds", "When the mail server last answered.", "company", "mailbox"),
		lag:         desc("mailbox_lag_seconds", "How long the oldest unread message has waited.", "company", "mailbox"),
		unaccounted: desc("mailbox_unaccounted", "Messages without an outcome and deals without their message, at the last comparison.", "company", "mailbox"),
		checked:     desc("mailbox_checked_timestamp_seconds", "When the mailbox was last compared with the ledger.", "company", "mailbox"),
		shared:      desc("mailbox_shared", "1 while another server reads the mailbox too, as far as was noticed within a day.", "company", "mailbox"),
		queued:      desc("outbox_queued", "Letters and notices that wait to be sent.", "company"),
		oldest:      desc("outbox_oldest_timestamp_seconds", "When the longest waiting one was decided.", "company"),
		held:        desc("outbox_held", "1 while the outbox waits for a fault to be mended.", "company"),
	}
}

// Describe implements prometheus.Collector.
func (m *mailMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.up, m.contact, m.lag, m.unaccounted, m.checked, m.shared, m.queued, m.oldest, m.held} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *mailMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	boxes, err := m.store.Mailboxes(ctx)
	if err != nil {
		m.log.Warn("mailboxes are missing in the metrics", "error", err)
	}
	for _, b := range boxes {
		state, up := b.State, 0.0
		switch state {
		case "":
			state = "starting"
		case "reading":
			up = 1
		}
		gauge(m.up, up, b.Company, b.ID, state)
		gauge(m.lag, b.Lag.Seconds(), b.Company, b.ID)
		gauge(m.unaccounted, float64(b.Unaccounted), b.Company, b.ID)
		shared := 0.0
		if b.IsShared(time.Now()) {
			shared = 1
		}
		gauge(m.shared, shared, b.Company, b.ID)
		if !b.LastContact.IsZero() {
			gauge(m.contact, seconds(b.LastContact), b.Company, b.ID)
		}
		if !b.CheckedAt.IsZero() {
			gauge(m.checked, seconds(b.CheckedAt), b.Company, b.ID)
		}
	}
	queues, err := m.store.Queues(ctx)
	if err != nil {
		m.log.Warn("outboxes are missing in the metrics", "error", err)
	}
	for _, q := range queues {
		gauge(m.queued, float64(q.Queued+q.Sending), q.Account)
		if !q.Oldest.IsZero() {
			gauge(m.oldest, seconds(q.Oldest), q.Account)
		}
	}
	holds, err := m.store.HeldAccounts(ctx)
	if err != nil {
		m.log.Warn("held outboxes are missing in the metrics", "error", err)
	}
	for _, h := range holds {
		gauge(m.held, 1, h.Account)
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
