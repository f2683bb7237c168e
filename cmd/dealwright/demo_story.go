package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/dealwright/dealwright/demo"
	"github.com/dealwright/dealwright/store"
)

// quiet shows only what a watcher of the demonstration must know.
func quiet(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// character is a client in the account of what happens.
type character struct {
	name string
	main bool // everything is told of them; of others, how it ended
}

// tell follows the timelines of all deals and tells them as they grow.
func (a *app) tell(ctx context.Context, say func(string, ...any)) {
	if !a.awaitStart(ctx) {
		return
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	clients := map[string]character{}
	last := a.told
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		events, err := a.store.EventsAfter(ctx, last, 100)
		if err != nil {
			continue
		}
		for _, e := range events {
			last = e.ID
			if line := a.story(ctx, clients, e); line != "" {
				say("%s  %s", e.At.In(a.companies[0].Calendar.Location()).Format("02.01 15:04"), line)
			}
		}
	}
}

// story is one line of the account; "" for what is of no interest here.
func (a *app) story(ctx context.Context, clients map[string]character, e store.EventRow) string {
	p := a.companies[0].Processes[0]
	stage := func(id any) string {
		if st := p.Stage(fmt.Sprint(id)); st != nil {
			return st.Name
		}
		return fmt.Sprint(id)
	}
	client, known := clients[e.DealID]
	if !known {
		row, err := a.store.Deal(ctx, e.DealID)
		if err != nil {
			return ""
		}
		client.name = row.State.Contact.Name
		client.main = slices.ContainsFunc(demo.Clients, func(c demo.Client) bool { return c.Email == row.State.Contact.Email })
		clients[e.DealID] = client
	}
	if !client.main && e.Type != "won" && e.Type != "lost" {
		return ""
	}
	who := client.name
	switch e.Type {
	case "opened":
		return fmt.Sprintf("%s: лид стал сделкой %s", who, e.DealID)
	case "assigned":
		return fmt.Sprintf("%s: ответственный — %v", who, e.Data["to"])
	case "stage_entered":
		return fmt.Sprintf("%s: этап «%s»", who, stage(e.Data["to"]))
	case "task_opened":
		return fmt.Sprintf("%s: задача «%v»", who, e.Data["name"])
	case "task_overdue":
		return fmt.Sprintf("%s: просрочена задача «%v»", who, e.Data["name"])
	case "mail_sent":
		return fmt.Sprintf("%s: отправлено письмо «%v»", who, e.Data["subject"])
	case "mail_received":
		return fmt.Sprintf("%s: пришло письмо «%v»", who, e.Data["subject"])
	case "stalled":
		return fmt.Sprintf("%s: сделка застряла", who)
	case "progressed":
		return fmt.Sprintf("%s: сделка снова движется", who)
	case "escalated":
		return fmt.Sprintf("%s: эскалация, уровень %v", who, e.Data["level"])
	case "notified":
		return fmt.Sprintf("%s: сообщили %v", who, e.Data["to"])
	case "lost":
		return fmt.Sprintf("%s: сделка потеряна (%v)", who, e.Data["reason"])
	case "won":
		return fmt.Sprintf("%s: сделка выиграна", who)
	}
	return ""
}
