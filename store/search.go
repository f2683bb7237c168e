package store

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

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

// findable writes what a deal is found by.
func findable(c conn, n int64, company, text string) error {
	_, err := c.exec(`INSERT INTO deal_search (n, company, text) VALUES (?, ?, ?) ON CONFLICT (n) DO UPDATE SET company = excluded.company, text = excluded.text`,
		n, company, text)
	if err == nil && !c.postgres {
		_, err = c.exec(`INSERT OR REPLACE INTO deal_words (rowid, text) VALUES (?, ?)`, n, text)
	}
	return err
}

// lower is for comparing: SQLite lowers only Latin letters itself.
func lower(text string) string { return clean(strings.ToLower(text)) }

// search restricts to the deals whose text holds every word of q. It begins
// with the index over parts of words, of three letters and more.
func (w *condition) search(q string, postgres bool) {
	words := strings.Fields(lower(q))
	if len(words) == 0 {
		return
	}
	if postgres {
		w.from = "deal_search q JOIN deals d ON d.n = q.n"
		for _, word := range words {
			w.add(`q.text LIKE ? ESCAPE '\'`, containing(word))
		}
		return
	}
	long := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return utf8.RuneCountInString(word) < 3 })
	if len(long) == 0 {
		w.from = "deal_search q CROSS JOIN deals d ON d.n = q.n" // reads q first
		for _, word := range words {
			w.add("instr(q.text, ?) > 0", word)
		}
		return
	}
	w.from = "deal_words CROSS JOIN deals d INDEXED BY deals_of_words ON d.n = deal_words.rowid"
	w.add("deal_words MATCH ?", `"`+strings.Join(quoted(long), `" AND "`)+`"`)
	if len(long) < len(words) {
		w.holding(q, false)
	}
}

// holding is search deal by deal.
func (w *condition) holding(q string, postgres bool) {
	var holds condition
	for word := range strings.FieldsSeq(lower(q)) {
		if postgres {
			holds.add(`q.text LIKE ? ESCAPE '\'`, containing(word))
		} else {
			holds.add("instr(q.text, ?) > 0", word)
		}
	}
	if len(holds.terms) > 0 {
		w.add("EXISTS (SELECT 1 FROM deal_search q"+holds.String()+" AND q.n = d.n)", holds.args...)
	}
}

// quoted doubles the quotes that would end a text of the full-text search.
func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = strings.ReplaceAll(word, `"`, `""`)
	}
	return out
}

// containing is a LIKE pattern, with \ as the escape.
func containing(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}
