package deal

import (
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Kinds of events that Step takes.
const (
	KindOpen         = "open"          // a lead becomes a deal
	KindTimer        = "timer"         // time has passed
	KindReply        = "reply"         // the client wrote
	KindAutoReply    = "auto_reply"    // the client's machine wrote
	KindBounce       = "bounce"        // a letter came back
	KindOutbound     = "outbound"      // a colleague answered from their own mail client
	KindEvidence     = "evidence"      // the same enquiry came once more
	KindUnsubscribe  = "unsubscribe"   // the client wants no more letters
	KindLetterFailed = "letter_failed" // the outbox could not deliver
	KindAssigned     = "assigned"      // a rotation was settled
	KindSet          = "set"           // a person changed contact, fields or owner
	KindComplete     = "complete"      // a task is finished
	KindAddTask      = "add_task"
	KindChangeTask   = "change_task"
	KindDocument     = "document"
	KindNote         = "note"
	KindMove         = "move"
	KindSignal       = "signal"
	KindPause        = "pause"
	KindResume       = "resume"
	KindReopen       = "reopen"
	KindMerge        = "merge"       // this deal ends in another one
	KindUpgrade      = "upgrade"     // take up the process given to Step
	KindMember       = "member_left" // the owner or an assignee is no longer of the team
)

// Event is something that happened to a deal. Which parts are set depends on
// its Kind.
type Event struct {
	Kind  string `json:"kind"`
	Actor string `json:"actor,omitempty"` // an address, "client" or "system"

	Contact   *definitions.Contact `json:"contact,omitempty"`   // open, set: empty parts are left as they are
	Clear     []string             `json:"clear,omitempty"`     // set: parts of the contact to empty
	Fields    map[string]any       `json:"fields,omitempty"`    // open, reply, set, complete, signal
	Owner     string               `json:"owner,omitempty"`     // set, assigned
	Subject   string               `json:"subject,omitempty"`   // open
	Text      string               `json:"text,omitempty"`      // open, note
	Source    string               `json:"source,omitempty"`    // open
	Returning bool                 `json:"returning,omitempty"` // open: the client had a deal before
	Linked    string               `json:"linked,omitempty"`    // open: a deal whose thread was quoted
	Mail      *Mail                `json:"mail,omitempty"`      // open, reply, auto_reply, bounce, outbound, evidence
	NoAnswer  bool                 `json:"no_answer,omitempty"` // open: nobody must be written to for this mail

	Task     string    `json:"task,omitempty"`     // complete, change_task
	NewTask  *NewTask  `json:"new_task,omitempty"` // add_task
	Due      time.Time `json:"due,omitzero"`       // change_task
	Assignee string    `json:"assignee,omitempty"` // change_task
	Waive    bool      `json:"waive,omitempty"`    // change_task

	Document string `json:"document,omitempty"` // document
	File     string `json:"file,omitempty"`
	FileName string `json:"file_name,omitempty"`
	URL      string `json:"url,omitempty"`
	Note     string `json:"note,omitempty"` // complete, document

	To     string    `json:"to,omitempty"`     // move: a stage, won, lost or done; merge: the other deal
	Force  bool      `json:"force,omitempty"`  // move
	Reason string    `json:"reason,omitempty"` // move, change_task, reopen; lost reason for to: lost
	Name   string    `json:"name,omitempty"`   // signal
	Until  time.Time `json:"until,omitzero"`   // pause; zero: until a reply

	Timed     bool    `json:"timed,omitempty"`      // assigned: time, not somebody, had asked for it
	Assign    *Assign `json:"assign,omitempty"`     // assigned: what was asked for
	LetterKey string  `json:"letter_key,omitempty"` // letter_failed, bounce when known
	Permanent bool    `json:"permanent,omitempty"`  // bounce, letter_failed: the address does not exist
	Delayed   bool    `json:"delayed,omitempty"`    // bounce: a warning without effect

	// Next is the version of the process that the deal takes up as it enters its
	// next stage; nil: it stays with the one given to Step.
	Next *definitions.Process `json:"-"`

	// ReadThrough is the moment up to which every mailbox of the company has
	// been read. What is due later and would reach people waits: the client may
	// already have answered. Zero: nothing to wait for.
	ReadThrough time.Time `json:"-"`
}

// NewTask is an ad hoc task.
type NewTask struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Assignee string    `json:"assignee"` // an address; empty: the owner
	Due      time.Time `json:"due"`
	Required bool      `json:"required"`
}

// Mail is the client's message as the timeline shows it.
type Mail struct {
	MessageID   string    `json:"message_id"`
	References  []string  `json:"references,omitempty"`
	From        string    `json:"from"`
	To          string    `json:"to,omitempty"`
	Subject     string    `json:"subject"`
	Text        string    `json:"text"` // quotes stripped
	LedgerID    string    `json:"ledger_id,omitempty"`
	ReceivedAt  time.Time `json:"received_at,omitzero"`
	Attachments []string  `json:"attachments,omitempty"`
}

// Entry is one line of the timeline.
type Entry struct {
	At    time.Time      `json:"at"`
	Type  string         `json:"type"`
	Actor string         `json:"actor,omitempty"`
	Stage string         `json:"stage,omitempty"`
	Data  map[string]any `json:"data,omitempty"`
}

// Letter is a letter to the client that was decided.
type Letter struct {
	Key        string // deal, visit, stage and step: the same letter is never sent twice
	Letter     string // id
	Stage      string
	Step       string // of the stage's sequence
	Version    string // of the process, in which the letter is written
	To         definitions.Contact
	Data       definitions.LetterData
	InReplyTo  string
	References []string
}

// Notice is a message to one person of the staff that was decided.
type Notice struct {
	Key    string // deal, visit, subject and level
	To     string // address
	About  string // ladder, task, owner, bad_address, no_address, mail, …
	Reason string // what the person should know, machine-readable: a task's id, a level
	Level  int
	Task   string
}

// Result is what Step answers.
type Result struct {
	State    *State
	Timeline []Entry
	Letters  []Letter
	Notices  []Notice
	// Wake is the earliest moment at which something is due; zero: nothing is.
	Wake time.Time
	// HeldSince is when the first thing fell due that waits for the mailboxes to
	// be read past it; zero: nothing waits.
	HeldSince time.Time
}

// Refusal is the answer to a change that the process does not allow. Nothing
// was changed.
type Refusal struct {
	Invalid  bool // the request is wrong in itself; else it conflicts with the deal's state
	Problems []Problem
}

// Problem is one reason of a refusal.
type Problem struct {
	Message  string `json:"message"`
	Field    string `json:"field,omitempty"`
	Task     string `json:"task,omitempty"`
	Document string `json:"document,omitempty"`
}

func (r *Refusal) Error() string {
	text := "refused"
	for i, p := range r.Problems {
		if i == 0 {
			text = p.Message
		} else {
			text += "; " + p.Message
		}
	}
	return text
}
