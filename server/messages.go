package server

import (
	"context"
	"mime"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/store"
)

func (s *Server) messageRoutes() {
	huma.Register(s.api, read("list-messages", "/companies/{company}/messages", "mail", "Read the ledger of mail",
		"What became of every message, newest first."), s.listMessages)
	huma.Register(s.api, read("get-message", "/companies/{company}/messages/{message}", "mail", "Read a message",
		"Decoded, as long as its bytes are kept."), s.getMessage)
	huma.Register(s.api, fileAnswer(read("get-raw-message", "/companies/{company}/messages/{message}/raw", "mail", "Read a message as it was received",
		""), "message/rfc822"), s.getRawMessage)
	huma.Register(s.api, fileAnswer(read("get-message-file", "/companies/{company}/messages/{message}/files/{file}", "mail", "Read a file that came with a message",
		""), "application/octet-stream"), s.getMessageFile)
}

// MessageView is a row of the ledger.
type MessageView struct {
	ID          string    `json:"id"`
	Mailbox     string    `json:"mailbox"`
	UIDValidity uint32    `json:"uidvalidity"`
	UID         uint32    `json:"uid"`
	MessageID   string    `json:"message_id"`
	ReceivedAt  time.Time `json:"received_at"`
	From        string    `json:"from"`
	Subject     string    `json:"subject"`
	Outcome     string    `json:"outcome"`
	Rule        string    `json:"rule" doc:"What decided it."`
	Why         string    `json:"why" doc:"In words."`
	DealID      *string   `json:"deal_id"`
	Size        int64     `json:"size"`
}

type listMessagesInput struct {
	CompanyInput
	Mailbox string `query:"mailbox" maxLength:"200"`
	Outcome string `query:"outcome" enum:"lead,reply,duplicate,bounce,auto_reply,ignored,quarantined"`
	Deal    string `query:"deal" maxLength:"200"`
	Q       string `query:"q" maxLength:"500" doc:"Part of the sender's address, the subject or the Message-ID, in any case."`
	Paging
}

