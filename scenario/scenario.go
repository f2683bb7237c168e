// Package scenario tests a sales process by example. A scenario is a file
// under tests/ of a company's folder: a lead, what the client and the team do,
// how time passes, and what must hold after each step. It runs through the one
// deal.Step that the live server runs, on a clock of its own.
package scenario

import (
	"time"

	"github.com/dealwright/dealwright/calendar"
)

// Scenario is one story of one deal.
type Scenario struct {
	// Name says what the scenario shows.
	Name string `yaml:"scenario" required:"true"`
	// Process is the id of the process; the company's only one unless given.
	Process string `yaml:"process"`
	// Steps in the order in which they happen. The first one brings the lead.
	Steps []Step `yaml:"steps" required:"true"`

	// Path is the file the scenario was read from.
	Path string `yaml:"-"`
}

// Step is something that happens at a moment, or time that passes, and what
// must hold then. What is due until the moment, the moment included, happens
// before what the step does.
type Step struct {
	// At is a moment in the company's zone, such as 2026-03-02T10:00.
	At Text `yaml:"at"`
	// After is how long after the step before, on the company's calendar.
	After *calendar.Duration `yaml:"after"`
	// Mail is the lead: a message that opens the deal.
	Mail *Mail `yaml:"mail"`
	// Open opens the deal without a message, as a person does.
	Open *Opening `yaml:"open"`
	// Reply is an answer of the client: a text, true, or {subject, body, fields}.
	Reply *Reply `yaml:"reply"`
	// AutoReply is an out-of-office message of the client.
	AutoReply *Flag `yaml:"auto_reply"`
	// Bounce is a letter that comes back: true, or {permanent, delayed}.
	Bounce *Bounce `yaml:"bounce"`
	// Unsubscribe is the client's wish for no more letters.
	Unsubscribe *Flag `yaml:"unsubscribe"`
	// Complete finishes a task: its id, or {task, fields, note}.
	Complete *Complete `yaml:"complete"`
	// Waive lets a task go: {task, reason}.
	Waive *Waive `yaml:"waive"`
	// Set changes the client card: fields and their values, or {fields, contact, owner}.
	Set *Set `yaml:"set"`
	// Document adds a document by its id.
	Document string `yaml:"document"`
	// Move moves the deal by hand: where to, or {to, force, reason}.
	Move *Move `yaml:"move"`
	// Signal is an event from outside: its name, or {name, fields}.
	Signal *Signal `yaml:"signal"`
	// Pause holds letters, timeouts and ladders: a day, a moment, true for until a reply, or {until, reason}.
	Pause *Pause `yaml:"pause"`
	// Resume ends a pause.
	Resume *Flag `yaml:"resume"`
	// Reopen brings a lost deal back: true, a stage, or {to, reason}.
	Reopen *Reopen `yaml:"reopen"`
	// Expect is what must hold after the step.
	Expect *Expect `yaml:"expect"`

	// Moment is when the step happens; Line is where it stands in the file.
	Moment time.Time `yaml:"-"`
	Line   int       `yaml:"-"`

	events []event        // what happens, in the order of the file
	lines  map[string]int // where each key of expect stands
}

// Mail is a lead's message.
type Mail struct {
	// From is the client: a name and an address, such as "Пётр <petr@client.test>", or an address.
	From Text `yaml:"from" required:"true"`
	// Subject of the message.
	Subject Text `yaml:"subject"`
	// Body of the message.
	Body Text `yaml:"body"`
	// Contact is what a form in the body says of the client, where it differs from `from`.
	Contact Contact `yaml:"contact"`
	// Fields that a form in the body fills.
	Fields map[string]Scalar `yaml:"fields"`
	// Returning says that the client had a deal before.
	Returning bool `yaml:"returning"`
}

// Opening is a deal that a person opens.
type Opening struct {
	// Contact is the client.
	Contact Contact `yaml:"contact"`
	// Subject of the enquiry.
	Subject Text `yaml:"subject"`
	// Fields known already.
	Fields map[string]Scalar `yaml:"fields"`
	// Source of the lead.
	Source Text `yaml:"source"`
	// Returning says that the client had a deal before.
	Returning bool `yaml:"returning"`
}

// Contact is the client.
type Contact struct {
	// Name of the client.
	Name Text `yaml:"name"`
	// Email is the client's address.
	Email Text `yaml:"email"`
	// Phone of the client.
	Phone Text `yaml:"phone"`
}

