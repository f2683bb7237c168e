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
	ID string `yaml:"-" json:"id"`
	// Type of the value.
	Type string `yaml:"type" json:"type" required:"true" enum:"text,number,money,choice,bool,date,email,phone"`
	// Name is what people call the field; its id unless given.
	Name string `yaml:"name" json:"name,omitempty"`
	// Options of a choice.
	Options []string `yaml:"options" json:"options,omitempty"`
	// Currency of money, an ISO 4217 code such as RUB.
	Currency string `yaml:"currency" json:"currency,omitempty"`
	// Compute is an expression over the other fields that gives the value.
	Compute *Expr `yaml:"compute" json:"compute,omitempty"`
}

// Qualification is a method of judging a deal, such as BANT or PPVVC.
type Qualification struct {
	// Method is what people call it.
	Method string `yaml:"method" json:"method,omitempty"`
	// Criteria by their ids.
	Criteria []Criterion `yaml:"criteria" json:"criteria" required:"true"`
	// Combine says whether the criteria add up (the default) or multiply, so that any zero holds the deal back.
	Combine string `yaml:"combine" json:"combine,omitempty" enum:"sum,product"`
}

// Criterion is one question of a qualification: yes or no by When with a
// Weight, or a number by Score.
type Criterion struct {
	ID string `yaml:"-" json:"id"`
	// Name is what people call the criterion.
	Name string `yaml:"name" json:"name,omitempty"`
	// When is an expression that says whether the criterion is met.
	When *Expr `yaml:"when" json:"when,omitempty"`
	// Weight is what a met criterion counts; 1 unless given.
	Weight float64 `yaml:"weight" json:"weight,omitempty"`
	// Score is an expression that gives a number instead of a yes.
	Score *Expr `yaml:"score" json:"score,omitempty"`
}

// Defaults are taken by each stage that does not say otherwise.
type Defaults struct {
	// Owner is the role that answers for a stage.
	Owner string `yaml:"owner" json:"owner,omitempty"`
	// Timeout of a stage.
	Timeout *Timeout `yaml:"timeout" json:"timeout,omitempty"`
	// Escalation of a stalled deal.
	Escalation *Ladder `yaml:"escalation" json:"escalation,omitempty"`
}

// Stage is one step of the process. In a compiled process the defaults are
// already filled in: Owner is set, Timeout and Escalation are resolved.
type Stage struct {
	// ID names the stage in moves and tests.
	ID string `yaml:"id" json:"id" required:"true"`
	// Name is what people call the stage; its id unless given.
	Name string `yaml:"name" json:"name,omitempty"`
	// Was lists ids this stage had in earlier versions, so that open deals find it.
	Was []string `yaml:"was" json:"was,omitempty"`
	// Goal of the stage, in words.
	Goal string `yaml:"goal" json:"goal,omitempty"`
	// Resources that people need in the stage, in words.
	Resources []string `yaml:"resources" json:"resources,omitempty"`
	// Playbook is the path of a file that tells people how to go about the stage.
	Playbook string `yaml:"playbook" json:"playbook,omitempty"`
	// Owner is the role that answers for the stage.
	Owner string `yaml:"owner" json:"owner,omitempty"`
	// Probability of winning a deal that is in the stage, in percent.
	Probability *float64 `yaml:"probability" json:"probability,omitempty" format:"percent"`
	// Target is how long the stage should take.
	Target *calendar.Duration `yaml:"target" json:"target,omitempty"`
	// Entry is what must hold for a deal to enter the stage. It never refuses a new lead.
	Entry []Gate `yaml:"entry" json:"entry,omitempty"`
	// Tasks that open when the stage is entered.
	Tasks []Task `yaml:"tasks" json:"tasks,omitempty"`
	// Documents that the stage leaves behind.
	Documents []Document `yaml:"documents" json:"documents,omitempty"`
	// Sequence is the letters that go out by themselves.
	Sequence *Sequence `yaml:"sequence" json:"sequence,omitempty"`
	// Exit is what must hold for a deal to move on.
	Exit []Gate `yaml:"exit" json:"exit,omitempty"`
	// Next is the ways out, the first that applies wins. Without any the deal goes on by hand.
	Next []Move `yaml:"next" json:"next,omitempty"`
	// Timeout is how long the stage may go without progress.
	Timeout *Timeout `yaml:"timeout" json:"timeout,omitempty"`
	// Escalation is who is told of a stalled deal, level by level.
	Escalation *Ladder `yaml:"escalation" json:"escalation,omitempty"`
	// Skip is an expression; where it holds on entry, the stage is passed over.
	Skip *Expr `yaml:"skip" json:"skip,omitempty"`
	// Won says that entering the stage makes the deal won.
	Won bool `yaml:"won" json:"won,omitempty"`
}

// Gate is one requirement: Filled fields, or a Require expression with the
// Message a person reads when it does not hold.
type Gate struct {
	// Filled lists fields that must have a value.
	Filled []string `yaml:"filled" json:"filled,omitempty"`
	// Require is an expression that must hold.
	Require *Expr `yaml:"require" json:"require,omitempty"`
	// Message is what a person reads when the requirement is not met.
	Message string `yaml:"message" json:"message,omitempty"`
}

// Task is work for a person.
type Task struct {
	// ID names the task within its stage.
	ID string `yaml:"id" json:"id" required:"true"`
	// Name is what people call the task; its id unless given.
	Name string `yaml:"name" json:"name,omitempty"`
	// Kind of work; todo unless given.
	Kind string `yaml:"kind" json:"kind,omitempty" enum:"call,email,meeting,document,todo"`
	// Assignee is owner (the default) or a role.
	Assignee string `yaml:"assignee" json:"assignee,omitempty"`
	// Due is how long after its opening the task is due.
	Due *calendar.Duration `yaml:"due" json:"due,omitempty"`
	// Required says that the deal cannot move on without the task.
	Required bool `yaml:"required" json:"required,omitempty"`
	// Asks lists the fields that the task prompts for.
	Asks []string `yaml:"asks" json:"asks,omitempty"`
	// When is an expression; the task opens once it holds.
	When *Expr `yaml:"when" json:"when,omitempty"`
	// Escalation is who is told that the task is overdue, level by level.
	Escalation *Ladder `yaml:"escalation" json:"escalation,omitempty"`
}