func (s *Server) listMessages(ctx context.Context, in *listMessagesInput) (*output[List[MessageView]], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	if holderOf(ctx).Role == RoleRep {
		// Mail that led to no deal, or to another's, is not theirs to read.
		if in.Deal == "" {
			return nil, forbidden.fault("deal", "a rep reads the mail of a deal: name one")
		}
		if _, err := s.deal(ctx, in.Deal); err != nil {
			return nil, err
		}
	}
	page, err := s.Store.Messages(ctx, store.MessageFilter{
		Companies: []string{c.ID}, Mailbox: in.Mailbox, Outcome: in.Outcome, DealID: in.Deal, Q: in.Q, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, s.fault(ctx, "list messages", err)
	}
	zone := c.Calendar.Location()
	return listOf(page, func(r *store.LedgerRow) MessageView { return viewMessage(r, zone) }), nil
}

func viewMessage(r *store.LedgerRow, zone *time.Location) MessageView {
	return MessageView{
		ID: r.ID, Mailbox: r.Mailbox, UIDValidity: r.UIDValidity, UID: r.UID, MessageID: r.MessageID, ReceivedAt: r.ReceivedAt.In(zone),
		From: r.From, Subject: r.Subject, Outcome: r.Outcome, Rule: r.Rule, Why: r.Why, DealID: textOrNull(r.DealID), Size: r.Size,
	}
}

// letterView is a message as a person reads it.
type letterView struct {
	MessageView
	Kept     bool       `json:"kept" doc:"The bytes of the message are still kept. Without them all below is empty."`
	Readable bool       `json:"readable" doc:"It is a mail. Otherwise text is what looks like text in it."`
	Sender   string     `json:"sender" doc:"Name and address."`
	ReplyTo  string     `json:"reply_to"`
	To       []string   `json:"to"`
	Cc       []string   `json:"cc"`
	Date     *time.Time `json:"date" doc:"As the sender's machine wrote it."`
	Text     string     `json:"text"`
	Files    []fileView `json:"files"`
}

type fileView struct {
	Index int    `json:"index" doc:"By which to read it."`
	Name  string `json:"name"`
	Type  string `json:"type" doc:"As the sender called it."`
	Size  int    `json:"size"`
}

// MessageInput names a message of the ledger.
type MessageInput struct {
	CompanyInput
	Message string `path:"message" maxLength:"200" doc:"The id of the ledger, not the Message-ID."`
}

func (s *Server) getMessage(ctx context.Context, in *MessageInput) (*output[letterView], error) {
	row, zone, err := s.message(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.showMessage(ctx, row, zone)
}

func (s *Server) showMessage(ctx context.Context, row *store.LedgerRow, zone *time.Location) (*output[letterView], error) {
	v := letterView{MessageView: viewMessage(row, zone), To: []string{}, Cc: []string{}, Files: []fileView{}}
	raw, err := s.Store.RawMessage(ctx, row.ID)
	if isNotFound(err) {
		return &output[letterView]{v}, nil
	}
	if err != nil {
		return nil, s.fault(ctx, "read a message", err)
	}
	l := s.Desk.Read(raw)
	v.Kept, v.Readable, v.Sender, v.ReplyTo, v.Text = true, l.Readable, l.From.String(), l.ReplyTo.String(), l.Text
	for _, a := range l.To {
		v.To = append(v.To, a.String())
	}
	for _, a := range l.Cc {
		v.Cc = append(v.Cc, a.String())
	}
	if !l.Date.IsZero() {
		date := l.Date.In(zone)
		v.Date = &date
	}
	for i, f := range l.Files {
		v.Files = append(v.Files, fileView{Index: i, Name: fileName(f.Name, "attachment"), Type: f.Type, Size: f.Size})
	}
	return &output[letterView]{v}, nil
}

// message reads a row of the ledger that the caller may see.
func (s *Server) message(ctx context.Context, in *MessageInput) (*store.LedgerRow, *time.Location, error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, nil, err
	}
	row, err := s.Store.Message(ctx, in.Message)
	if isNotFound(err) || (err == nil && row.Company != c.ID) {
		return nil, nil, notFound.problem("the ledger of the company has no message of that id")
	}
	if err != nil {
		return nil, nil, s.fault(ctx, "read a message", err)
	}
	if holderOf(ctx).Role == RoleRep {
		// Mail that led to no deal, or to another's, is not theirs to read.
		if row.DealID == "" {
			return nil, nil, forbidden.problem("a rep reads the mail of their own deals")
		}
		if _, err := s.deal(ctx, row.DealID); err != nil {
			return nil, nil, err
		}
	}
	about(ctx, c.ID, row.DealID)
	return row, c.Calendar.Location(), nil
}

// raw is what was received, or a problem that says that it is gone.
func (s *Server) raw(ctx context.Context, in *MessageInput) (*store.LedgerRow, []byte, error) {
	row, _, err := s.message(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	raw, err := s.Store.RawMessage(ctx, row.ID)
	if isNotFound(err) {
		return nil, nil, notFound.problem("the bytes of the message are not kept any more")
	}
	if err != nil {
		return nil, nil, s.fault(ctx, "read a message", err)
	}
	return row, raw, nil
}

func (s *Server) getRawMessage(ctx context.Context, in *MessageInput) (*fileOutput, error) {
	row, raw, err := s.raw(ctx, in)
	if err != nil {
		return nil, err
	}
	return download("message/rfc822", "message-"+row.ID+".eml", row.ReceivedAt, raw), nil
}

type messageFileInput struct {
	MessageInput
	File int `path:"file" minimum:"0" maximum:"10000"`
}

func (s *Server) getMessageFile(ctx context.Context, in *messageFileInput) (*fileOutput, error) {
	row, raw, err := s.raw(ctx, &in.MessageInput)
	if err != nil {
		return nil, err
	}
	files := s.Desk.Read(raw).Files
	if in.File >= len(files) {
		return nil, notFound.problem("the message has no such file")
	}
	f := files[in.File]
	return download("application/octet-stream", fileName(f.Name, "attachment"), row.ReceivedAt, f.Data()), nil
}

// fileAnswer says that the answer is bytes and no JSON.
func fileAnswer(op huma.Operation, kind string) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	return op
}

// download is a file to be saved, whatever it claims to be: what a client sent
// must not act here.
func download(kind, name string, at time.Time, data []byte) *fileOutput {
	return &fileOutput{ContentType: kind, Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": name}), Modified: at, Body: data}
}
