package activities

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// sharedAgain is how often it is said that another server reads a mailbox too.
const sharedAgain = time.Hour

// mark is the keyword that the readers of a store leave in a mailbox. A copy of
// the data has the same.
func mark(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("mark"))
	return imap.MarkPrefix + hex.EncodeToString(mac.Sum(nil)[:4])
}

// marked learns which servers had handled a message before this one did. A
// message that the ledger knew may have been moved here from another mailbox,
// or back from the archive, and proves nothing.
func (in *intake) marked(ctx context.Context, uid uint32, marks []string) {
	own := mark(in.secret)
	switch {
	case !in.fresh[uid]:
	case slices.Contains(marks, own):
		in.secondServer(ctx, "a server with a copy of this one's data has handled the same message, or this data was restored from a backup")
	default:
		in.secondServer(ctx, fmt.Sprintf("another Dealwright (%s) has handled the same message, or this one did before its data was lost", strings.Join(marks, ", ")))
	}
}

// secondServer says that this server is not the only one which reads the
// mailbox: each client may get letters from both.
func (in *intake) secondServer(ctx context.Context, seen string) {
	if time.Since(in.shared) < sharedAgain {
		return
	}
	in.shared = time.Now()
	why := "another server reads this mailbox too: stop one of them. " + strings.ToUpper(seen[:1]) + seen[1:] + "."
	in.a.Log.Error("a second server reads the mailbox", "company", in.key.Company, "mailbox", in.key.ID, "seen", seen)
	subject, body := wordSecond(in.company, in.box, why)
	key := fmt.Sprintf("shared/%s/%s/%s", in.key.Company, in.key.ID, in.a.Clock.Now().UTC().Format(time.DateOnly))
	err := in.a.Store.SetShared(ctx, in.key, why, in.shared)
	if err == nil {
		err = in.a.Store.Capture(ctx, in.key, func(tx *store.CaptureTx) error {
			return tx.Enqueue(in.a.alarm(in.company, definitions.NoticeUnaccounted, key, subject, body))
		})
		in.a.bell.ring(in.company.ID)
	}
	if err != nil && ctx.Err() == nil {
		in.a.Log.Error("nobody was told of the second server", "company", in.key.Company, "mailbox", in.key.ID, "error", err)
	}
}

func wordSecond(company *definitions.Company, box *definitions.Mailbox, why string) (subject, body string) {
	if company.Language == "ru" {
		return fmt.Sprintf("Ящик «%s» читает ещё один сервер", box.ID),
			fmt.Sprintf("Ящик «%s» читает ещё один сервер, и клиенты могут получать письма от обоих. Остановите один из них.\n\n%s\n", box.ID, why)
	}
	return fmt.Sprintf("Another server reads mailbox %q", box.ID),
		fmt.Sprintf("Another server reads mailbox %q too, and clients may get letters from both.\n\n%s\n", box.ID, why)
}
