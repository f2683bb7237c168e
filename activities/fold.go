package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// foldedTogether is how many notices one mail may hold.
const foldedTogether = 100

// fold claims what else the same person is to be told now, and makes one mail
// of it all. A ladder's notice stands alone, but in a digest.
func (s *sender) fold(ctx context.Context, row *store.OutboxRow) (subject, text string, err error) {
	subject, text = row.Subject, row.Text
	digest := s.company.Notices.Delivery == "digest"
	if row.Kind != store.KindNotice || (ofLadder(row.Letter) && !digest) {
		return subject, text, nil
	}
	if len(s.folded) > 0 { // the mail was made before, and then something came in between
		return s.folding.Subject, s.folding.Text, nil
	}
	except := []string{definitions.NoticeStalled, definitions.NoticeTaskOverdue}
	if digest {
		except = nil
	}
	more, err := s.a.Store.ClaimNotices(ctx, row, s.holder, time.Now(), except, foldedTogether-1)
	if err != nil || len(more) == 0 {
		return subject, text, err
	}
	prefix := fmt.Sprintf("[%s] ", s.company.Name)
	var b strings.Builder
	s.folding = store.OutboxRow{ID: row.ID}
	for _, n := range append([]store.OutboxRow{*row}, more...) {
		if n.ID != row.ID {
			s.folded = append(s.folded, n.ID)
		}
		title := strings.TrimPrefix(n.Subject, prefix)
		fmt.Fprintf(&b, "%s\n%s\n%s\n\n", title, strings.Repeat("-", min(len([]rune(title)), 60)), strings.TrimSpace(n.Text))
	}
	n := len(more) + 1
	subject = fmt.Sprintf("%s%d notices", prefix, n)
	if s.company.Language == "ru" {
		subject = fmt.Sprintf("%sУведомления: %d", prefix, n)
	}
	s.folding.Subject, s.folding.Text = subject, b.String()
	return subject, b.String(), nil
}

// follow lets the notices that one mail held share the fate of the row that it
// was sent as.
func (s *sender) follow(ctx context.Context) error {
	if len(s.folded) == 0 {
		return nil
	}
	settled, err := s.a.Store.Follow(ctx, s.folding.ID, s.folded)
	if err == nil && settled {
		s.folding, s.folded = store.OutboxRow{}, nil
	}
	return err
}
