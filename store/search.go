package store

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/dealwright/dealwright/deal"
)

// searchText is what q finds a deal by, and a hash that tells whether the row
// of deal_search has changed.
func searchText(s *deal.State) (string, int64) {
	parts := []string{s.ID, s.Contact.Name, s.Contact.Email, s.Contact.Phone, s.Subject}
	for _, id := range slices.Sorted(maps.Keys(s.Fields)) {
		if text, ok := s.Fields[id].(string); ok {
			parts = append(parts, text)
		}
	}
	text := lower(strings.Join(parts, "\n"))
	hash := fnv.New64a()
	hash.Write([]byte(s.Company + "\n" + text))
	return text, int64(hash.Sum64())
}

// lower is for comparing: SQLite lowers only Latin letters itself.
func lower(text string) string { return clean(strings.ToLower(text)) }

// few is up to how many deals a search names one by one.
const few = 1000

// search restricts to the deals whose text holds every word. When they are few
// they are looked up first; when they are many, most deals that a list walks
// along are among them.
func (w *condition) search(c conn, companies []string, q string) error {
	words := strings.Fields(lower(q))
	if len(words) == 0 {
		return nil
	}
	var holds condition
	for _, word := range words {
		holds.add(`q.text LIKE ? ESCAPE '\'`, containing(word))
	}
	among := holds
	among.among("q.company", companies)
	found, err := collect(c, func(row scanner) (int64, error) {
		var n int64
		return n, row.Scan(&n)
	}, `SELECT q.n FROM deal_search q`+among.String()+` LIMIT ?`, append(among.args, few+1)...)
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		w.add("1 = 0")
	case len(found) <= few:
		w.add("d.n IN ("+placeholders(len(found))+")", anys(found)...)
	default:
		w.add("EXISTS (SELECT 1 FROM deal_search q"+holds.String()+" AND q.n = d.n)", holds.args...)
	}
	return nil
}

// containing is a LIKE pattern, with \ as the escape.
func containing(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}
