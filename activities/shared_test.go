package activities

import (
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/inbox/imap"
)

// A second server on the mailbox is noticed by its mark on a message that is
// new here, and by answers to letters that it sent; then a person is told, once.
func TestSecondServerIsSaid(t *testing.T) {
	const other = imap.MarkPrefix + "0badcafe"
	lead := func(w *world) { w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen") }
	for _, c := range []struct {
		name string
		see  func(w *world)
		said string
	}{
		{"nothing", lead, ""},
		{"another's mark", func(w *world) { lead(w); w.in.marked(w.t.Context(), w.uid, []string{other}) }, other},
		{"the own mark", func(w *world) { lead(w); w.in.marked(w.t.Context(), w.uid, []string{mark(w.in.secret)}) }, "copy of this one's data"},
		{"a mark on a message that was moved here", func(w *world) {
			for range 2 {
				w.mail("From: petr@client.test\nSubject: Kitchen\nMessage-ID: <1@client.test>", "A kitchen")
			}
			w.in.marked(w.t.Context(), w.uid, []string{other, mark(w.in.secret)})
		}, ""},
		{"an answer to its letter", func(w *world) {
			w.mail("From: petr@client.test\nSubject: Re: Hello\nIn-Reply-To: <1."+inbox.Token([]byte("another"), "d1")+"@acme.test>", "Yes")
		}, "answers a letter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "")
			for range 2 {
				c.see(w)
			}
			box, err := w.a.Store.Mailbox(t.Context(), w.in.key)
			if err != nil {
				t.Fatal(err)
			}
			if box.IsShared(time.Now()) != (c.said != "") || !strings.Contains(box.Shared, c.said) {
				t.Errorf("the mailbox says %q, want %q", box.Shared, c.said)
			}
			w.later()
			told := strings.Join(w.send("anna@acme.test"), "\n")
			if n := strings.Count(told, "Subject: [Acme] Another server"); (n == 1) != (c.said != "") || n > 1 {
				t.Errorf("the manager is told %d times:\n%s", n, told)
			}
		})
	}
}
