package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/deal"
)

// documentLink says where a document is, or only that it is there.
type documentLink struct {
	URL  string `json:"url,omitempty" maxLength:"2000" doc:"An http or https address."`
	Note string `json:"note,omitempty" maxLength:"20000"`
}

func (s *Server) documentRoutes() {
	const path = "/deals/{id}/documents/{document}"
	op := write("add-document", http.MethodPost, path, "documents", "Add a document",
		"The file itself, as the body or as the part file of a form, or in JSON where it is. A document of the same id is replaced.", http.StatusCreated)
	op.MaxBodyBytes, op.BodyReadTimeout, op.SkipValidateBody = maxFile, slowest, true
	binary := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[documentLink](), true, "")},
		"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": binary(), "note": {Type: huma.TypeString},
		}}},
	}}
	huma.Register(s.api, op, s.addDocument)
	get := read("get-document", path, "documents", "Read a document's file", "")
	get.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: binary()}}}}
	huma.Register(s.api, get, s.getDocument)
}

type documentInput struct {
	ChangeInput
	Document           string `path:"document" doc:"A document of the process."`
	ContentType        string `header:"Content-Type" hidden:"true"`
	ContentDisposition string `header:"Content-Disposition" doc:"filename names a file that is sent as the body."`
	RawBody            []byte
}

// upload is what a request brings of a document.
type upload struct {
	documentLink
	Name string
	Type string
	Data []byte
}

func (s *Server) addDocument(ctx context.Context, in *documentInput) (*createdOutput, error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.need(ctx, row.State)
	if err != nil {
		return nil, err
	}
	// Asked before the file is kept: a refused one would stay behind.
	if p.Document(in.Document, row.State.Stage) == nil {
		return nil, notFound.problem("the process has no document of that id")
	}
	u, err := s.upload(in)
	if err != nil {
		return nil, err
	}
	e := deal.Event{Kind: deal.KindDocument, Document: in.Document, FileName: u.Name, URL: u.URL, Note: u.Note}
	done, err := s.answered(ctx, s.input(ctx, in.ChangeInput, u))
	if err != nil && !done {
		return nil, s.fault(ctx, "look up an earlier request", err)
	}
	if u.Data != nil && !done {
		if e.File, err = s.Store.PutFile(ctx, in.ID, u.Name, u.Type, u.Data); err != nil {
			return nil, s.fault(ctx, "keep a file", err)
		}
	}
	return s.created(ctx, in.ChangeInput, u, e, "/documents/"+in.Document)
}

// upload reads the body by its content type: JSON with a link, a form with a
// file, or else the file itself.
func (s *Server) upload(in *documentInput) (*upload, error) {
	media, params, err := mime.ParseMediaType(in.ContentType)
	if in.ContentType == "" {
		media, err = "application/octet-stream", nil
	}
	switch {
	case err != nil:
		return nil, unsupportedMedia.problem("the Content-Type cannot be read")
	case media == "application/json":
		return s.link(in.RawBody)
	case media == "multipart/form-data":
		return form(in.RawBody, params["boundary"])
	}
	_, disposition, err := mime.ParseMediaType(in.ContentDisposition)
	if err != nil {
		disposition = nil // a name is welcome, not needed
	}
	return &upload{Name: fileName(disposition["filename"], in.Document), Type: media, Data: in.RawBody}, nil
}

func (s *Server) link(body []byte) (*upload, error) {
	u := &upload{}
	var sent any
	if err := readJSON(body, &sent); err != nil {
		return nil, badRequest.problem(err.Error())
	}
	registry := s.api.OpenAPI().Components.Schemas
	result := &huma.ValidateResult{}
	huma.Validate(registry, registry.Schema(reflect.TypeFor[documentLink](), false, ""), huma.NewPathBuffer([]byte("body"), 4), huma.ModeWriteToServer, sent, result)
	if len(result.Errors) > 0 {
		return nil, ofHuma(http.StatusUnprocessableEntity, "", result.Errors...)
	}
	if err := readJSON(body, &u.documentLink); err != nil {
		return nil, badRequest.problem(err.Error())
	}
	u.Note = strings.TrimSpace(u.Note)
	if u.URL == "" && u.Note == "" {
		return nil, invalid.fault("url", "say where the document is by url, or what it is by note")
	}
	if u.URL != "" {
		at, err := url.Parse(u.URL)
		if err != nil || (at.Scheme != "http" && at.Scheme != "https") || at.Host == "" || at.User != nil {
			return nil, invalid.fault("url", "write a whole http or https address, without a password")
		}
	}
	return u, nil
}

// longestNote is how many bytes of a form's note are read.
const longestNote = 80_000

func form(body []byte, boundary string) (*upload, error) {
	u := &upload{}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badRequest.problem("the form cannot be read: it ends too early or its boundary is wrong")
		}
		data, err := io.ReadAll(part) // no longer than the body, which is bounded
		if err != nil {
			return nil, badRequest.problem("the form cannot be read: a part of it ends too early")
		}
		switch part.FormName() {
		case "file":
			u.Name, u.Type, u.Data = fileName(part.FileName(), "file"), part.Header.Get("Content-Type"), data
		case "note":
			if len(data) > longestNote || !isText(string(data)) {
				return nil, invalid.fault("note", "the note is too long or no text")
			}
			u.Note = strings.TrimSpace(string(data))
		default:
			return nil, invalid.fault(clip(oneLine(part.FormName()), 100), "unknown part of the form: it has file and note")
		}
	}
	if u.Data == nil {
		return nil, invalid.fault("file", "the form has no part named file")
	}
	return u, nil
}

// fileName is the name without folders and without what would act.
func fileName(name, otherwise string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name)
	if name == "." || name == "/" || name == "" {
		return otherwise
	}
	return clip(name, 200)
}

type getDocumentInput struct {
	DealInput
	Document string `path:"document"`
}

type fileOutput struct {
	ContentType string    `header:"Content-Type"`
	Disposition string    `header:"Content-Disposition"`
	Modified    time.Time `header:"Last-Modified"`
	Body        []byte
}

func (s *Server) getDocument(ctx context.Context, in *getDocumentInput) (*fileOutput, error) {
	row, err := s.deal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range row.State.Documents {
		if d.ID != in.Document || d.File == "" {
			continue
		}
		f, err := s.Store.File(ctx, d.File)
		if err != nil {
			return nil, s.fault(ctx, "read a file", err)
		}
		// A download, whatever it claims to be: a page of a client must not act here.
		disposition := mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})
		return &fileOutput{ContentType: "application/octet-stream", Disposition: disposition, Modified: d.At, Body: f.Data}, nil
	}
	return nil, notFound.problem("the deal holds no file of that document")
}
