package web

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// letter is a message of the thread with the client.
type letter struct {
	At      time.Time
	Ours    bool
	Failed  bool
	Who     string
	Subject string
	Parts   []part
	Ledger  string // the message it came with; empty: it is ours, or the viewer may not see the ledger
}

// part is a stretch of a message; what it quotes is folded.
type part struct {
	Text  string
	Quote bool
}

// line is one event of the timeline.
type line struct {
	At   time.Time
	Type string
	What string
	More string
	Who  string
}

// longestStory is how many events the page shows: the latest.
const longestStory = 400

// story reads what happened to the deal into the page.
func (w *Web) story(q *request, d subject, v *dealPage) error {
	var events []store.EventRow
	for cursor := ""; ; {
		page, err := w.Store.Events(q.Context(), d.s.ID, cursor, store.MaxLimit)
		if err != nil {
			return err
		}
		events = append(events, page.Items...)
		if cursor = page.Next; cursor == "" || len(events) > 20*longestStory {
			break
		}
	}
	for i := range events {
		e := &events[i]
		if e.Type == "mail_received" || e.Type == "mail_sent" || e.Type == "mail_failed" {
			l := d.letter(e)
			if q.who.Own == "" {
				l.Ledger = text(e.Data, "ledger_id")
			}
			v.Mail = append(v.Mail, l)
		}
		if l := d.line(e); l.What != "" {
			v.Timeline = append(v.Timeline, l)
		}
	}
	if d.s.Text != "" && !slices.ContainsFunc(v.Mail, func(l letter) bool { return !l.Ours }) {
		// A lead of a form or of the API is no mail, and still what the client wrote.
		first := letter{At: d.s.OpenedAt, Who: d.client(), Subject: readable(d.s.Subject), Parts: folded(d.s.Text)}
		v.Mail = append([]letter{first}, v.Mail...)
	}
	slices.Reverse(v.Timeline)
	v.Timeline = v.Timeline[:min(len(v.Timeline), longestStory)]
	files, err := w.Store.Attachments(q.Context(), d.s.ID)
	if err != nil {
		return err
	}
	v.Files = files
	rows, err := w.Store.DealOutbox(q.Context(), d.s.ID)
	for i := range rows {
		v.unsent(d.viewer, &rows[i])
	}
	return err
}

// unsent lists a letter that somebody may want to send again.
func (v *dealPage) unsent(reader viewer, row *store.OutboxRow) {
	u := unsent{ID: row.ID, Subject: readable(row.Subject), To: readable(row.To), Why: reader.said(readable(row.LastError)), State: row.Status, At: row.CreatedAt}
	if row.Status == store.Queued && row.LastError != "" {
		u.State = "waiting"
	}
	if row.Kind == store.KindLetter && (u.State == store.Failed || u.State == store.Ambiguous || u.State == "waiting") {
		v.Unsent = append(v.Unsent, u)
	}
}

// withheld are the reasons for which a letter is not sent that are ours and not
// a mail server's.
var withheld = []struct{ said, key string }{
	{"letters to the address came back: ", "said.came_back"},
	{"the address has unsubscribed", "said.unsubscribed"},
	{"its sender stopped before the answer was recorded", "said.stopped"},
}

// said is why a letter did not go out, in the viewer's language as far as the
// words are ours.
func (v viewer) said(why string) string {
	for _, w := range withheld {
		if rest, ok := strings.CutPrefix(why, w.said); ok {
			return v.T(w.key) + rest
		}
	}
	return why
}

func text(data map[string]any, key string) string {
	s, _ := data[key].(string)
	return readable(s)
}

func (d subject) letter(e *store.EventRow) letter {
	l := letter{At: e.At, Ours: e.Type != "mail_received", Failed: e.Type == "mail_failed", Subject: text(e.Data, "subject")}
	l.Who = text(e.Data, "from")
	if l.Failed {
		l.Subject = cmp.Or(l.Subject, d.T("event.mail_failed"))
		l.Parts = folded(cmp.Or(text(e.Data, "text"), d.said(text(e.Data, "reason"))))
		return l
	}
	l.Parts = folded(text(e.Data, "text"))
	return l
}

// folded splits a message into what its writer wrote and what it quotes.
func folded(message string) []part {
	var parts []part
	for l := range strings.Lines(strings.TrimSpace(readable(message))) {
		quote := strings.HasPrefix(strings.TrimSpace(l), ">")
		if n := len(parts); n > 0 && (parts[n-1].Quote == quote || strings.TrimSpace(l) == "") {
			parts[n-1].Text += l
			continue
		}
		parts = append(parts, part{l, quote})
	}
	return parts
}

