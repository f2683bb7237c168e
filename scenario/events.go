package scenario

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// event is one thing that a step does.
type event struct {
	key   string // of the step
	opens bool
	make  func(r *run) deal.Event
}

// events lists what the step does, in the order in which the file has it.
func (k *checker) events(step *Step) {
	type placed struct {
		event
		line, col int
	}
	var all []placed
	add := func(key string, given bool, make func(r *run) deal.Event) {
		if !given {
			return
		}
		line, col := k.file.Place(k.at + "." + key)
		all = append(all, placed{event{key, key == "mail" || key == "open", make}, line, col})
	}
	k.clientEvents(step, add)
	k.staffEvents(step, add)
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Or(a.line-b.line, a.col-b.col) })
	for _, e := range all {
		step.events = append(step.events, e.event)
	}
}

type adder func(key string, given bool, make func(r *run) deal.Event)

// clientEvents are those that come from the client's side.
func (k *checker) clientEvents(step *Step, add adder) {
	if m := step.Mail; m != nil {
		contact := k.from(m)
		k.fields("mail.fields", m.Fields)
		add("mail", true, func(r *run) deal.Event {
			return deal.Event{
				Kind: deal.KindOpen, Actor: "client", Source: "mail", Contact: &contact, Fields: values(m.Fields), Returning: m.Returning,
				Subject: string(m.Subject), Text: string(m.Body), Mail: r.message(contact.Email, string(m.Subject), string(m.Body)),
			}
		})
	}
	if o := step.Open; o != nil {
		k.fields("open.fields", o.Fields)
		add("open", true, func(*run) deal.Event {
			contact := o.Contact.contact()
			return deal.Event{
				Kind: deal.KindOpen, Source: cmp.Or(string(o.Source), "manual"), Contact: &contact, Fields: values(o.Fields),
				Subject: string(o.Subject), Returning: o.Returning,
			}
		})
	}
	if m := step.Reply; m != nil {
		k.fields("reply.fields", m.Fields)
		add("reply", true, func(r *run) deal.Event {
			subject := cmp.Or(string(m.Subject), "Re: "+r.state.Subject)
			return deal.Event{
				Kind: deal.KindReply, Actor: "client", Fields: values(m.Fields),
				Mail: r.message(r.state.Contact.Email, subject, string(m.Body)),
			}
		})
	}
	add("auto_reply", step.AutoReply != nil, func(r *run) deal.Event {
		return deal.Event{Kind: deal.KindAutoReply, Actor: "client", Mail: r.message(r.state.Contact.Email, "Auto: "+r.state.Subject, "")}
	})
	if b := step.Bounce; b != nil {
		add("bounce", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindBounce, Permanent: b.Permanent == nil || *b.Permanent, Delayed: b.Delayed}
		})
	}
	add("unsubscribe", step.Unsubscribe != nil, func(*run) deal.Event {
		return deal.Event{Kind: deal.KindUnsubscribe, Actor: "client"}
	})
}

// staffEvents are those that come from the team's side.
func (k *checker) staffEvents(step *Step, add adder) {
	if c := step.Complete; c != nil {
		k.task("complete", c.Task)
		k.fields("complete.fields", c.Fields)
		add("complete", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindComplete, Task: c.Task, Fields: values(c.Fields), Note: string(c.Note)}
		})
	}
	if w := step.Waive; w != nil {
		k.task("waive", w.Task)
		add("waive", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindChangeTask, Task: w.Task, Waive: true, Reason: string(w.Reason)}
		})
	}
	if s := step.Set; s != nil {
		at := "set.fields"
		if s.short {
			at = "set"
		}
		k.fields(at, s.Fields)
		k.member("set.owner", s.Owner)
		add("set", true, func(*run) deal.Event {
			e := deal.Event{Kind: deal.KindSet, Fields: values(s.Fields), Owner: s.Owner}
			if s.Contact != nil {
				contact := s.Contact.contact()
				e.Contact = &contact
			}
			return e
		})
	}
	if step.Document != "" {
		k.document("document", step.Document)
		add("document", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindDocument, Document: step.Document, Note: "scenario"}
		})
	}
	if m := step.Move; m != nil {
		k.known("move.to", definitions.CodeUnknownStage, "stage", m.To, append(k.stages(), "won", "lost", "done"))
		if m.To == "lost" {
			k.reason("move.reason", string(m.Reason))
		}
		add("move", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindMove, To: m.To, Force: m.Force, Reason: string(m.Reason)}
		})
	}
	if s := step.Signal; s != nil {
		k.fields("signal.fields", s.Fields)
		add("signal", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindSignal, Name: s.Name, Fields: values(s.Fields)}
		})
	}
	if p := step.Pause; p != nil {
		k.until(p)
		add("pause", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindPause, Until: p.until, Reason: string(p.Reason)}
		})
	}
	add("resume", step.Resume != nil, func(*run) deal.Event { return deal.Event{Kind: deal.KindResume} })
	if o := step.Reopen; o != nil {
		k.stage("reopen.to", o.To)
		add("reopen", true, func(*run) deal.Event {
			return deal.Event{Kind: deal.KindReopen, To: o.To, Reason: string(o.Reason)}
		})
	}
}

// from reads the client off a lead's message.
func (k *checker) from(m *Mail) definitions.Contact {
	c := m.Contact.contact()
	parsed, err := mail.ParseAddress(string(m.From))
	if err != nil {
		k.fault(k.at+".mail.from", definitions.CodeAddress, "%q is no address: write it as name@example.com or Name <name@example.com>", m.From)
		return c
	}
	c.Name, c.Email = cmp.Or(c.Name, parsed.Name), cmp.Or(c.Email, parsed.Address)
	return c
}

func (k *checker) until(p *Pause) {
	if p.Until == "" {
		return
	}
	until, ok := k.parseMoment(p.Until)
	if !ok {
		k.fault(k.at+".pause.until", definitions.CodeDate, "%q is no moment: write it as 2026-03-02 or 2026-03-02T10:00", p.Until)
	}
	p.until = until
}

func (c Contact) contact() definitions.Contact {
	return definitions.Contact{Name: string(c.Name), Email: string(c.Email), Phone: string(c.Phone)}
}

// values are the fields of an event. The deal checks them by their types.
func values(fields map[string]Scalar) map[string]any {
	if len(fields) == 0 {
		return nil
	}
	made := make(map[string]any, len(fields))
	for id, v := range fields {
		if made[id] = v.Text; v.Empty {
			made[id] = nil
		}
	}
	return made
}

// message is a mail of the client's, with a Message-ID of its own.
func (r *run) message(from, subject, text string) *deal.Mail {
	r.messages++
	return &deal.Mail{
		MessageID: fmt.Sprintf("<%d@scenario.test>", r.messages), From: strings.ToLower(from), To: r.company.From.Email,
		Subject: subject, Text: text, ReceivedAt: r.at,
	}
}
