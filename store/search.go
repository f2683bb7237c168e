package store

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dealwright/dealwright/deal"
)

// searchText is what q finds a deal by, and a hash that tells whether it has
// changed.
func searchText(s *deal.State) (string, int64) {
	parts := []string{s.ID, s.Contact.Name, s.Contact.Email, s.Contact.Phone, s.Subject}
	for _, id := range slices.Sorted(maps.Keys(s.Fields)) {
		if text, ok := s.Fields[id].(string); ok {
			parts = append(parts, text)
		}
	}
	text := lower(strings.Join(parts, "\n"))
	hash := fnv.New64a()
	hash.Write([]byte(text))
	return text, int64(hash.Sum64())
}

// lower is for comparing: SQLite lowers only Latin letters itself.
func lower(text string) string { return clean(strings.ToLower(text)) }

// searchTerm finds a word, or part of one, in deal_search.
func searchTerm(word string, postgres bool) (term string, arg any) {
	if !postgres && utf8.RuneCountInString(word) >= 3 { // the index knows threes
		return "deal_search MATCH ?", `"` + strings.ReplaceAll(word, `"`, `""`) + `"`
	}
	return `text LIKE ? ESCAPE '\'`, containing(word)
}

// containing is a LIKE pattern, with \ as the escape.
func containing(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}
