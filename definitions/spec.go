// Package definitions is the process language: it reads a company's folder of
// YAML, Markdown and templates, says precisely what is wrong with it, and
// compiles it into immutable companies and processes.
package definitions

import "github.com/dealwright/dealwright/calendar"

// Spec is the content of one version of a process: everything that decides how
// a deal goes, letters included, and nothing of who works in the company. Its
// hash is the version's name.
type Spec struct {
	// Process is the id of the process: lower-case letters, digits and hyphens.
	Process string `yaml:"process" json:"process" required:"true"`
	// Name is what people call the process.
	Name string `yaml:"name" json:"name,omitempty"`
	// Upgrade says when an open deal takes up a new version: next_stage, now or never.
	Upgrade string `yaml:"upgrade" json:"upgrade,omitempty" enum:"next_stage,now,never"`
	// Fields is the client card: typed fields, checked on every write, in the order of the file.
	Fields []Field `yaml:"fields" json:"fields,omitempty"`
	// Amount names the field that is the deal's amount.
	Amount string `yaml:"amount" json:"amount,omitempty"`
	// Qualification scores a deal by named criteria.
	Qualification *Qualification `yaml:"qualification" json:"qualification,omitempty"`
	// Defaults are taken by each stage that does not say otherwise.
	Defaults Defaults `yaml:"defaults" json:"defaults,omitzero"`
	// Escalations are the named ladders.
	Escalations map[string][]Level `yaml:"escalations" json:"escalations,omitempty"`
	// Stages in the order of the funnel.
	Stages []Stage `yaml:"stages" json:"stages" required:"true"`
	// LostReasons are the reasons a deal may be lost for, in the order of the file.
	LostReasons []Reason `yaml:"lost_reasons" json:"lost_reasons,omitempty"`
	// Recycle brings lost deals back.
	Recycle *Recycle `yaml:"recycle" json:"recycle,omitempty"`
	// Quotas is how many of a kind of task a person of a role should finish in a week.
	Quotas map[string]map[string]int `yaml:"quotas" json:"quotas,omitempty"`
	// Letters by id: the files under letters/ that this process sends.
	Letters map[string]*Letter `yaml:"-" json:"letters,omitempty"`
	// Playbooks by the path that a stage names.
	Playbooks map[string]string `yaml:"-" json:"playbooks,omitempty"`
	// Templates of generated documents by the path that a document names.
	Templates map[string]string `yaml:"-" json:"templates,omitempty"`
}

// Field is one typed line of the client card.
type Field struct {
	ID       string   `yaml:"-" json:"id"`
	Type     string   `yaml:"type" json:"type" required:"true" enum:"text,number,money,choice,bool,date,email,phone"` // text, number, money, choice, bool, date, email, phone
	Name     string   `yaml:"name" json:"name,omitempty"`
	Options  []string `yaml:"options" json:"options,omitempty"`
	Currency string   `yaml:"currency" json:"currency,omitempty"`
	Compute  *Expr    `yaml:"compute" json:"compute,omitempty"`
}

// Qualification is a method of judging a deal, such as BANT or PPVVC.
type Qualification struct {
	Method   string      `yaml:"method" json:"method,omitempty"`
	Criteria []Criterion `yaml:"criteria" json:"criteria" required:"true"`
	Combine  string      `yaml:"combine" json:"combine,omitempty" enum:"sum,product"` // sum or product
}

// Criterion is one question of a qualification: yes or no by When with a
// Weight, or a number by Score.
type Criterion struct {
	ID     string  `yaml:"-" json:"id"`
	Name   string  `yaml:"name" json:"name,omitempty"`
	When   *Expr   `yaml:"when" json:"when,omitempty"`
	Weight float64 `yaml:"weight" json:"weight,omitempty"` // 1 unless given
	Score  *Expr   `yaml:"score" json:"score,omitempty"`
}

// Defaults are taken by each stage that does not say otherwise.
type Defaults struct {
	Owner      string   `yaml:"owner" json:"owner,omitempty"`
	Timeout    *Timeout `yaml:"timeout" json:"timeout,omitempty"`
	Escalation *Ladder  `yaml:"escalation" json:"escalation,omitempty"`
}

// Stage is one step of the process. In a compiled process the defaults are
// already filled in: Owner is set, Timeout and Escalation are resolved.
type Stage struct {
	ID          string             `yaml:"id" json:"id" required:"true"`
	Name        string             `yaml:"name" json:"name,omitempty"`
	Was         []string           `yaml:"was" json:"was,omitempty"` // ids this stage had in earlier versions
	Goal        string             `yaml:"goal" json:"goal,omitempty"`
	Resources   []string           `yaml:"resources" json:"resources,omitempty"`
	Playbook    string             `yaml:"playbook" json:"playbook,omitempty"`
	Owner       string             `yaml:"owner" json:"owner,omitempty"`                              // role
	Probability *float64           `yaml:"probability" json:"probability,omitempty" format:"percent"` // percent, 0-100
	Target      *calendar.Duration `yaml:"target" json:"target,omitempty"`
	Entry       []Gate             `yaml:"entry" json:"entry,omitempty"`
	Tasks       []Task             `yaml:"tasks" json:"tasks,omitempty"`
	Documents   []Document         `yaml:"documents" json:"documents,omitempty"`
	Sequence    *Sequence          `yaml:"sequence" json:"sequence,omitempty"`
	Exit        []Gate             `yaml:"exit" json:"exit,omitempty"`
	Next        []Move             `yaml:"next" json:"next,omitempty"`
	Timeout     *Timeout           `yaml:"timeout" json:"timeout,omitempty"`
	Escalation  *Ladder            `yaml:"escalation" json:"escalation,omitempty"`
	Skip        *Expr              `yaml:"skip" json:"skip,omitempty"`
	Won         bool               `yaml:"won" json:"won,omitempty"`
}