// Document is a paper that a stage leaves behind.
type Document struct {
	// ID names the document.
	ID string `yaml:"id" json:"id" required:"true"`
	// Name is what people call the document; its id unless given.
	Name string `yaml:"name" json:"name,omitempty"`
	// Required says that the deal cannot move on without the document.
	Required bool `yaml:"required" json:"required,omitempty"`
	// Template is the path of a Markdown template that the document is generated from, as PDF.
	Template string `yaml:"template" json:"template,omitempty"`
}

// Sequence is the letters that go out by themselves in a stage.
type Sequence struct {
	// StopOn is what ends the letters; [reply] unless given. A bounce and an unsubscribe always do.
	StopOn []string `yaml:"stop_on" json:"stop_on,omitempty" enum:"reply,meeting"`
	// Steps in the order of their times.
	Steps []Step `yaml:"steps" json:"steps" required:"true"`
}

// Step is one letter of a sequence.
type Step struct {
	ID string `yaml:"-" json:"id"` // the letter's id, with -2, -3 when it is sent more than once
	// After is how long after the stage was entered; at once unless given.
	After calendar.Duration `yaml:"after" json:"after"`
	// Send names the letter: a file under letters/, without .md.
	Send string `yaml:"send" json:"send" required:"true"`
	// When is an expression; the letter goes out only if it holds then.
	When *Expr `yaml:"when" json:"when,omitempty"`
	// Once says that the letter goes out on the first visit only.
	Once bool `yaml:"once" json:"once,omitempty"`
	// Hours says whether the letter waits for business hours; the company's sending.hours unless given.
	Hours string `yaml:"hours" json:"hours,omitempty" enum:"any,business"`
	Quiet bool   `yaml:"-" json:"quiet,omitempty"` // it waits for the end of the company's quiet hours: it does not say hours: any
}

// Move is one way out of a stage.
type Move struct {
	// To is a stage, or done, won or lost.
	To string `yaml:"to" json:"to" required:"true"`
	// On is what the move waits for: reply, tasks_done, task:<id>, sequence_done, field:<id>, document:<id>, timeout, bounce, unsubscribe, signal:<name>.
	On string `yaml:"on" json:"on,omitempty"`
	// After is how long after entry the move happens by itself.
	After *calendar.Duration `yaml:"after" json:"after,omitempty"`
	// When is an expression; the move happens only if it holds.
	When *Expr `yaml:"when" json:"when,omitempty"`
	// Reason a deal is lost for, with to: lost.
	Reason string `yaml:"reason" json:"reason,omitempty"`
}

// Timeout is how long a stage may go without progress. In YAML: a duration,
// `none`, or {after, from}.
type Timeout struct {
	None bool `yaml:"-" json:"none,omitempty"`
	// After is how long.
	After calendar.Duration `yaml:"after" json:"after,omitzero"`
	// From says whether it counts from the last progress (the default) or from entry.
	From string `yaml:"from" json:"from,omitempty" enum:"progress,entry"`
}

// Ladder is an escalation: in YAML the name of one of the process's, or a
// list of levels. In a compiled process Levels is always filled.
type Ladder struct {
	Name   string  `yaml:"-" json:"name,omitempty"`
	Levels []Level `yaml:"-" json:"levels,omitempty"`
}

// Level is one rung of a ladder.
type Level struct {
	// After is how long after the deal stalled, or the task was due.
	After calendar.Duration `yaml:"after" json:"after" required:"true"`
	// Notify is who is told: owner or roles; one, or a list of them. In a task's own ladder also assignee.
	Notify []string `yaml:"notify" json:"notify,omitempty" one:"true"`
	// Reassign is the role that takes the deal, or the overdue task, over until the stage is left.
	Reassign string `yaml:"reassign" json:"reassign,omitempty"`
	// Lose is the reason that the deal is lost for.
	Lose string `yaml:"lose" json:"lose,omitempty"`
	// Repeat is how often the level tells its people again.
	Repeat *calendar.Duration `yaml:"repeat" json:"repeat,omitempty"`
	// When is an expression; the level is passed over where it does not hold.
	When *Expr `yaml:"when" json:"when,omitempty"`
}

// Reason is why a deal was lost.
type Reason struct {
	ID   string `yaml:"-" json:"id"`
	Name string `yaml:"-" json:"name"`
}

// Recycle reopens lost deals.
type Recycle struct {
	// Reasons of the lost deals that come back.
	Reasons []string `yaml:"reasons" json:"reasons" required:"true"`
	// After is how long after the loss.
	After calendar.Duration `yaml:"after" json:"after" required:"true"`
	// To is the stage they come back to; the first unless given.
	To string `yaml:"to" json:"to,omitempty"`
	// Max is how often one deal may come back; once unless given.
	Max int `yaml:"max" json:"max,omitempty"`
}

// Letter is a message to the client: front matter and a Markdown template.
type Letter struct {
	// Subject of the message; a template as well.
	Subject string `yaml:"subject" json:"subject" required:"true"`
	Body    string `yaml:"-" json:"body"`
	// Attach names documents of the process to send along: the deal's file, or one made from the document's template. Where there is neither, the letter is not sent.
	Attach []string `yaml:"attach" json:"attach,omitempty"`
}
