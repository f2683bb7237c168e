package server

import (
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/report"
	"github.com/dealwright/dealwright/store"
)

// dealView is a deal as the API shows it.
type dealView struct {
	ID              string            `json:"id"`
	Company         string            `json:"company"`
	Process         string            `json:"process"`
	Version         string            `json:"version" doc:"The version of the process that the deal goes by."`
	Status          string            `json:"status" enum:"open,won,lost"`
	Stage           string            `json:"stage"`
	StageName       string            `json:"stage_name"`
	Owner           *string           `json:"owner" doc:"The address of who answers for the deal now."`
	Contact         contactView       `json:"contact"`
	Subject         string            `json:"subject"`
	Text            string            `json:"text" doc:"What the client wrote first."`
	Source          string            `json:"source"`
	Fields          map[string]any    `json:"fields" doc:"The client card: what is filled in, by the field's id."`
	Amount          float64           `json:"amount" doc:"In major units; 0 while it is not filled in."`
	Currency        *string           `json:"currency"`
	Probability     *float64          `json:"probability" doc:"Of winning, in percent: the stage's, 100 when won, 0 when lost."`
	Stalled         bool              `json:"stalled"`
	StalledSince    *time.Time        `json:"stalled_since"`
	EscalationLevel int               `json:"escalation_level" doc:"0: nobody was told; 1: the first level."`
	Visit           int               `json:"visit" doc:"1 at first; recycling and reopening begin the next."`
	Returning       bool              `json:"returning" doc:"The client had a deal before."`
	LinkedTo        *string           `json:"linked_to" doc:"A deal whose thread this lead quoted."`
	MergedInto      *string           `json:"merged_into"`
	OpenedAt        time.Time         `json:"opened_at"`
	StageEnteredAt  time.Time         `json:"stage_entered_at"`
	LastProgress    *time.Time        `json:"last_progress"`
	NextWake        *time.Time        `json:"next_wake" doc:"When the deal looks again by itself."`
	PausedAt        *time.Time        `json:"paused_at"`
	ClosedAt        *time.Time        `json:"closed_at"`
	LostReason      *string           `json:"lost_reason"`
	Qualification   qualificationView `json:"qualification"`
	Tasks           []taskView        `json:"tasks"`
	Documents       []documentView    `json:"documents"`
	Attachments     []attachmentView  `json:"attachments,omitempty" doc:"What came by mail, oldest first; a list of deals leaves it out."`
	Blocking        []deal.Blocking   `json:"blocking" doc:"What keeps the deal from going on."`
	Upcoming        []deal.Upcoming   `json:"upcoming" doc:"What will happen by itself unless something comes in between."`
	Revision        int64             `json:"revision" doc:"Counts the deal's changes; the ETag."`
}

type contactView struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

type qualificationView struct {
	Score   float64  `json:"score"`
	Missing []string `json:"missing" doc:"The criteria that are not met."`
}

type taskView struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Kind     string     `json:"kind" doc:"call, email, meeting, document or todo"`
	Status   string     `json:"status" enum:"open,done,waived,cancelled"`
	Stage    string     `json:"stage"`
	Assignee *string    `json:"assignee"`
	OpenedAt time.Time  `json:"opened_at"`
	DueAt    *time.Time `json:"due_at"`
	DoneAt   *time.Time `json:"done_at"`
	Overdue  bool       `json:"overdue"`
	Required bool       `json:"required" doc:"The stage is not left forwards before it is finished."`
	AdHoc    bool       `json:"ad_hoc" doc:"Added by a person, not by the process."`
	Asks     []string   `json:"asks" doc:"The fields to ask the client about."`
}

type documentView struct {
	ID    string    `json:"id"`
	Stage string    `json:"stage"`
	Name  string    `json:"name"`
	URL   *string   `json:"url"`
	Note  string    `json:"note"`
	Held  bool      `json:"held" doc:"The file itself is kept here."`
	At    time.Time `json:"at"`
}

