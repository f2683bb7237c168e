//go:build system

package system_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
)

// A thousand leads come in while everything fails that can: the server is killed every few seconds, half the time at the worst
// moment there is, when a letter has been taken and its sender has not heard so; Dovecot is restarted; connections are cut, also
// in the middle of a message, fall silent and are forgotten; and the receiver answers one transaction in five by 451 or by a
// dropped connection. Nothing is lost, no deal is doubled, what comes twice says so, and reconcile proves it; then it finds
// whatever is spoilt behind its back.
func TestFaultsLoseAndDoubleNothing(t *testing.T) {
	const leads, rounds = 1000, 20
	r := startFaultRun(t)
	began := time.Now()
	faults := []func(){
		r.killAtALetter, r.cut, r.kill, r.restartDovecot, r.killAtALetter, r.stall, r.cutInTheMiddle, r.forgetAndKill,
	}
	for round := range rounds {
		r.deliver(leads / rounds)
		faults[round%len(faults)]()
		r.progress(leads / rounds)
	}
	r.m.Drain()
	awaitDeals(t, r.s, time.Minute, leads)
	r.letters.Script()
	system.Eventually(t, time.Minute, func() error {
		if n := answered(r.letters); n < leads-r.cuts {
			return fmt.Errorf("%d of %d clients got a letter", n, leads)
		}
		return nil
	})
	awaitOutbox(t, r.s, time.Minute, "sending", "")
	broken := r.kills + r.cuts + r.letters.Dropped()
	t.Logf("after %s: %d kills, %d cut connections and %d dropped ones of the sender's", time.Since(began).Round(time.Second), r.kills, r.cuts, r.letters.Dropped())
	system.Eventually(t, time.Minute, func() error { return acknowledged(t, r.s, r.letters, broken) })
	if left := len(r.m.Inbox("sales@crm.test")); left > 0 {
		t.Errorf("%d messages are not in the archive", left)
	}
	reconcileFinds(t, r.m, r.s, r.dir)
}

// faultRun is a server with a proxy to each of its mail servers.
type faultRun struct {
	t          *testing.T
	m          *system.Mail
	s          *system.Server
	dir        string
	imap, smtp *system.Proxy
	letters    *smtptest.Server
	armed      atomic.Bool
	killed     chan struct{}

	delivered, kills int
	cuts             int // connections of the sender's that the proxy has cut
}

func startFaultRun(t *testing.T) *faultRun {
	t.Helper()
	r := &faultRun{t: t, m: system.StartMail(t), killed: make(chan struct{}, 1)}
	r.letters = receiver(t, "127.0.0.1:0")
	t.Cleanup(r.letters.Close)
	r.m.AddUser("sales@crm.test", mailPassword)
	r.imap, r.smtp = system.StartProxy(t, r.m.IMAPAddr("none")), system.StartProxy(t, r.letters.Addr())
	r.dir = writeCompany(t, r.imap.Addr(), r.smtp.Addr(), "none", "    process: sales\n", "    process: sales\n    archive: Captured\n")
	r.letters.Script(
		smtptest.Rule{At: smtptest.AtRcpt, Code: 451, Every: 20},
		smtptest.Rule{At: smtptest.AtEnd, Code: 451, Every: 20, Skip: 3},
		smtptest.Rule{At: smtptest.AtEnd, Drop: true, Keep: true, Every: 20, Skip: 7},
		smtptest.Rule{At: smtptest.AtEnd, Drop: true, Every: 20, Skip: 13, Once: true},
	)
	r.s = system.StartServer(t, r.dir)
	r.letters.OnMessage(func(smtptest.Received) {
		if r.armed.CompareAndSwap(true, false) {
			r.s.Kill9()
			r.killed <- struct{}{}
		}
	})
	return r
}

// deliver brings leads of as many clients, one in four of them through Postfix.
func (r *faultRun) deliver(leads int) {
	r.t.Helper()
	for range leads {
		i := r.delivered
		from := fmt.Sprintf("client%d@client.test", i)
		raw := mailFrom(from, fmt.Sprintf("Question %d", i), fmt.Sprintf("lead-%d@client.test", i), "How much is a kitchen?")
		if i%4 > 0 {
			r.m.Place("sales@crm.test", raw)
		} else if err := r.m.Deliver(from, "sales@crm.test", raw); err != nil {
			r.t.Fatal(err)
		}
		r.delivered++
	}
}

// progress waits until all but so many clients have their letter, or a few seconds have passed.
func (r *faultRun) progress(but int) {
	late := time.After(4 * time.Second)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for answered(r.letters) < r.delivered-but {
		select {
		case <-late:
			return
		case <-again.C:
		}
	}
}

func (r *faultRun) kill() {
	r.s.Kill9()
	r.restart()
}

func (r *faultRun) restart() {
	r.t.Helper()
	r.kills++
	r.s.Restart()
}

// killAtALetter kills the server when the receiver has taken a letter and not said so yet.
func (r *faultRun) killAtALetter() {
	r.t.Helper()
	r.armed.Store(true)
	select {
	case <-r.killed:
	case <-time.After(10 * time.Second):
		if r.armed.CompareAndSwap(true, false) {
			r.s.Kill9()
		} else {
			<-r.killed
		}
	}
	r.restart()
}

func (r *faultRun) cut() {
	r.imap.Cut()
	r.cuts += r.smtp.Cut()
}

// cutInTheMiddle lets each connection to the mailbox say so much and no more, as often as it is made anew.
func (r *faultRun) cutInTheMiddle() {
	r.imap.CutAfter(6000)
	r.imap.Cut()
	r.progress(r.delivered / 50)
	r.imap.CutAfter(0)
}

func (r *faultRun) restartDovecot() {
	r.t.Helper()
	r.m.StopIMAP()
	r.m.StartIMAP()
}

func (r *faultRun) stall() {
	r.imap.Stall()
	r.smtp.Stall()
	<-time.After(2 * time.Second) // the silence itself
	r.imap.Resume()
	r.smtp.Resume()
}

// forgetAndKill leaves the server with connections that lead nowhere; that it finds out by itself is tried elsewhere.
func (r *faultRun) forgetAndKill() {
	r.t.Helper()
	r.imap.Forget()
	r.smtp.Forget()
	r.progress(0)
	r.kill()
}
