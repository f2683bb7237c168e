package activities

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"slices"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/document"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/store"
)

// largestEnclosures bounds the files of one letter together, in bytes. Encoded
// for mail they grow by a third, and many servers take no more than 20 MB.
const largestEnclosures = 10 << 20

// errEnclosure says that a letter cannot go out as it was meant: something that
// is to go with it is not there.
var errEnclosure = errors.New("nothing to attach")

// enclosures gives the files that go with a letter: the documents it attaches,
// as the deal holds them, or made from their templates where it holds none.
func (s *sender) enclosures(ctx context.Context, row *store.OutboxRow) ([]outbox.Attachment, error) {
	if row.Kind != store.KindLetter || row.DealID == "" || !attaches(s.company, row.Letter) {
		return nil, nil
	}
	found, err := s.a.Store.Deal(ctx, row.DealID)
	if err != nil {
		return nil, err
	}
	p, err := s.a.Catalogue.Process(ctx, s.company.ID, found.State.Version)
	if err != nil {
		return nil, err
	}
	letter := p.Letters[row.Letter]
	if letter == nil {
		return nil, nil
	}
	var files []outbox.Attachment
	size := 0
	for _, id := range letter.Attach {
		file, err := s.a.enclosure(ctx, p, found.State, row.Stage, id)
		if err != nil {
			return nil, err
		}
		if size += len(file.Bytes); size > largestEnclosures {
			return nil, fmt.Errorf("%w: its documents are larger than %d MB together: send a link instead", errEnclosure, largestEnclosures>>20)
		}
		files = append(files, file)
	}
	return files, nil
}

// attaches reports whether a letter of that id takes documents along in any of
// the company's processes, so that most letters need no look at their deal.
func attaches(c *definitions.Company, letter string) bool {
	return slices.ContainsFunc(c.Processes, func(p *definitions.Process) bool {
		l := p.Letters[letter]
		return l != nil && len(l.Attach) > 0
	})
}

// enclosure is one document of the deal as a file.
func (a *Activities) enclosure(ctx context.Context, p *definitions.Process, state *deal.State, stage, id string) (outbox.Attachment, error) {
	for _, held := range state.Documents {
		if held.ID != id || held.File == "" {
			continue
		}
		f, err := a.Store.File(ctx, held.File)
		if err != nil {
			return outbox.Attachment{}, err
		}
		if _, _, err := mime.ParseMediaType(f.ContentType); err != nil {
			f.ContentType = "" // whoever sent it has named no type that can be told on
		}
		return outbox.Attachment{Name: f.Name, Type: f.ContentType, Bytes: f.Data}, nil
	}
	d := p.Document(id, stage)
	if d == nil || d.Template == "" {
		return outbox.Attachment{}, fmt.Errorf("%w: the deal has no file of the document %q and the process no template for it", errEnclosure, id)
	}
	data := state.LetterData(p)
	data.Facts.Stage = stage // the letter was decided there
	markdown, err := p.RenderDocument(id, data)
	if err != nil {
		return outbox.Attachment{}, fmt.Errorf("%w: %w", errEnclosure, err)
	}
	pdf, err := document.PDF(markdown, d.Title())
	if err != nil {
		return outbox.Attachment{}, fmt.Errorf("%w: %w", errEnclosure, err)
	}
	return outbox.Attachment{Name: d.Title() + ".pdf", Type: "application/pdf", Bytes: pdf}, nil
}