// viewDeal makes the JSON of a deal from its state and its version of the
// process. Where the version is not to be had, as for a company whose folder
// is gone, what only the process knows stays empty.
func viewDeal(p *definitions.Process, row *store.DealRow, now time.Time) dealView {
	s, zone := row.State, time.UTC
	if p != nil {
		zone = p.Company.Calendar.Location()
	}
	v := dealView{
		ID: s.ID, Company: s.Company, Process: s.Process, Version: s.Version,
		Status: s.Status, Stage: s.Stage, StageName: s.Stage, Owner: textOrNull(s.Owner),
		Contact: contactView(s.Contact), Subject: s.Subject, Text: s.Text, Source: s.Source, Fields: s.Fields,
		Stalled: s.Stalled(), StalledSince: momentOrNull(s.StalledSince, zone), EscalationLevel: s.Level,
		Visit: s.Visit, Returning: s.Returning, LinkedTo: textOrNull(s.LinkedTo), MergedInto: textOrNull(s.MergedTo),
		OpenedAt: s.OpenedAt.In(zone), StageEnteredAt: s.StageEnteredAt.In(zone),
		LastProgress: momentOrNull(s.LastProgress, zone), NextWake: momentOrNull(row.NextWake, zone),
		PausedAt: momentOrNull(s.PausedAt, zone), ClosedAt: momentOrNull(s.ClosedAt, zone),
		LostReason:    textOrNull(s.LostReason),
		Qualification: qualificationView{Missing: []string{}},
		Blocking:      []deal.Blocking{}, Upcoming: []deal.Upcoming{},
		Revision: row.Revision,
	}
	if v.Status == "" {
		v.Status = deal.Open // the deal is stored, and about to be opened
	}
	if v.Fields == nil {
		v.Fields = map[string]any{}
	}
	v.Tasks = viewTasks(p, s.Tasks, zone)
	v.Documents = viewDocuments(s.Documents, zone)
	if p != nil {
		v.judge(p, s, now, zone)
	}
	return v
}

// judge fills in what the process makes of the deal.
func (v *dealView) judge(p *definitions.Process, s *deal.State, now time.Time, zone *time.Location) {
	amount, currency := p.AmountOf(s.Fields)
	v.Amount, v.Currency = amount, textOrNull(currency)
	v.Probability = report.Probability(p, s.Status, s.Stage)
	if st := p.Stage(s.Stage); st != nil && st.Name != "" {
		v.StageName = st.Name
	}
	// A criterion that cannot be evaluated counts as missing, which is what the caller may know of it.
	score, missing, _ := p.Score(s.Facts(p))
	v.Qualification.Score = score
	v.Qualification.Missing = append(v.Qualification.Missing, missing...)
	v.Blocking = append(v.Blocking, deal.Blocked(p, s)...)
	for _, u := range deal.Forecast(p, s, now) {
		u.At = u.At.In(zone)
		v.Upcoming = append(v.Upcoming, u)
	}
}

func viewTasks(p *definitions.Process, tasks []deal.Task, zone *time.Location) []taskView {
	views := make([]taskView, 0, len(tasks))
	for _, t := range tasks {
		views = append(views, taskView{
			ID: t.ID, Name: t.Name, Kind: t.Kind, Status: t.Status, Stage: t.Stage, Assignee: textOrNull(t.Assignee),
			OpenedAt: t.OpenedAt.In(zone), DueAt: momentOrNull(t.DueAt, zone), DoneAt: momentOrNull(t.DoneAt, zone),
			Overdue: t.Late(), Required: t.Required, AdHoc: t.AdHoc, Asks: asksOf(p, t),
		})
	}
	return views
}

func asksOf(p *definitions.Process, t deal.Task) []string {
	if p != nil && !t.AdHoc {
		if st := p.Stage(t.Stage); st != nil {
			for _, d := range st.Tasks {
				if d.ID == t.ID && d.Asks != nil {
					return d.Asks
				}
			}
		}
	}
	return []string{}
}

func viewDocuments(documents []deal.Document, zone *time.Location) []documentView {
	views := make([]documentView, 0, len(documents))
	for _, d := range documents {
		views = append(views, documentView{
			ID: d.ID, Stage: d.Stage, Name: d.Name, URL: textOrNull(d.URL), Note: d.Note, Held: d.File != "", At: d.At.In(zone),
		})
	}
	return views
}

// etag names the state of a deal that an answer shows.
func etag(revision int64) string { return fmt.Sprintf(`"%d"`, revision) }

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func momentOrNull(t time.Time, zone *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}
