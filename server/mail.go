package server

import (
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/store"
)

func (s *Server) mailRoutes() {
	s.metrics.registry.MustRegister(newMailMetrics(s.Store, s.log))
	get := read("get-attachment", "/deals/{id}/attachments/{attachment}", "documents", "Read a file that came by mail", "")
	get.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(s.api, get, s.getAttachment)
	huma.Register(s.api, read("list-suppressions", "/companies/{company}/suppressions", "companies", "List who is not written to",
		"Addresses that opted out or do not exist, and those from which letters only came back for a time."), s.listSuppressions)
	huma.Register(s.api, atLeast(RoleManager, write("delete-suppression", http.MethodDelete, "/companies/{company}/suppressions/{address}", "companies",
		"Take an address off the list", "Letters to it may go out again. A deal that has noted it stays without letters until its contact is changed.",
		http.StatusNoContent)), s.deleteSuppression)
}

// attachmentView is a file that came with a client's message.
type attachmentView struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Type       string    `json:"type" doc:"As the sender called it."`
	Size       int64     `json:"size"`
	MessageID  string    `json:"ledger_id" doc:"The message it came with, in the ledger."`
	ReceivedAt time.Time `json:"received_at"`
}

func viewAttachments(list []store.Attachment, zone *time.Location) []attachmentView {
	views := make([]attachmentView, 0, len(list))
	for _, a := range list {
		views = append(views, attachmentView{
			ID: a.Key, Name: fileName(a.Name, "attachment"), Type: a.ContentType, Size: a.Size, MessageID: a.LedgerID, ReceivedAt: a.ReceivedAt.In(zone),
		})
	}
	return views
}

type getAttachmentInput struct {
	DealInput
	Attachment string `path:"attachment"`
}

func (s *Server) getAttachment(ctx context.Context, in *getAttachmentInput) (*fileOutput, error) {
	if _, err := s.deal(ctx, in.ID); err != nil {
		return nil, err
	}
	f, err := s.Store.File(ctx, in.Attachment)
	if isNotFound(err) || (err == nil && (f.DealID != in.ID || f.LedgerID == "")) {
		return nil, notFound.problem("the deal has no attachment of that id")
	}
	if err != nil {
		return nil, s.fault(ctx, "read a file", err)
	}
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": fileName(f.Name, "attachment")})
	return &fileOutput{ContentType: "application/octet-stream", Disposition: disposition, Modified: f.CreatedAt, Body: f.Data}, nil
}

// suppressionView is an address on a company's list.
type suppressionView struct {
	Address     string    `json:"address"`
	Reason      string    `json:"reason" enum:"unsubscribe,bounce,soft" doc:"soft: letters only came back for a time; the address is still written to."`
	Detail      string    `json:"detail"`
	DealID      *string   `json:"deal_id" doc:"The deal that it was learnt from."`
	At          time.Time `json:"at"`
	SoftBounces int       `json:"soft_bounces" doc:"How many letters came back for a time."`
}

type listSuppressionsInput struct {
	CompanyInput
	Paging
}

func (s *Server) listSuppressions(ctx context.Context, in *listSuppressionsInput) (*output[List[suppressionView]], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	if err := notForReps(ctx); err != nil {
		return nil, err
	}
	page, err := s.Store.Suppressions(ctx, c.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, s.fault(ctx, "list suppressions", err)
	}
	zone := c.Calendar.Location()
	return listOf(page, func(r *store.Suppression) suppressionView {
		v := suppressionView{Address: r.Address, Reason: r.Reason, Detail: r.Detail, DealID: textOrNull(r.DealID), At: r.At.In(zone), SoftBounces: r.SoftBounces}
		if v.Reason == "" {
			v.Reason = "soft"
		}
		return v
	}), nil
}

type deleteSuppressionInput struct {
	CompanyInput
	Address string `path:"address" maxLength:"320"`
}

func (s *Server) deleteSuppression(ctx context.Context, in *deleteSuppressionInput) (*struct{}, error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	err = s.Store.Unsuppress(ctx, c.ID, in.Address)
	if isNotFound(err) {
		return nil, notFound.problem("the address is not on the list")
	}
	if err != nil {
		return nil, s.fault(ctx, "take an address off the list", err)
	}
	return nil, nil
}