// Reply is an answer of the client.
type Reply struct {
	// Subject of the answer.
	Subject Text `yaml:"subject"`
	// Body of the answer.
	Body Text `yaml:"body"`
	// Fields that the answer fills.
	Fields map[string]Scalar `yaml:"fields"`
}

// Bounce is a letter that came back.
type Bounce struct {
	// Permanent says that the address does not exist; true unless given.
	Permanent *bool `yaml:"permanent"`
	// Delayed says that it is a warning only, without effect.
	Delayed bool `yaml:"delayed"`
}

// Complete finishes a task.
type Complete struct {
	// Task is the id of the task.
	Task string `yaml:"task" required:"true"`
	// Fields filled on the way.
	Fields map[string]Scalar `yaml:"fields"`
	// Note about the outcome.
	Note Text `yaml:"note"`
}

// Waive lets a task go.
type Waive struct {
	// Task is the id of the task.
	Task string `yaml:"task" required:"true"`
	// Reason why it is not needed.
	Reason Text `yaml:"reason"`
}

// Set changes the client card.
type Set struct {
	// Fields and their new values; an empty value clears the field.
	Fields map[string]Scalar `yaml:"fields"`
	// Contact parts to change.
	Contact *Contact `yaml:"contact"`
	// Owner is the address of the new owner.
	Owner string `yaml:"owner"`

	short bool // the fields were written without the key `fields`
}

// Move moves the deal by hand.
type Move struct {
	// To is a stage, or won, lost or done.
	To string `yaml:"to" required:"true"`
	// Force passes the gates; it needs a reason.
	Force bool `yaml:"force"`
	// Reason of a forced move, or the lost reason.
	Reason Text `yaml:"reason"`
}

// Signal is an event from outside.
type Signal struct {
	// Name of the signal.
	Name string `yaml:"name" required:"true"`
	// Fields that come with it.
	Fields map[string]Scalar `yaml:"fields"`
}

// Pause holds the deal.
type Pause struct {
	// Until is a day or a moment; until a reply unless given.
	Until Text `yaml:"until"`
	// Reason of the pause.
	Reason Text `yaml:"reason"`

	until time.Time
}

// Reopen brings a lost deal back.
type Reopen struct {
	// To is the stage to go on with; the one it was lost in unless given.
	To string `yaml:"to"`
	// Reason of it.
	Reason Text `yaml:"reason"`
}

// Expect is what must hold after a step. What it does not name is not checked.
type Expect struct {
	// Stage the deal is in.
	Stage string `yaml:"stage"`
	// Status is open, won or lost.
	Status string `yaml:"status" enum:"open,won,lost"`
	// Owner is the address of who answers for the deal; "" for nobody.
	Owner *string `yaml:"owner"`
	// Reason the deal was lost for; "" for none.
	Reason *string `yaml:"reason"`
	// Stalled says whether the deal is past its timeout.
	Stalled *bool `yaml:"stalled"`
	// Level of the ladder that was reached; 0 for none.
	Level *int `yaml:"level"`
	// Visit is 1 at first; recycling and reopening begin the next.
	Visit *int `yaml:"visit"`
	// Paused says whether the deal is held.
	Paused *bool `yaml:"paused"`
	// Closed says whether the deal has come to its end.
	Closed *bool `yaml:"closed"`
	// Amount of the deal.
	Amount *float64 `yaml:"amount"`
	// Score of the qualification.
	Score *float64 `yaml:"score"`
	// Fields and their values; an empty value for a field that is not filled.
	Fields map[string]Scalar `yaml:"fields"`
	// Tasks is the list of the tasks that are open, in any order, or a mapping from tasks to open, done, overdue, waived, cancelled or none.
	Tasks *Tasks `yaml:"tasks"`
	// Documents that the deal holds, in any order.
	Documents []string `yaml:"documents" one:"true"`
	// Blocking names what stands in the way: each entry is a part of a message, or the id of a task, a field or a document. An empty list says that nothing does.
	Blocking []string `yaml:"blocking" one:"true"`
	// Sent is the letters since the step before, in their order.
	Sent []string `yaml:"sent" one:"true"`
	// Notified is the people who got a notice about the deal's ladder or a task's since the step before, in any order.
	Notified []string `yaml:"notified" one:"true"`
	// Refused says that the step's change is not allowed: true, or a part of the answer.
	Refused *Refused `yaml:"refused"`
}
