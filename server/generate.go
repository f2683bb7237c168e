package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/document"
)

func (s *Server) generateRoutes() {
	huma.Register(s.api, write("generate-document", http.MethodPost, "/deals/{id}/documents/{document}/generate", "documents", "Generate a document",
		"Makes the document as PDF from the template that the process names, of what the deal holds now, and adds it. A document of the same id is replaced.",
		http.StatusCreated), s.generateDocument)
}

type generateInput struct {
	ChangeInput
	Document string `path:"document" doc:"A document of the process that has a template."`
	Body     *struct {
		Note string `json:"note,omitempty" maxLength:"20000"`
	} `nameHint:"NewGeneratedDocument"`
}

func (s *Server) generateDocument(ctx context.Context, in *generateInput) (*createdOutput, error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.need(ctx, row.State)
	if err != nil {
		return nil, err
	}
	d := p.Document(in.Document, row.State.Stage)
	switch {
	case d == nil:
		return nil, notFound.problem("the process has no document of that id")
	case d.Template == "":
		return nil, refused.problem("the process has no template for that document: send the file itself")
	}
	e := deal.Event{Kind: deal.KindDocument, Document: in.Document}
	if in.Body != nil {
		e.Note = strings.TrimSpace(in.Body.Note)
	}
	request := []any{"generate", in.Document, e.Note}
	done, err := s.answered(ctx, s.input(ctx, in.ChangeInput, request))
	if err != nil && !done {
		return nil, s.fault(ctx, "look up an earlier request", err)
	}
	if !done {
		if e.File, e.FileName, err = s.generate(ctx, p, row.State, d); err != nil {
			return nil, s.fault(ctx, "generate a document", err)
		}
	}
	return s.created(ctx, in.ChangeInput, request, e, "/documents/"+in.Document)
}

// generate makes and keeps the file.
func (s *Server) generate(ctx context.Context, p *definitions.Process, state *deal.State, d *definitions.Document) (key, name string, err error) {
	markdown, err := p.RenderDocument(d.ID, state.LetterData(p))
	if err != nil {
		return "", "", err
	}
	pdf, err := document.PDF(markdown, d.Title())
	if err != nil {
		return "", "", err
	}
	name = fileName(d.Title()+".pdf", d.ID+".pdf")
	key, err = s.Store.PutFile(ctx, state.ID, name, "application/pdf", pdf)
	return key, name, err
}
