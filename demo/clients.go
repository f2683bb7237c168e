package demo

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
)

// Client is somebody who writes to the company.
type Client struct {
	Name, Email, Subject, Text string
	// Answer is what they reply to the first letter they get; "" for the silent.
	Answer string
}

// Clients with whom the demonstration begins: two answer, and one never does.
var Clients = []Client{
	{
		Name: "Мария Белова", Email: "maria@client.test", Subject: "Встраиваемая техника для новой кухни",
		Text:   "Здравствуйте! Делаем кухню, нужны духовой шкаф и варочная панель.\nБюджет около 150 000 рублей.\nМой телефон +7 916 555-01-23.",
		Answer: "Спасибо, что быстро ответили! Завтра после обеда удобно, звоните.",
	},
	{
		Name: "Пётр Молчанов", Email: "petr@client.test", Subject: "Сколько стоит посудомойка?",
		Text: "Добрый день. Интересует встраиваемая посудомоечная машина, 45 см.",
	},
	{
		Name: "Анна Ковалёва", Email: "anna.k@client.test", Subject: "Вытяжка и доставка в область",
		Text:   "Подскажите, есть ли вытяжки под шкаф 60 см и возите ли вы в Тверь?",
		Answer: "Хорошо, жду подборку. Лучше писать на почту.",
	},
}

// World plays the clients: it delivers their enquiries and answers letters for
// those who answer.
type World struct {
	Mailbox *Mailbox
	To      string // the company's address
	Say     func(format string, args ...any)

	mu      sync.Mutex
	waiting map[string]Client // who answers the first letter they get
	count   int               // of strangers
}

// Write delivers a client's enquiry.
func (w *World) Write(c Client) error {
	w.mu.Lock()
	if w.waiting == nil {
		w.waiting = map[string]Client{}
	}
	if c.Answer != "" {
		w.waiting[c.Email] = c
	}
	w.mu.Unlock()
	w.Say("✉  %s пишет: «%s»", c.Name, c.Subject)
	return w.Mailbox.Deliver(w.message(c, c.Subject, c.Text, ""))
}

// strangers are counted from here on, so that none is of the past.
const strangers = 100_000

// Stranger is the next client who was not heard of before; some of them answer.
func (w *World) Stranger() Client {
	w.count++
	n := strangers + w.count
	l := stranger(n)
	c := Client{Name: l.Contact.Name, Email: l.Contact.Email, Subject: l.Subject, Text: l.Text + "\nМой телефон " + l.Contact.Phone}
	if !silent(c.Email) && luck(2, "writes", c.Email) == 0 {
		c.Answer = answer(n)
	}
	return c
}

// Took is told of each message that the receiver took.
func (w *World) Took(m smtptest.Received) {
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil || len(m.To) == 0 {
		return
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		subject = msg.Header.Get("Subject")
	}
	w.mu.Lock()
	c, waits := w.waiting[m.To[0]]
	delete(w.waiting, m.To[0])
	w.mu.Unlock()
	if !waits {
		return
	}
	id := msg.Header.Get("Message-ID")
	// The receiver's goroutine must not wait for the clients' fingers.
	time.AfterFunc(2*time.Second, func() {
		w.Say("✉  %s отвечает: «%s»", c.Name, c.Answer)
		if err := w.Mailbox.Deliver(w.message(c, "Re: "+subject, c.Answer, id)); err != nil {
			w.Say("!  %v", err)
		}
	})
}

func (w *World) message(c Client, subject, text, answers string) []byte {
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	now := time.Now()
	header("From", (&mail.Address{Name: c.Name, Address: c.Email}).String())
	header("To", w.To)
	header("Subject", mime.QEncoding.Encode("utf-8", subject))
	header("Date", now.Format(time.RFC1123Z))
	header("Message-ID", outbox.MessageID(c.Email+subject+now.String(), "client.test"))
	if answers != "" {
		header("In-Reply-To", answers)
		header("References", answers)
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "8bit")
	b.WriteString("\r\n")
	b.WriteString(strings.ReplaceAll(text, "\n", "\r\n"))
	b.WriteString("\r\n")
	return b.Bytes()
}
