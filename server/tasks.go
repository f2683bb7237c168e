package server

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/deal"
)

func (s *Server) taskRoutes() {
	const tasks = "/deals/{id}/tasks"
	huma.Register(s.api, write("add-task", http.MethodPost, tasks, "tasks", "Add a task",
		"One that the process does not know of. Location names it.", http.StatusCreated), s.addTask)
	huma.Register(s.api, write("complete-task", http.MethodPost, tasks+"/{task}/complete", "tasks", "Finish a task", "", http.StatusOK), s.completeTask)
	huma.Register(s.api, write("patch-task", http.MethodPatch, tasks+"/{task}", "tasks", "Reschedule, reassign or waive a task", "", http.StatusOK), s.patchTask)
}

type newTaskInput struct {
	ChangeInput
	Body struct {
		Name     string     `json:"name" minLength:"1" maxLength:"500"`
		Kind     string     `json:"kind,omitempty" enum:"call,email,meeting,document,todo" doc:"todo unless given"`
		Assignee string     `json:"assignee,omitempty" maxLength:"320" doc:"The address of a member of the team; the owner unless given."`
		DueAt    *time.Time `json:"due_at,omitempty"`
		Required bool       `json:"required,omitempty" doc:"The stage is not left forwards before it is finished."`
	} `nameHint:"NewTask"`
}

func (s *Server) addTask(ctx context.Context, in *newTaskInput) (*createdOutput, error) {
	b := in.Body
	n := &deal.NewTask{
		ID: newTaskID(ctx, in.ChangeInput), Name: oneLine(b.Name), Kind: b.Kind, Required: b.Required,
		Assignee: strings.ToLower(strings.TrimSpace(b.Assignee)),
	}
	if n.Name == "" {
		return nil, invalid.fault("name", "a task needs a name")
	}
	if b.DueAt != nil {
		n.Due = *b.DueAt
		if err := plausible("due_at", n.Due); err != nil {
			return nil, err
		}
	}
	return s.created(ctx, in.ChangeInput, in.Body, deal.Event{Kind: deal.KindAddTask, NewTask: n}, "/tasks/"+n.ID)
}

// newTaskID is a new id; with an Idempotency-Key always the same one.
func newTaskID(ctx context.Context, in ChangeInput) string {
	if in.Key == "" {
		return "t-" + strings.ToLower(rand.Text()[:12])
	}
	return "t-" + digest(actorOf(ctx), in.ID, in.Key)[:12]
}

type TaskInput struct {
	ChangeInput
	Task string `path:"task"`
}

type completeInput struct {
	TaskInput
	Body *struct {
		Fields map[string]any `json:"fields,omitempty" doc:"What was learnt, by the field's id."`
		Note   string         `json:"note,omitempty" maxLength:"20000"`
	} `nameHint:"Completion"`
}

func (s *Server) completeTask(ctx context.Context, in *completeInput) (*dealOutput, error) {
	if err := s.hasTask(ctx, in.TaskInput); err != nil {
		return nil, err
	}
	e := deal.Event{Kind: deal.KindComplete, Task: in.Task}
	if in.Body != nil {
		e.Fields, e.Note = in.Body.Fields, strings.TrimSpace(in.Body.Note)
	}
	return s.change(ctx, in.ChangeInput, e)
}

type patchTaskInput struct {
	TaskInput
	Body struct {
		DueAt    *time.Time `json:"due_at,omitempty"`
		Assignee string     `json:"assignee,omitempty" maxLength:"320" doc:"The address of a member of the team."`
		Waive    bool       `json:"waive,omitempty" doc:"The task need not be done; needs a reason."`
		Reason   string     `json:"reason,omitempty" maxLength:"2000"`
	} `nameHint:"TaskPatch"`
}

func (s *Server) patchTask(ctx context.Context, in *patchTaskInput) (*dealOutput, error) {
	b := in.Body
	e := deal.Event{
		Kind: deal.KindChangeTask, Task: in.Task, Assignee: strings.ToLower(strings.TrimSpace(b.Assignee)),
		Waive: b.Waive, Reason: strings.TrimSpace(b.Reason),
	}
	if b.DueAt != nil {
		e.Due = *b.DueAt
		if err := plausible("due_at", e.Due); err != nil {
			return nil, err
		}
	}
	if b.Waive && (b.DueAt != nil || e.Assignee != "") {
		return nil, invalid.fault("waive", "a task is waived, or rescheduled and reassigned, not both")
	}
	if err := s.hasTask(ctx, in.TaskInput); err != nil {
		return nil, err
	}
	if !b.Waive && b.DueAt == nil && e.Assignee == "" {
		return s.show(ctx, in.ID)
	}
	return s.change(ctx, in.ChangeInput, e)
}

// hasTask answers 404 for an address that names no task.
func (s *Server) hasTask(ctx context.Context, in TaskInput) error {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return err
	}
	for _, t := range row.State.Tasks {
		if t.ID == in.Task {
			return nil
		}
	}
	return notFound.problem("the deal has no task of that id: GET the deal lists them")
}
