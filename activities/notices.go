package activities

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/store"
)

// notice words what a person of the staff is told about a deal.
func (a *Activities) notice(p *definitions.Process, s *deal.State, n deal.Notice) store.OutboxRow {
	subject, body := wordNotice(p, s, n)
	row := a.staffMail(p.Company, n.Key, n.To, subject, body)
	row.Stage, row.Letter = s.Stage, n.About
	return hold(p.Company, row, time.Now(), a.dealHour())
}

// staffMail is a message to a colleague through the company's own account.
func (a *Activities) staffMail(company *definitions.Company, key, to, subject, body string) store.OutboxRow {
	row := store.OutboxRow{
		Key: key, Account: company.ID, Kind: store.KindNotice,
		MessageID: outbox.MessageID(key, domain(company.From.Email)),
		From:      company.From.Email, To: to,
		Subject: fmt.Sprintf("[%s] %s", company.Name, subject), Text: body,
	}
	if m, _ := company.Member(to); m != nil {
		row.ToName = m.Name
	}
	return row
}

// wordNotice writes a notice in the company's language.
func wordNotice(p *definitions.Process, s *deal.State, n deal.Notice) (subject, body string) {
	ru := p.Company.Language == "ru"
	who := s.Contact.Name
	for _, other := range []string{s.Contact.Email, s.Contact.Phone, s.Subject, s.ID} {
		if who == "" {
			who = other
		}
	}
	task := n.Task
	for _, t := range s.Tasks {
		if t.ID == n.Task {
			task = t.Name
		}
	}
	say := func(ruText, enText string, args ...any) string {
		if ru {
			return fmt.Sprintf(ruText, args...)
		}
		return fmt.Sprintf(enText, args...)
	}
	switch n.About {
	case "new_lead":
		subject = say("Новый лид: %s", "New lead: %s", who)
		body = say("Пришёл новый лид, ответственный — %s.", "A new lead has come; its owner is %s.", s.Owner)
		if text := strings.TrimSpace(s.Text); text != "" {
			body += "\n\n" + excerpt(text)
		}
	case "task_due":
		subject = say("Пора выполнить задачу «%s»: %s", "Task %q is due: %s", task, who)
		body = say("Срок задачи «%s» наступил.", "The time of task %q has come.", task)
	case "stalled":
		subject = say("Сделка без движения: %s", "Deal without progress: %s", who)
		body = say("Сделка стоит без движения на этапе «%s». Уровень эскалации: %d.", "The deal has made no progress in stage %q. Escalation level: %d.", stageName(p, s.Stage), n.Level)
	case "task_overdue":
		subject = say("Просрочена задача «%s»: %s", "Task %q is overdue: %s", task, who)
		body = say("Задача «%s» не выполнена в срок.", "Task %q was not finished in time.", task)
	case "bad_address":
		subject = say("Неверный адрес клиента: %s", "The client's address is bad: %s", who)
		body = say("Письма на адрес %s не доставляются. Уточните адрес у клиента.", "Letters to %s cannot be delivered. Ask the client for another address.", n.Reason)
	case "no_address":
		subject = say("У лида нет адреса: %s", "The lead has no address: %s", who)
		body = say("Лид пришёл без адреса почты, автоматического ответа не было. Свяжитесь с клиентом.", "The lead came without an address, so nothing was answered. Get in touch with the client.")
	case "mail_received":
		subject = say("Клиент написал: %s", "The client wrote: %s", who)
		body = say("Новое письмо от клиента по сделке, которая уже завершена.", "There is a new message from the client about a deal that has ended.")
	case "member_left":
		subject = say("Сделка передана: %s", "Deal handed over: %s", who)
		body = say("%s больше не в команде, у сделки новый ответственный: %s.", "%s is no longer of the team, the deal has a new owner: %s.", n.Reason, s.Owner)
	default:
		subject = who
		body = n.About
	}
	return subject, body + "\n\n" + card(p, s, ru)
}

// longestExcerpt is how many letters of the client's words a notice shows.
const longestExcerpt = 1000

func excerpt(text string) string {
	if letters := []rune(text); len(letters) > longestExcerpt {
		return string(letters[:longestExcerpt]) + "…"
	}
	return text
}

func integer(n int) string { return strconv.Itoa(n) }

// card is the deal in a few lines.
func card(p *definitions.Process, s *deal.State, ru bool) string {
	var b strings.Builder
	line := func(ruName, enName, value string) {
		if value == "" {
			return
		}
		name := enName
		if ru {
			name = ruName
		}
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	line("Клиент", "Client", strings.Join(nonEmpty(s.Contact.Name, s.Contact.Email, s.Contact.Phone), ", "))
	line("Тема", "Subject", s.Subject)
	line("Этап", "Stage", stageName(p, s.Stage))
	line("Ответственный", "Owner", s.Owner)
	for _, blocked := range deal.Blocked(p, s) {
		line("Мешает", "Blocked by", blocked.Message)
	}
	line("Сделка", "Deal", s.ID)
	return b.String()
}

func nonEmpty(values ...string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

func stageName(p *definitions.Process, id string) string {
	if st := p.Stage(id); st != nil && st.Name != "" {
		return st.Name
	}
	return id
}

// alarm is a notice that belongs to no deal, to each of those whom the company
// wants told of its kind.
func (a *Activities) alarm(company *definitions.Company, kind, key, subject, body string) []store.OutboxRow {
	var rows []store.OutboxRow
	for _, to := range hearers(company, kind, nil, a.Clock.Now()) {
		row := a.staffMail(company, key+"/"+to, to, subject, body)
		row.Letter = kind
		rows = append(rows, hold(company, row, time.Now(), a.dealHour()))
	}
	return rows
}
