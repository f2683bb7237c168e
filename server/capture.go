package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

const capturePath = apiPath + "/capture/"

// Bounds of what a form may send.
const (
	mostAnswers   = 100
	longestAnswer = 20_000
)

func (s *Server) captureRoutes() {
	op := atLeast(RoleForm, write("capture-lead", http.MethodPost, "/capture/{company}/{process}", "deals", "Bring in a web form's lead",
		"As a form or as JSON. name, email, phone, subject and message are known, and so is every field of the process by its id; whatever else there is, or cannot be read, goes into the text. "+
			"A token of the role form may stand in the address, as ?token=: it can do nothing else.", http.StatusCreated))
	op.SkipValidateBody = true
	answers := func() *huma.Schema { return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true} }
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/x-www-form-urlencoded": {Schema: answers()}, "multipart/form-data": {Schema: answers()}, "application/json": {Schema: answers()},
	}}
	huma.Register(s.api, op, s.captureLead)
}

type captureInput struct {
	CompanyInput
	Process     string `path:"process"`
	Token       string `query:"token" maxLength:"200" doc:"A token of the role form, for a form that cannot send headers."`
	Key         string `header:"Idempotency-Key" maxLength:"200" doc:"A request that is sent again with the same key makes no other deal."`
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte
}

// capturedView says no more than a stranger may know.
type capturedView struct {
	OK bool   `json:"ok"`
	ID string `json:"id"`
}

func (s *Server) captureLead(ctx context.Context, in *captureInput) (*output[capturedView], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	p := c.Process(in.Process)
	if p == nil {
		return nil, notFound.problem("the company has no such process")
	}
	answers, err := formAnswers(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	lead := leadOf(p, answers)
	lead.Company, lead.Process, lead.Source = in.Company, in.Process, "form"
	out, err := s.createDeal(ctx, &createDealInput{Key: in.Key, Body: lead})
	if err != nil {
		return nil, err
	}
	return &output[capturedView]{capturedView{true, out.Body.ID}}, nil
}

// formAnswers reads what a form was filled in with.
func formAnswers(contentType string, body []byte) (map[string]string, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, unsupportedMedia.problem("send a form, or JSON")
	}
	answers := map[string]string{}
	switch media {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, badRequest.problem("the form cannot be read")
		}
		for key, list := range values {
			answers[key] = strings.Join(list, ", ")
		}
	case "multipart/form-data":
		if err := multipartAnswers(answers, body, params["boundary"]); err != nil {
			return nil, err
		}
	case "application/json":
		if err := jsonAnswers(answers, body); err != nil {
			return nil, err
		}
	default:
		return nil, unsupportedMedia.problem("send a form, or JSON")
	}
	return answers, checkAnswers(answers)
}

func multipartAnswers(answers map[string]string, body []byte, boundary string) error {
	form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(maxBody)
	if err != nil {
		return badRequest.problem("the form cannot be read: it ends too early or its boundary is wrong")
	}
	defer func() { _ = form.RemoveAll() }() // a body this small never reaches the disk
	for key, list := range form.Value {
		answers[key] = strings.Join(list, ", ")
	}
	if len(form.File) > 0 {
		return invalid.problem("a form's lead takes no files: leave them out")
	}
	return nil
}

func jsonAnswers(answers map[string]string, body []byte) error {
	sent := map[string]any{}
	if err := readJSON(body, &sent); err != nil {
		return badRequest.problem("send one JSON object: " + err.Error())
	}
	for key, v := range sent {
		switch v := v.(type) {
		case nil:
		case string:
			answers[key] = v
		case bool, float64:
			text, err := json.Marshal(v)
			if err != nil {
				return badRequest.problem("a number cannot be read")
			}
			answers[key] = string(text)
		default:
			return invalid.fault(clip(oneLine(key), 100), "an answer is a text, a number, true or false")
		}
	}
	return nil
}

func checkAnswers(answers map[string]string) error {
	if len(answers) > mostAnswers {
		return invalid.problem(fmt.Sprintf("a form has at most %d answers", mostAnswers))
	}
	if len(answers) == 0 {
		return invalid.problem("the form is empty")
	}
	for key, answer := range answers {
		if !isText(key) || !isText(answer) {
			return badRequest.problem("the form is not readable text: write it in UTF-8")
		}
		if len(key) > 200 || len(answer) > longestAnswer {
			return invalid.fault(clip(oneLine(key), 100), "the answer is too long")
		}
	}
	return nil
}

// leadOf makes a lead of a form's answers. A lead is never refused for them:
// what cannot be read stays in the text, for a person.
func leadOf(p *definitions.Process, answers map[string]string) newDeal {
	d := newDeal{Contact: &newContact{}, Fields: map[string]any{}}
	var rest []string
	for _, key := range slices.Sorted(maps.Keys(answers)) {
		answer := strings.TrimSpace(answers[key])
		if answer == "" || key == "token" {
			continue
		}
		if !d.answer(p, key, answer) {
			rest = append(rest, oneLine(key)+": "+answer)
		}
	}
	d.Body = clip(strings.TrimSpace(d.Body+"\n\n"+strings.Join(rest, "\n")), 99_000)
	return d
}

// answer puts one answer where it belongs, and says whether it fits there.
func (d *newDeal) answer(p *definitions.Process, key, answer string) bool {
	switch strings.ToLower(key) {
	case "name":
		d.Contact.Name = clip(oneLine(answer), 450)
		return true
	case "email":
		_, err := definitions.CheckEmail(answer)
		if err == nil {
			d.Contact.Email = answer
		}
		return err == nil
	case "phone":
		_, err := p.Company.CheckPhone(answer)
		if err == nil {
			d.Contact.Phone = answer
		}
		return err == nil
	case "subject":
		d.Subject = clip(oneLine(answer), 900)
		return true
	case "message", "body", "text":
		d.Body = strings.TrimSpace(d.Body + "\n\n" + answer)
		return true
	}
	if _, err := p.CheckField(key, answer); err != nil {
		return false
	}
	d.Fields[key] = answer
	return true
}

// tokenInAddress is a form's token in the query. Another role's does not count:
// addresses end up in logs.
func (s *Server) tokenInAddress(r *http.Request) (Holder, error) {
	if !strings.HasPrefix(r.URL.Path, capturePath) || r.URL.Query().Get("token") == "" {
		return Holder{}, store.ErrNotFound
	}
	h, err := s.holderOfToken(r.Context(), r.URL.Query().Get("token"))
	if err == nil && h.Role != RoleForm {
		return Holder{}, store.ErrNotFound
	}
	return h, err
}
