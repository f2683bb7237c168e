package inbox

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// mailOf makes a message from headers, one a line, and a text.
func mailOf(t *testing.T, headers, text string) *Message {
	t.Helper()
	if !strings.Contains("\n"+headers, "\nTo: ") {
		headers = "To: sales@crm.test\n" + headers
	}
	m, err := Parse([]byte(strings.TrimSpace(headers) + "\n\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func classified(t *testing.T, m *Message, cfg Config, index Index) Verdict {
	t.Helper()
	v, err := Classify(context.Background(), m, cfg, index)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// oneDeal is the memory of a company with one deal, opened by ann@client.test with the subject "Windows".
func oneDeal(status string, last time.Time) *memory {
	x := newMemory()
	x.deals["d1"] = &Deal{ID: "d1", Status: status, Participants: []string{"ann@client.test"}, Subjects: []string{"Windows"}, LastActivity: last}
	x.order = []string{"d1"}
	x.letters = []letter{{id: "1", messageID: "<first@client.test>", deal: "d1"}, {id: "ack", messageID: "<ack@crm.test>", deal: "d1", ours: true}}
	return x
}

func TestThreading(t *testing.T) {
	secret := []byte("secret")
	token := Token(secret, "d1")
	for _, c := range []struct {
		name    string
		headers string
		change  func(*Config)
		status  string
		last    time.Time
		outcome Outcome
		rule    string
		deal    string
		linked  string
	}{
		{name: "answer to our letter", headers: "From: ann@client.test\nIn-Reply-To: <ack@crm.test>", outcome: Reply, rule: "reply.thread", deal: "d1"},
		{name: "colleague of the client", headers: "From: bob@client.test\nReferences: <ack@crm.test>", outcome: Reply, rule: "reply.thread", deal: "d1"},
		{name: "stranger", headers: "From: eve@elsewhere.test\nReferences: <ack@crm.test>", outcome: Lead, rule: "lead", linked: "d1"},
		{name: "stranger with a token", headers: "From: eve@elsewhere.test\nCc: sales+" + token + "@crm.test", outcome: Lead, rule: "lead", linked: "d1"},
		{name: "token in upper case", headers: "From: ann@client.test\nSubject: other\nCc: SALES+" + strings.ToUpper(token) + "@crm.test", outcome: Reply, rule: "reply.thread", deal: "d1"},
		{name: "token in a Message-ID", headers: "From: bob@client.test\nIn-Reply-To: <x." + token + "@crm.test>", outcome: Reply, rule: "reply.thread", deal: "d1"},
		{name: "forged token", headers: "From: bob@client.test\nCc: sales+dw.d1.aaaaaaaaaaaa@crm.test", outcome: Lead, rule: "lead"},
		{name: "same subject", headers: "From: ann@client.test\nSubject: Re: windows", last: noon.AddDate(0, 0, -80), outcome: Reply, rule: "reply.subject", deal: "d1"},
		{name: "same subject too late", headers: "From: ann@client.test\nSubject: Re: windows", last: noon.AddDate(0, 0, -100), change: func(c *Config) { c.KnownSender = "new_deal" }, outcome: Lead, rule: "lead"},
		{name: "other subject", headers: "From: ann@client.test\nSubject: Doors", outcome: Reply, rule: "reply.known_sender", deal: "d1"},
		{name: "other subject, a deal of its own", headers: "From: ann@client.test\nSubject: Doors", change: func(c *Config) { c.KnownSender = "new_deal" }, outcome: Lead, rule: "lead"},
		{name: "re-order is no answer", headers: "From: ann@client.test\nSubject: Re-windows", change: func(c *Config) { c.KnownSender = "new_deal" }, outcome: Lead, rule: "lead"},
		{name: "lost deal", headers: "From: ann@client.test\nIn-Reply-To: <ack@crm.test>", status: "lost", outcome: Reply, rule: "reply.thread", deal: "d1"},
		{name: "automatic answer about a lost deal", headers: "From: ann@client.test\nSubject: Automatic reply: hello", status: "lost", outcome: AutoReply, rule: "auto_reply.subject", deal: "d1"},
		{name: "lost deal, new deal", headers: "From: ann@client.test\nIn-Reply-To: <ack@crm.test>", status: "lost", change: func(c *Config) { c.ReplyToLost = "new_deal" }, outcome: Lead, rule: "lead", linked: "d1"},
		{name: "reply marked as spam", headers: "From: ann@client.test\nIn-Reply-To: <ack@crm.test>\nX-Spam-Flag: YES", outcome: Reply, rule: "reply.thread", deal: "d1"},
		{name: "accepted invitation", headers: "From: ann@client.test\nSubject: Accepted: visit\nContent-Type: text/calendar; method=REPLY", outcome: Reply, rule: "reply.subject", deal: "d1"},
		{name: "read receipt of a colleague of the client", headers: "From: bob@client.test\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <ack@crm.test>", outcome: AutoReply, rule: "auto_reply.receipt", deal: "d1"},
		{name: "own domain shared is not taking part", headers: "From: rep@crm.test\nSubject: note", outcome: Lead, rule: "lead"},
		{name: "member of staff elsewhere", headers: "From: free@lancer.test\nTo: ann@client.test\nCc: sales@crm.test\nSubject: Re: Windows", change: func(c *Config) { c.Staff = []string{"Free <free@lancer.test>"} }, outcome: Reply, rule: "reply.outbound", deal: "d1"},
		{name: "copy of a colleague's letter to others", headers: "From: rep@crm.test\nTo: new@prospect.test\nCc: sales@crm.test\nSubject: hello", outcome: Ignored, rule: "own.copy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Own: []string{"Sales <sales@crm.test>"}, Country: "RU", Secret: secret, Now: noon}
			if c.change != nil {
				c.change(&cfg)
			}
			status, last := c.status, c.last
			if status == "" {
				status = "open"
			}
			if last.IsZero() {
				last = noon
			}
			v := classified(t, mailOf(t, c.headers, "Hello"), cfg, oneDeal(status, last))
			if v.Outcome != c.outcome || v.Rule != c.rule || v.DealID != c.deal || v.LinkedDeal != c.linked {
				t.Errorf("got %s by %s, deal %q, linked %q; want %s by %s, deal %q, linked %q", v.Outcome, v.Rule, v.DealID, v.LinkedDeal, c.outcome, c.rule, c.deal, c.linked)
			}
		})
	}
}

func TestCaptureRules(t *testing.T) {
	subjectHas := func(word string) func(*Message) (bool, error) {
		return func(m *Message) (bool, error) { return strings.Contains(m.Subject, word), nil }
	}
	cfg := Config{Own: []string{"sales@crm.test"}, Country: "RU", Rules: []Rule{
		{Name: "broken", As: "ignore", Match: func(*Message) (bool, error) { return true, errors.New("no such key") }},
		{Name: "cv", As: "ignore", Match: subjectHas("CV")},
		{
			Name: "form", As: "lead", Match: subjectHas("Form"),
			Fields:  map[string]*regexp.Regexp{"budget": regexp.MustCompile(`Sum:\s*([\d ]+)`), "absent": regexp.MustCompile(`Absent: (.*)`)},
			Contact: map[string]*regexp.Regexp{"name": regexp.MustCompile(`Who:\s*(.+)`), "phone": regexp.MustCompile(`Call:\s*(.+)`), "email": regexp.MustCompile(`Box:\s*(\S+)`)},
		},
		{Name: "second", As: "ignore", Match: subjectHas("Form")},
	}}
	text := "Who: Ann\nCall: 8 916 555 01 99\nBox: <Ann@Client.test>\nSum: 5 000\n"

	v := classified(t, mailOf(t, "From: form@site.test\nSubject: Form\nList-Unsubscribe: <x:y>", text), cfg, newMemory())
	if v.Outcome != Lead || v.Rule != "capture:form" || v.Contact != (Contact{"Ann", "ann@client.test", "+79165550199"}) || !v.Answer {
		t.Errorf("got %s by %s, %+v, answer %v", v.Outcome, v.Rule, v.Contact, v.Answer)
	}
	if len(v.Fields) != 1 || v.Fields["budget"] != "5 000" {
		t.Errorf("fields %q", v.Fields)
	}
	if len(v.Warnings) != 1 || !strings.Contains(v.Warnings[0], `"broken": no such key`) {
		t.Errorf("warnings %q", v.Warnings)
	}
	if v := classified(t, mailOf(t, "From: ann@client.test\nSubject: CV", "me"), cfg, newMemory()); v.Outcome != Ignored || v.Rule != "capture:cv" {
		t.Errorf("got %s by %s", v.Outcome, v.Rule)
	}
	if v := classified(t, mailOf(t, "From: ann@client.test\nSubject: Form", text[:9]), cfg, newMemory()); v.Contact.Email != "" || v.Answer {
		t.Errorf("the form's own address is answered: %+v", v.Contact)
	}
}

// failing answers every question with an error.
type failing struct{ *memory }

func (failing) Message(context.Context, string, string, string) (Seen, bool, error) {
	return Seen{}, false, errors.New("disk full")
}

func TestIndexFailure(t *testing.T) {
	_, err := Classify(context.Background(), mailOf(t, "From: a@b.test\nMessage-ID: <m@b.test>", "x"), Config{}, failing{newMemory()})
	if err == nil || !strings.Contains(err.Error(), "<m@b.test>") || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

// TestAutomaticSigns holds one sign each, and the look-alikes that are people.
func TestAutomaticSigns(t *testing.T) {
	for _, c := range []struct {
		headers string
		outcome Outcome
	}{
		{"Subject: Автоматический ответ: Окна", AutoReply},
		{"Subject: Re: Автоответ: Окна", AutoReply},
		{"Subject: Respuesta automática: Ventanas", AutoReply},
		{"Subject: Risposta automatica: finestre", AutoReply},
		{"Subject: Odpowiedź automatyczna: okna", AutoReply},
		{"Subject: Автоматична відповідь: вікна", AutoReply},
		{"Subject: Out of Office Re: windows", AutoReply},
		{"Subject: Out of office: back Monday", AutoReply},
		{"Subject: Out of office furniture", Lead},
		{"Subject: Автоответчик для офиса", Lead},
		{"Subject: Vacation: Italy", Lead},
		{"Subject: x\nX-Auto-Response-Suppress: All", Lead},
		{"Subject: x\nX-Autorespond: windows", AutoReply},
		{"Subject: x\nX-Auto-Reply-From: a@b.test", AutoReply},
		{"Subject: x\nX-Mailer: vacation 1.2", AutoReply},
		{"Subject: x\nX-Mailer: Roundcube", Lead},
		{"Subject: x\nPreference: auto_reply", AutoReply},
		{"Subject: x\nAuto-Submitted: no", Lead},
		{"Subject: x\nAuto-Submitted: auto-generated", Ignored},
		{"Subject: Re: x\nAuto-Submitted: auto-generated", AutoReply},
		{"Subject: x\nPrecedence: bulk", Ignored},
		{"Subject: x\nPrecedence: bulk\nIn-Reply-To: <a@b.test>", AutoReply},
		{"Subject: x\nReturn-Path: <>", AutoReply},
		{"Subject: x\nReturn-Path: <bounce@b.test>", Lead},
		{"Subject: Undeliverable: my parcel", Lead},
		{"Subject: [SPAM] x", Ignored},
		{"Subject: Spam filter wanted", Lead},
		{"Subject: x\nX-Loop: sales@crm.test", Ignored},
		{"Subject: x\nX-Loop: other@b.test", Lead},
	} {
		t.Run(c.headers, func(t *testing.T) {
			v := classified(t, mailOf(t, "From: Ann <ann@client.test>\n"+c.headers, "Hello, this is me."), corpusConfig(), newMemory())
			if v.Outcome != c.outcome {
				t.Errorf("got %s by %s; want %s", v.Outcome, v.Rule, c.outcome)
			}
		})
	}
}