// Gate is one requirement: Filled fields, or a Require expression with the
// Message a person reads when it does not hold.
type Gate struct {
	Filled  []string `yaml:"filled" json:"filled,omitempty"`
	Require *Expr    `yaml:"require" json:"require,omitempty"`
	Message string   `yaml:"message" json:"message,omitempty"`
}

// Task is work for a person.
type Task struct {
	ID         string             `yaml:"id" json:"id" required:"true"`
	Name       string             `yaml:"name" json:"name,omitempty"`
	Kind       string             `yaml:"kind" json:"kind,omitempty" enum:"call,email,meeting,document,todo"` // call, email, meeting, document, todo
	Assignee   string             `yaml:"assignee" json:"assignee,omitempty"`                                 // owner or a role
	Due        *calendar.Duration `yaml:"due" json:"due,omitempty"`
	Required   bool               `yaml:"required" json:"required,omitempty"`
	Asks       []string           `yaml:"asks" json:"asks,omitempty"`
	When       *Expr              `yaml:"when" json:"when,omitempty"`
	Escalation *Ladder            `yaml:"escalation" json:"escalation,omitempty"`
}

// Document is a paper that a stage leaves behind.
type Document struct {
	ID       string `yaml:"id" json:"id" required:"true"`
	Name     string `yaml:"name" json:"name,omitempty"`
	Required bool   `yaml:"required" json:"required,omitempty"`
	Template string `yaml:"template" json:"template,omitempty"` // path of a Markdown template, generated to PDF
}

// Sequence is the letters that go out by themselves in a stage.
type Sequence struct {
	StopOn []string `yaml:"stop_on" json:"stop_on,omitempty" enum:"reply,meeting"` // reply, meeting; [reply] unless given
	Steps  []Step   `yaml:"steps" json:"steps" required:"true"`
}

// Step is one letter of a sequence.
type Step struct {
	ID    string            `yaml:"-" json:"id"` // the letter's id, with -2, -3 when it is sent more than once
	After calendar.Duration `yaml:"after" json:"after"`
	Send  string            `yaml:"send" json:"send" required:"true"`
	When  *Expr             `yaml:"when" json:"when,omitempty"`
	Once  bool              `yaml:"once" json:"once,omitempty"`
	Hours string            `yaml:"hours" json:"hours,omitempty" enum:"any,business"` // any or business; the company's sending.hours unless given
}

// Move is one way out of a stage.
type Move struct {
	To     string             `yaml:"to" json:"to" required:"true"` // a stage, or done, won, lost
	On     string             `yaml:"on" json:"on,omitempty"`
	After  *calendar.Duration `yaml:"after" json:"after,omitempty"`
	When   *Expr              `yaml:"when" json:"when,omitempty"`
	Reason string             `yaml:"reason" json:"reason,omitempty"`
}

// Timeout is how long a stage may go without progress. In YAML: a duration,
// `none`, or {after, from}.
type Timeout struct {
	None  bool              `yaml:"-" json:"none,omitempty"`
	After calendar.Duration `yaml:"after" json:"after,omitzero"`
	From  string            `yaml:"from" json:"from,omitempty" enum:"progress,entry"` // progress or entry
}

// Ladder is an escalation: in YAML the name of one of the process's, or a
// list of levels. In a compiled process Levels is always filled.
type Ladder struct {
	Name   string  `yaml:"-" json:"name,omitempty"`
	Levels []Level `yaml:"-" json:"levels,omitempty"`
}

// Level is one rung of a ladder.
type Level struct {
	After    calendar.Duration  `yaml:"after" json:"after" required:"true"`
	Notify   []string           `yaml:"notify" json:"notify,omitempty" one:"true"` // owner or roles; one or a list in YAML
	Reassign string             `yaml:"reassign" json:"reassign,omitempty"`
	Lose     string             `yaml:"lose" json:"lose,omitempty"`
	Repeat   *calendar.Duration `yaml:"repeat" json:"repeat,omitempty"`
	When     *Expr              `yaml:"when" json:"when,omitempty"`
}

// Reason is why a deal was lost.
type Reason struct {
	ID   string `yaml:"-" json:"id"`
	Name string `yaml:"-" json:"name"`
}

// Recycle reopens lost deals.
type Recycle struct {
	Reasons []string          `yaml:"reasons" json:"reasons" required:"true"`
	After   calendar.Duration `yaml:"after" json:"after" required:"true"`
	To      string            `yaml:"to" json:"to,omitempty"` // the first stage unless given
	Max     int               `yaml:"max" json:"max,omitempty"`
}

// Letter is a message to the client: front matter and a Markdown template.
type Letter struct {
	Subject string `yaml:"subject" json:"subject" required:"true"`
	Body    string `yaml:"-" json:"body"`
	// Attach names documents of the process to send along.
	Attach []string `yaml:"attach" json:"attach,omitempty"`
}
