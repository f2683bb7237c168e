// Package deal is a sale as a pure state machine. Step takes a process, a
// deal's state, an event and the moment it happened, and says what the deal is
// now, what must be done about it, and when to look again. It reads no clock
// and does no I/O, so the live server, the scenario tests and the simulator
// all run this one function.
package deal

import (
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Status of a deal.
const (
	Open = "open"
	Won  = "won"
	Lost = "lost"
)

// State is all there is to know of a deal in order to go on with it. It
// survives a round trip through JSON with the same future.
type State struct {
	ID      string `json:"id"`
	Company string `json:"company"`
	Process string `json:"process"`
	Version string `json:"version"` // hash of the process version

	Status    string              `json:"status"`
	Stage     string              `json:"stage"`
	Owner     string              `json:"owner,omitempty"` // address
	Contact   definitions.Contact `json:"contact"`
	Subject   string              `json:"subject,omitempty"` // of the lead
	Text      string              `json:"text,omitempty"`    // of the lead, quotes stripped
	Source    string              `json:"source,omitempty"`
	Fields    map[string]any      `json:"fields,omitempty"`
	Visit     int                 `json:"visit"` // 1 on the first; recycling and reopening begin the next
	Recycled  int                 `json:"recycled,omitempty"`
	Returning bool                `json:"returning,omitempty"`
	LinkedTo  string              `json:"linked_to,omitempty"` // a deal whose thread this lead quoted
	MergedTo  string              `json:"merged_to,omitempty"`

	OpenedAt       time.Time `json:"opened_at,omitzero"`
	StageEnteredAt time.Time `json:"stage_entered_at,omitzero"`
	LastProgress   time.Time `json:"last_progress,omitzero"`
	ClosedAt       time.Time `json:"closed_at,omitzero"` // lost, or done; the deal's workflow may end
	LostReason     string    `json:"lost_reason,omitempty"`

	StalledSince time.Time `json:"stalled_since,omitzero"`
	Stalls       int       `json:"stalls,omitempty"`           // how often it stalled: part of a notice's key
	Misses       int       `json:"misses,omitempty"`           // how often a task became overdue: part of its notices' keys
	Level        int       `json:"escalation_level,omitempty"` // 0 none, 1 the first
	LevelAt      time.Time `json:"level_at,omitzero"`          // when Level was reached
	TimedOut     bool      `json:"timed_out,omitempty"`        // in this stage; a timeout from entry comes once

	Tasks     []Task            `json:"tasks,omitempty"`
	Documents []Document        `json:"documents,omitempty"`
	Timers    []Timer           `json:"timers,omitempty"`   // everything that is due some day
	Happened  []string          `json:"happened,omitempty"` // triggers of `next.on` since the stage was entered
	Sequence  SequenceState     `json:"sequence,omitzero"`
	Sent      []string          `json:"sent,omitempty"`     // letter keys, for `once` and never twice in a visit
	Owners    map[string]string `json:"owners,omitempty"`   // role -> who of that role owned the deal last
	Role      string            `json:"role,omitempty"`     // the role the owner holds the deal for
	Borrowed  bool              `json:"borrowed,omitempty"` // reassigned by a ladder until the stage is left

	BadAddress   string    `json:"bad_address,omitempty"` // an address known to bounce
	Muted        bool      `json:"muted,omitempty"`       // the lead must not be answered by a machine, until a person writes
	Unsubscribed bool      `json:"unsubscribed,omitempty"`
	PausedAt     time.Time `json:"paused_at,omitzero"`
	Thread       Thread    `json:"thread,omitzero"`

	// Assigning is whose turn must be settled before anything else happens.
	Assigning []Assign `json:"assigning,omitempty"`
	// Entered is the stages that were entered by themselves on the way to an
	// assignment, so that no circle of moves runs for ever.
	Entered []string `json:"entered,omitempty"`
	// Untold is what people hear of as soon as it is settled who the owner is.
	Untold []Untold `json:"untold,omitempty"`
}

// Task is work for a person, as it stands in a deal.
type Task struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Status   string    `json:"status"` // open, done, waived, cancelled
	Stage    string    `json:"stage"`
	Assignee string    `json:"assignee,omitempty"` // address; empty while it follows an owner that is not known
	Follows  bool      `json:"follows,omitempty"`  // the assignee is whoever owns the deal
	OpenedAt time.Time `json:"opened_at"`
	DueAt    time.Time `json:"due_at,omitzero"`
	DoneAt   time.Time `json:"done_at,omitzero"`
	Overdue  bool      `json:"overdue,omitempty"`
	Required bool      `json:"required,omitempty"`
	AdHoc    bool      `json:"ad_hoc,omitempty"`
	Miss     int       `json:"miss,omitempty"`  // which of the deal's misses it is, once overdue
	Level    int       `json:"level,omitempty"` // of the task's own ladder
	LevelAt  time.Time `json:"level_at,omitzero"`
}

