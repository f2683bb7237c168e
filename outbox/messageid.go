package outbox

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// digest names a thing by its content: 130 bits in 26 letters and digits.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return lowerBase32.EncodeToString(sum[:])[:26]
}

// MessageID makes the Message-ID of the letter with this key, in angle brackets. The same key and domain give the
// same id for ever, and the id does not show the key. The domain is the sender's; a whole address may be given for it.
func MessageID(key, domain string) string { return TokenMessageID(key, domain, "") }

// TokenMessageID is MessageID with a token in it, by which an answer is known even to who has forgotten the letter. The
// token may hold what a local part may: letters, digits, hyphens and dots.
func TokenMessageID(key, domain, token string) string {
	if at := strings.LastIndexByte(domain, '@'); at >= 0 {
		domain = domain[at+1:]
	}
	if normal, err := normalDomain(domain); err == nil {
		domain = normal
	} else {
		domain = "invalid"
	}
	id := digest("message-id", key, domain)
	if token != "" {
		id += "." + token
	}
	return "<" + id + "@" + domain + ">"
}

// maxIDLength bounds an id that comes from another's mail, in octets.
const maxIDLength = 250

// maxReferences bounds the References field: a thread keeps its first id and its latest ones.
const maxReferences = 20

// bareID strips the angle brackets of an id and answers "" for one that cannot stand in a header.
func bareID(id string) string {
	id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
	if id == "" || len(id) > maxIDLength {
		return ""
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	return id
}

// threadIDs returns the usable ids in order, once each, at most maxReferences of them, ending in the message that is answered.
func threadIDs(references []string, inReplyTo string) []string {
	seen := map[string]bool{}
	var ids []string
	parent := bareID(inReplyTo)
	for _, reference := range references {
		id := bareID(reference)
		if id == "" || id == parent || seen[id] {
			continue
		}
		seen[id] = true
		ids = append(ids, id)
	}
	if parent != "" {
		ids = append(ids, parent)
	}
	if over := len(ids) - maxReferences; over > 0 {
		ids = append(ids[:1], ids[1+over:]...)
	}
	return ids
}
