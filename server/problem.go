package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/gin-gonic/gin"

	"github.com/dealwright/dealwright/deal"
)

// Problem is how every error of the API looks: RFC 9457, with a type that
// programs may branch on and, where there are several faults, all of them.
type Problem struct {
	Type   string  `json:"type" doc:"What kind of error it is: urn:dealwright:problem:<slug>. It never changes." example:"urn:dealwright:problem:refused"`
	Title  string  `json:"title" doc:"The kind of error in words."`
	Status int     `json:"status" doc:"The HTTP status."`
	Detail string  `json:"detail,omitempty" doc:"What happened, for a person."`
	Errors []Fault `json:"errors,omitempty" doc:"Each fault, or each requirement that is not met."`

	header http.Header
}

// Fault is one reason why a request was not done.
type Fault struct {
	Message  string `json:"message" doc:"The fault and its remedy."`
	Location string `json:"location,omitempty" doc:"Where in the request it is, such as body.contact.email."`
	Field    string `json:"field,omitempty" doc:"The field of the client card, or the key of the request."`
	Task     string `json:"task,omitempty" doc:"The task that is to be finished first."`
	Document string `json:"document,omitempty" doc:"The document that is missing."`
}

// The kinds of problems. Their slugs are part of the API.
var (
	badRequest         = kind{http.StatusBadRequest, "bad-request", "The request cannot be read"}
	unauthorized       = kind{http.StatusUnauthorized, "unauthorized", "A valid token is needed"}
	forbidden          = kind{http.StatusForbidden, "forbidden", "This is not allowed"}
	notFound           = kind{http.StatusNotFound, "not-found", "There is no such thing"}
	methodNotAllowed   = kind{http.StatusMethodNotAllowed, "method-not-allowed", "The method does not fit the address"}
	notAcceptable      = kind{http.StatusNotAcceptable, "not-acceptable", "The answer is JSON only"}
	timedOut           = kind{http.StatusRequestTimeout, "timeout", "The request took too long to arrive"}
	refused            = kind{http.StatusConflict, "refused", "The deal does not allow it as it stands"}
	keyReused          = kind{http.StatusConflict, "idempotency-key-reused", "The Idempotency-Key belongs to another request"}
	preconditionFailed = kind{http.StatusPreconditionFailed, "precondition-failed", "The deal has changed in between"}
	tooLarge           = kind{http.StatusRequestEntityTooLarge, "too-large", "The request is too large"}
	unsupportedMedia   = kind{http.StatusUnsupportedMediaType, "unsupported-media-type", "The content type is not supported"}
	invalid            = kind{http.StatusUnprocessableEntity, "invalid", "The request is not valid"}
	tooMany            = kind{http.StatusTooManyRequests, "too-many-requests", "Too many requests"}
	internal           = kind{http.StatusInternalServerError, "internal", "The server failed"}
	unavailable        = kind{http.StatusServiceUnavailable, "unavailable", "The server cannot do it right now"}
)

var kinds = []kind{
	badRequest, unauthorized, forbidden, notFound, methodNotAllowed, notAcceptable, timedOut, refused,
	preconditionFailed, tooLarge, unsupportedMedia, invalid, tooMany, internal, unavailable,
}

type kind struct {
	status int
	slug   string
	title  string
}

// problem makes a Problem of the kind.
func (k kind) problem(detail string, faults ...Fault) *Problem {
	return &Problem{Type: "urn:dealwright:problem:" + k.slug, Title: k.title, Status: k.status, Detail: detail, Errors: faults}
}

// fault is the problem of one key of the request.
func (k kind) fault(field, message string) *Problem {
	return k.problem(message, Fault{Message: message, Field: field})
}

func kindOf(status int) kind {
	for _, k := range kinds {
		if k.status == status {
			return k
		}
	}
	if status >= http.StatusInternalServerError {
		return internal
	}
	return kind{status, "http-" + strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "-"), http.StatusText(status)}
}

// Error is the detail, or the title where there is none.
func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}

// GetStatus is the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are headers that go with the problem, for huma.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is that of RFC 9457, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func (p *Problem) with(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

// retryAfter is how many seconds a client should wait after a 503.
const retryAfter = "2"

// errKeyReused answers an Idempotency-Key that came before with something else.
var errKeyReused = keyReused.problem("this Idempotency-Key came with another request before: use a new one")

func errUnavailable(detail string) *Problem {
	return unavailable.problem(detail).with("Retry-After", retryAfter)
}

// ofRefusal says why the deal did not take a change.
func ofRefusal(r *deal.Refusal) *Problem {
	k := refused
	if r.Invalid {
		k = invalid
	}
	p := k.problem(r.Error())
	for _, q := range r.Problems {
		p.Errors = append(p.Errors, Fault{Message: q.Message, Field: q.Field, Task: q.Task, Document: q.Document})
	}
	return p
}

// write answers a request outside huma with the problem.
func (p *Problem) write(c *gin.Context) {
	maps.Copy(c.Writer.Header(), p.header)
	c.Writer.Header().Set("Content-Type", "application/problem+json")
	c.Writer.WriteHeader(p.Status)
	body, err := json.Marshal(p)
	if err == nil {
		_, _ = c.Writer.Write(body)
	}
	c.Abort()
}

// huma keeps its error constructor and its view of arrays and of the letters of
// keys in variables of the package; every API of this program wants them so.
func init() {
	huma.NewError = ofHuma
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
}

// ofHuma turns what huma found into a Problem that gives away neither what the
// client sent nor what went wrong inside.
func ofHuma(status int, message string, errs ...error) huma.StatusError {
	if message == "cannot read request body" {
		// The client broke off or the body is malformed: not the server's fault.
		return badRequest.problem("the body of the request could not be read to its end: send it again")
	}
	k := kindOf(status)
	if k.status >= http.StatusInternalServerError {
		return k.problem("")
	}
	p := k.problem(detailOf(k, message))
	if k == unsupportedMedia || k == tooLarge {
		return p
	}
	for _, err := range errs {
		var detailer huma.ErrorDetailer
		if errors.As(err, &detailer) {
			p.Errors = append(p.Errors, ofDetail(detailer.ErrorDetail()))
		}
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].sentence()
	}
	return p
}

func detailOf(k kind, message string) string {
	switch k {
	case unsupportedMedia:
		return "send the body as application/json"
	case tooLarge:
		return "the body is larger than this address takes"
	case timedOut:
		return "the body did not arrive in time"
	}
	return message
}

func ofDetail(d *huma.ErrorDetail) Fault {
	message := d.Message
	if message == validation.MsgUnexpectedProperty || message == "unknown query parameter" {
		message = "unknown key: remove it or look at its spelling"
	}
	location := clip(d.Location, 200)
	_, field, _ := strings.Cut(location, ".")
	return Fault{Message: message, Location: location, Field: field}
}

func (f Fault) sentence() string {
	if f.Location == "" {
		return f.Message
	}
	return f.Location + ": " + f.Message
}

// clip shortens text to a number of runes.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// sortFaults puts faults in an order that does not depend on chance.
func sortFaults(faults []Fault) {
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Message, b.Message))
	})
}