// line words an event.
func (d subject) line(e *store.EventRow) line {
	l := line{At: e.At, Type: e.Type, Who: d.actor(e.Actor)}
	say := func(args ...any) string { return d.T("event."+e.Type, args...) }
	name := func(key string) string { return d.stageName(text(e.Data, key)) }
	switch e.Type {
	case "stage_entered":
		l.What = say(name("to"))
		if detour, _ := e.Data["detour"].(bool); detour {
			l.More = d.T("event.detour")
		}
		if reason := text(e.Data, "reason"); reason != "" {
			l.More = strings.TrimPrefix(l.More+" · "+reason, " · ")
		}
	case "stage_left", "progressed":
		return line{} // what follows says it
	case "stage_skipped":
		l.What = say(d.stageName(e.Stage))
	case "task_opened", "task_done", "task_overdue":
		key := "event." + e.Type
		if waived, _ := e.Data["waived"].(bool); waived {
			key = "event.task_waived"
		}
		l.What, l.More = d.T(key, text(e.Data, "name")), cmp.Or(text(e.Data, "note"), text(e.Data, "reason"))
	case "mail_received", "mail_sent", "mail_failed":
		l.What, l.More = say(), text(e.Data, "subject")
	case "fields_changed":
		l.What, l.More = say(), d.changed(e.Data)
	case "document_added":
		l.What, l.More = say(cmp.Or(text(e.Data, "name"), d.documentName(text(e.Data, "document")))), text(e.Data, "note")
	case "note":
		l.What, l.More = say(), text(e.Data, "text")
		if off, _ := e.Data["unsubscribed"].(bool); off {
			l.What, l.More = d.T("event.unsubscribed"), ""
		}
	case "escalated":
		l.What = say(fmt.Sprint(e.Data["level"]))
	case "notified":
		l.What, l.More = say(person(d.company(), text(e.Data, "to"))), d.Or("about."+text(e.Data, "about"), text(e.Data, "about"))
	case "assigned":
		l.What = say(cmp.Or(person(d.company(), text(e.Data, "to")), "—"))
	case "lost":
		l.What = say(d.reasonName(text(e.Data, "reason")))
	case "signalled":
		l.What = say(text(e.Data, "name"))
	case "paused", "reopened":
		l.What, l.More = say(), text(e.Data, "reason")
	case "opened":
		l.What, l.More = say(), text(e.Data, "subject")
	default:
		l.What = d.Or("event."+e.Type, e.Type)
	}
	return l
}

// changed lists the fields an event set, as they are read now or were then.
func (d subject) changed(data map[string]any) string {
	fields, _ := data["fields"].(map[string]any)
	var all []string
	for id, value := range fields {
		name := id
		if d.p != nil && d.p.Field(id) != nil {
			f := d.p.Field(id)
			name = fieldName(f)
			if n, ok := value.(float64); ok {
				value = d.Number(n)
				if f.Currency != "" {
					value = d.Money(n, f.Currency)
				}
			}
		}
		switch v := value.(type) {
		case nil:
			value = "—"
		case bool:
			value = d.T(fmt.Sprintf("bool.%t", v))
		}
		all = append(all, fmt.Sprintf("%s: %s", name, clip(readable(fmt.Sprint(value)), 200)))
	}
	slices.Sort(all)
	if contact, ok := data["contact"].(map[string]any); ok {
		for _, key := range []string{"name", "email", "phone"} {
			if value := text(contact, key); value != "" {
				all = append(all, value)
			}
		}
	}
	return strings.Join(all, " · ")
}

func (d subject) actor(actor string) string {
	if strings.Contains(actor, "@") {
		return person(d.company(), actor)
	}
	return d.Or("actor."+actor, actor)
}

// upcoming words what will happen by itself in the viewer's language.
func (d subject) upcoming(u deal.Upcoming) upcoming {
	v := upcoming{What: readable(u.What), Unless: readable(u.Unless), At: u.At}
	if d.company() != nil && d.company().Language == d.Lang {
		return v
	}
	stops := make([]string, len(u.StoppedBy))
	for i, stop := range u.StoppedBy {
		stops[i] = d.T("unless." + stop)
	}
	v.Unless = strings.Join(stops, ", ")
	switch u.Kind {
	case "letter", "escalation":
		v.What = d.T("coming."+u.Kind, u.Ref)
	case "task_overdue":
		name := u.Ref
		for _, t := range d.s.Tasks {
			if t.ID == u.Ref {
				name = readable(t.Name)
			}
		}
		v.What = d.T("coming.task_overdue", name)
	case "move":
		v.What = d.T("coming.move", d.stageName(u.Ref))
	case "timeout", "recycle", "resume":
		v.What = d.T("coming." + u.Kind)
	}
	return v
}

var playbookPolicy = playbookRules()

func playbookRules() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "br", "hr",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}

// playbook makes a page of a company's Markdown, without anything that acts.
func playbook(markdown string) template.HTML {
	if markdown == "" {
		return ""
	}
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &out); err != nil {
		return template.HTML(template.HTMLEscapeString(markdown))
	}
	return template.HTML(playbookPolicy.SanitizeBytes(out.Bytes()))
}
