package definitions

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Kinds of notices to staff. Those of a ladder always go out, to whom the
// ladder names; the others go to whoever the company's `notices` say.
const (
	NoticeStalled      = "stalled"      // of a ladder: the deal makes no progress
	NoticeTaskOverdue  = "task_overdue" // of a task's ladder
	NoticeNewLead      = "new_lead"
	NoticeTaskDue      = "task_due"
	NoticeBadAddress   = "bad_address"
	NoticeNoAddress    = "no_address"
	NoticeMailReceived = "mail_received" // by a deal that has ended
	NoticeMemberLeft   = "member_left"
	NoticeQuarantined  = "quarantined"
	NoticeUnaccounted  = "unaccounted" // a mailbox and the ledger disagree
)

// noticeKinds are those that can be asked for.
var noticeKinds = []string{
	NoticeNewLead, NoticeTaskDue, NoticeBadAddress, NoticeNoAddress, NoticeMailReceived, NoticeMemberLeft, NoticeQuarantined, NoticeUnaccounted,
}

// noticeOwner stands for whoever answers for the deal.
const noticeOwner = "owner"

// defaultNotices is who hears of what where the company does not say.
func defaultNotices() map[string][]string {
	return map[string][]string{
		noticeOwner: {NoticeNewLead, NoticeTaskDue, NoticeBadAddress, NoticeNoAddress, NoticeMailReceived},
		"manager":   {NoticeMemberLeft, NoticeQuarantined, NoticeUnaccounted},
	}
}

// Tells lists who is told of a kind of notice: owner, or roles, in a stable
// order. Where the company has no role manager, its first role stands in.
func (n Notices) Tells(kind string) []string {
	var who []string
	for _, name := range slices.Sorted(maps.Keys(n.Tell)) {
		if slices.Contains(n.Tell[name], kind) {
			who = append(who, name)
		}
	}
	return who
}

func (b *companyBuilder) notices() Notices {
	f := b.file.Notices
	n := Notices{Delivery: f.Delivery, Tell: defaultNotices()}
	if n.Delivery == "" {
		n.Delivery = "immediate"
	}
	if b.company.Role("manager") == nil {
		if len(b.company.Roles) > 0 {
			n.Tell[b.company.Roles[0].ID] = n.Tell["manager"]
		}
		delete(n.Tell, "manager")
	}
	known := []string{noticeOwner}
	for _, r := range b.company.Roles {
		known = append(known, r.ID)
	}
	for who, kinds := range f.Tell {
		at := "notices.tell." + who
		if !slices.Contains(known, who) {
			b.src.atKey(at, CodeUnknownRole, "unknown role %s%s", quote(who), oneOf(who, known))
			continue
		}
		for i, kind := range kinds {
			if !slices.Contains(noticeKinds, kind) {
				b.src.at(index(at, i), CodeUnknownValue, "unknown kind of notice %s%s", quote(kind), oneOf(kind, noticeKinds))
			}
		}
		n.Tell[who] = kinds
	}
	return n
}

// publicURL is where people outside reach the server; one-click opt-out is
// defined for https alone (RFC 8058).
func (b *companyBuilder) publicURL() string {
	text := b.file.PublicURL
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, " <>,") {
		b.src.at("public_url", CodeAddress, "%s is no public address: write it as https://crm.example.com", quote(text))
		return ""
	}
	return strings.TrimSuffix(text, "/")
}
