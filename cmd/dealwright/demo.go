package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/demo"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/simulate"
)

// demoCompany is the shipped company that the demonstration runs.
const demoCompany = "retail-kitchen"

// demoPassword is the environment variable of the demo mailbox's password.
const demoPassword = "DEALWRIGHT_DEMO_PASSWORD"

func demoCommand() *cobra.Command {
	s := settings{log: "text"}
	var exitAfter time.Duration
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show everything in one process, with nothing to set up",
		Long: "Run a shipped company in one process: Temporal in memory, and, as parts of the demonstration only, a\n" +
			"mailbox, a mail receiver, clients who write and people who do their tasks, or forget them. One client\n" +
			"answers; one stays silent until the deal is escalated and lost. What happens to the first clients, and\n" +
			"which deals are won or lost, is told on the terminal; the company's last four months are on the dashboard.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if exitAfter > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, exitAfter)
				defer cancel()
			}
			return runDemo(ctx, s, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.Flags().Float64Var(&s.speed, "speed", 8640, "how much faster deal time runs than the clock on the wall; 8640 is a day in ten seconds")
	c.Flags().DurationVar(&exitAfter, "exit-after", 0, "end by itself after this time, such as 60s; 0 runs until interrupted")
	c.Flags().StringVar(&s.listen, "listen", "127.0.0.1:8080", "address of the API; port 0 takes a free one")
	return c
}

func runDemo(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	a, err := newApp(s, stderr)
	if err != nil {
		return err
	}
	defer a.close()
	a.logger = quiet(stderr)
	say := teller(stdout)
	world, err := a.stage(say)
	if err != nil {
		return err
	}
	listener, err := listenOn(ctx, a.listen)
	if err != nil {
		return err
	}
	company := a.companies[0]
	say("Dealwright: демонстрация. Компания «%s», процесс «%s».", company.Name, company.Processes[0].Name)
	say("Почтовый ящик, приёмник писем и клиенты — части демонстрации; день проходит за %.0f секунд.", 86400/s.speed)
	base := "http://" + listener.Addr().String()
	say("Откройте %s/ или смотрите сами:\n\n  curl -s '%s/api/v1/deals'\n  curl -s '%s/api/v1/deals?stalled=true'\n  curl -s '%s/api/v1/companies/%s/messages'\n  curl -s '%s/readyz'\n", base, base, base, base, company.ID, base)

	playing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { a.play(playing, world, say) })
	wg.Go(func() { a.tell(playing, say) })
	wg.Go(func() { a.work(playing) })
	err = a.serve(ctx, listener)
	stop()
	wg.Wait()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		say("Время вышло, демонстрация закончена.")
	}
	return err
}

// stage sets up the company, the demo's own mail servers and the data folder.
func (a *app) stage(say func(string, ...any)) (*demo.World, error) {
	files, err := fs.Sub(library.FS, demoCompany)
	if err != nil {
		return nil, err
	}
	company, found := definitions.LoadFS(files, demoCompany)
	if company == nil {
		return nil, fmt.Errorf("the shipped company is at fault: %v", found)
	}
	password := rand.Text()
	if err := os.Setenv(demoPassword, password); err != nil {
		return nil, err
	}
	box, err := demo.StartMailbox("sales", password)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() { _ = box.Close() })
	world := &demo.World{Mailbox: box, To: company.From.Email, Say: say}
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo receiver: %w", err)
	}
	receiver.OnMessage(world.Took)
	a.closers = append(a.closers, receiver.Close)
	company.Mailboxes[0].IMAP = definitions.Server{Host: "127.0.0.1", Port: box.Port(), TLS: "none", Username: "sales", Password: definitions.EnvSecret(demoPassword)}
	company.SMTP = &definitions.SMTP{Server: definitions.Server{Host: "127.0.0.1", Port: receiver.Port(), TLS: "none"}}
	a.companies = []*definitions.Company{company}
	if a.data, err = os.MkdirTemp("", "dealwright-demo-"); err != nil {
		return nil, err
	}
	a.closers = append([]func(){func() { _ = os.RemoveAll(a.data) }}, a.closers...)
	// It begins in business hours, so that there is something to see at night too.
	a.begin = company.Calendar.NextOpen
	settings, found := simulate.LoadFS(files, company)
	if found.HasErrors() {
		return nil, fmt.Errorf("the shipped company is at fault: %v", found)
	}
	a.past = func(ctx context.Context) error {
		n, err := demo.Past(ctx, a.store, company.Processes[0], settings, a.clock.Now())
		if err != nil {
			return err
		}
		say("За плечами у компании четыре месяца, сделок: %d.\n", n)
		a.told, err = a.store.LastEvent(ctx)
		return err
	}
	return world, nil
}

// work lets the people of the company do their tasks.
func (a *app) work(ctx context.Context) {
	if !a.awaitStart(ctx) {
		return
	}
	changes := activities.Changes{Store: a.store, Deals: a.deals}
	staff := &demo.Staff{Store: a.store, Do: changes.Do, Process: a.companies[0].Processes[0], Now: a.clock.Now}
	staff.Work(ctx)
}

// awaitStart waits until the server works; false: it never will.
func (a *app) awaitStart(ctx context.Context) bool {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !a.started.Load() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// play lets the clients write: those of the story one after the other, and then
// strangers, about one each day and a half.
func (a *app) play(ctx context.Context, world *demo.World, say func(string, ...any)) {
	if !a.awaitStart(ctx) {
		return
	}
	pace := max(time.Duration(float64(36*time.Hour)/a.speed), time.Second)
	for i := 0; ; i++ {
		wait, write := pace, world.Stranger
		if i < len(demo.Clients) {
			wait, write = 6*time.Second, func() demo.Client { return demo.Clients[i] }
		}
		if err := world.Write(write()); err != nil {
			say("!  %v", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func teller(w io.Writer) func(string, ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(w, format+"\n", args...)
	}
}