// Task statuses.
const (
	TaskOpen      = "open"
	TaskDone      = "done"
	TaskWaived    = "waived"
	TaskCancelled = "cancelled"
)

// Document is a paper that the deal holds.
type Document struct {
	ID    string    `json:"id"`
	Stage string    `json:"stage"`
	Name  string    `json:"name,omitempty"`
	File  string    `json:"file,omitempty"` // key of the stored file
	URL   string    `json:"url,omitempty"`
	Note  string    `json:"note,omitempty"`
	At    time.Time `json:"at"`
}

// SequenceState is how far the stage's letters have come.
type SequenceState struct {
	Stopped string `json:"stopped,omitempty"` // why
}

// Thread ties letters to the client's own messages.
type Thread struct {
	LastMessageID string   `json:"last_message_id,omitempty"` // what the next letter answers
	References    []string `json:"references,omitempty"`
	Subject       string   `json:"subject,omitempty"`
}

// Assign asks for somebody of a role; Advance answers with an Assigned event.
type Assign struct {
	Role string `json:"role"`
	For  string `json:"for"` // owner, reassign, or task:<id>
}

// Untold is a notice that waits for the deal to have an owner.
type Untold struct {
	Key    string `json:"key"`
	About  string `json:"about"`
	Reason string `json:"reason,omitempty"`
	To     string `json:"to,omitempty"` // a role; the owner unless given
}

// Stalled reports whether the deal is past its stage's timeout.
func (s *State) Stalled() bool { return !s.StalledSince.IsZero() }

// Waits reports whether the deal is open and waits for a person: it is stalled,
// a task of it is overdue, or the client's address is bad.
func (s *State) Waits() bool {
	return s.Status == Open && (s.Stalled() || s.BadAddress != "" || slices.ContainsFunc(s.Tasks, Task.Late))
}

// Late reports whether the task is still to be done and overdue.
func (t Task) Late() bool { return t.Overdue && t.Status == TaskOpen }

// Closed reports whether the deal has come to an end.
func (s *State) Closed() bool { return !s.ClosedAt.IsZero() }

// Paused reports whether letters, timeouts and ladders are held.
func (s *State) Paused() bool { return !s.PausedAt.IsZero() }

// clone copies the state for Step to work on. Lists are clipped, so that adding
// to one makes another; before one is changed in place, and before a map is,
// it is copied: see machine.tasks and machine.timers.
func (s *State) clone() *State {
	c := *s
	c.Tasks = slices.Clip(s.Tasks)
	c.Documents = slices.Clip(s.Documents)
	c.Timers = slices.Clip(s.Timers)
	c.Happened = slices.Clip(s.Happened)
	c.Sent = slices.Clip(s.Sent)
	c.Assigning = slices.Clip(s.Assigning)
	c.Entered = slices.Clip(s.Entered)
	c.Untold = slices.Clip(s.Untold)
	c.Thread.References = slices.Clip(s.Thread.References)
	return &c
}
