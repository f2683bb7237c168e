package inbox

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// parseAddresses reads an address list as mailers write it, not as RFC 5322 wants it: names with unquoted commas,
// comments for names, groups, encoded words anywhere, addresses without a name and names without an address.
func parseAddresses(value string) []Address {
	list := splitAddresses(value)
	if len(list) == 1 && list[0].Email == "" && strings.Contains(value, "=?") {
		// Some mailers encode the whole "Name <address>".
		if whole := splitAddresses(decodeWords(value)); len(whole) > 0 && whole[0].Email != "" {
			return whole
		}
	}
	return list
}

// addressScanner collects the pieces of one mailbox while it walks over the list.
type addressScanner struct {
	list    []Address
	pending string // a piece without an address, perhaps the first half of "Doe, John <john@…>"

	words   strings.Builder // display name or bare address
	comment string
	angle   string
	angled  bool

	openQuote, openComment bool // one was never closed: those after it are characters like others
}

func splitAddresses(value string) []Address {
	var s addressScanner
	value = value[:min(len(value), maxAddressList)]
	for i := 0; i < len(value) && len(s.list) < maxAddresses; {
		switch c := value[i]; c {
		case '"':
			text, n := "", 1
			if !s.openQuote {
				text, n, s.openQuote = quoted(value[i:])
			}
			s.words.WriteString(text)
			i += n
		case '(':
			n := 1
			if !s.openComment {
				s.comment, n, s.openComment = comment(value[i:])
			}
			i += n
		case '<':
			end := strings.IndexByte(value[i:], '>')
			if end < 0 {
				end = len(value) - i
			}
			inner := value[i+1 : i+end]
			i += min(end+1, len(value)-i)
			if !strings.Contains(inner, "@") && addressFollows(value[i:]) {
				s.words.WriteString("<" + inner + ">") // a part of the name
				continue
			}
			s.angle, s.angled = inner, true
		case ',', ';':
			s.flush(c == ';')
			i++
		case ':':
			if rest := value[i+1:]; strings.TrimSpace(rest) == "" || strings.Contains(rest, ";") && !strings.Contains(s.words.String(), "@") {
				s.words.Reset() // the name of a group
			} else {
				s.words.WriteByte(c)
			}
			i++
		default:
			if n := encodedLength(value[i:]); n > 0 {
				s.words.WriteString(value[i : i+n]) // its text may hold commas
				i += n
				continue
			}
			s.words.WriteByte(c)
			i++
		}
	}
	s.flush(true)
	if s.pending != "" && len(s.list) == 0 {
		s.list = append(s.list, Address{Name: displayName(s.pending)})
	}
	return s.list
}

// addressFollows tells whether an address in angle brackets comes before the mailbox ends.
func addressFollows(rest string) bool {
	rest, _, _ = strings.Cut(rest, ",")
	_, inner, found := strings.Cut(rest, "<")
	return found && strings.Contains(inner, "@")
}

func encodedLength(s string) int {
	if word, ok := readWord(s); ok {
		return word.length
	}
	return 0
}

// blankInside matches the blanks that RFC 5322 still allows inside an address.
var blankInside = regexp.MustCompile(`\s*([@.])\s*`)

// flush ends one mailbox. A piece without an address waits for the next, unless the list ends here.
func (s *addressScanner) flush(last bool) {
	words := strings.TrimSpace(s.words.String())
	s.words.Reset()
	if !s.angled && !strings.Contains(words, "@") {
		if words != "" {
			if s.pending != "" {
				s.pending += ", "
			}
			s.pending += words
		}
		if last && s.pending != "" {
			s.list = append(s.list, Address{Name: displayName(s.pending)})
			s.pending = ""
		}
		s.comment = ""
		return
	}
	address := Address{Email: blankInside.ReplaceAllString(parenthesis.ReplaceAllString(s.angle, ""), "$1"), Name: words}
	if !s.angled {
		address = bareAddress(words)
	}
	if address.Name == "" {
		address.Name = s.comment
	}
	if s.pending != "" {
		address.Name = strings.TrimSuffix(s.pending+", "+address.Name, ", ")
	}
	address.Email = normalEmail(address.Email)
	address.Name = displayName(address.Name)
	if strings.EqualFold(address.Name, address.Email) {
		address.Name = ""
	}
	if address.Email == "" && strings.Contains(address.Name, "@") {
		address = bareAddress(address.Name)
		address.Email = normalEmail(address.Email)
	}
	if address.Email != "" || address.Name != "" {
		s.list = append(s.list, address)
	}
	s.pending, s.comment, s.angle, s.angled = "", "", "", false
}

// bareAddress finds the word with an @ and takes the others for a name.
func bareAddress(words string) Address {
	var address Address
	var name []string
	for word := range strings.FieldsSeq(words) {
		if address.Email == "" && strings.Contains(word, "@") {
			address.Email = word
		} else {
			name = append(name, word)
		}
	}
	address.Name = strings.Join(name, " ")
	return address
}

// quoted reads the quoted string at the start of s. An open one is a single character.
func quoted(s string) (text string, length int, open bool) {
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			out.WriteByte(s[i])
		case s[i] == '"':
			return out.String(), i + 1, false
		default:
			out.WriteByte(s[i])
		}
	}
	return "", 1, true
}

// comment reads the parenthesis at the start of s, with those inside it.
func comment(s string) (text string, length int, open bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[1:i], i + 1, false
			}
		}
	}
	return "", 1, true
}

func displayName(s string) string {
	s = strings.Join(strings.Fields(oneLine(decodeWords(s))), " ")
	for {
		bare := strings.Trim(bareOfPair(strings.Trim(s, " ,;"), quotePairs), " ,;")
		if bare == s {
			return clip(s, maxName)
		}
		s = bare
	}
}

// quotePairs are the signs that mailers put around a whole name.
var quotePairs = []string{`""`, "''", "<>"}

// bareOfPair takes one pair of signs off that encloses the text, or one that lost its other half. Signs that belong to a
// part of the name, as in OOO "Romashka", stay.
func bareOfPair(s string, pairs []string) string {
	for _, pair := range pairs {
		open, closing := pair[:1], pair[1:]
		inner, opens := strings.CutPrefix(s, open)
		inner, closes := strings.CutSuffix(inner, closing)
		if (opens || closes) && !strings.ContainsAny(inner, pair) && (opens && closes || open != "'") {
			return inner
		}
	}
	return s
}

// normalEmail returns the bare address in lower case, or nothing when there is none in it.
func normalEmail(s string) string {
	s = strings.ToLower(strings.TrimSpace(dropControls(s)))
	s = strings.TrimPrefix(s, "mailto:")
	if route, address, ok := strings.Cut(s, ":"); ok && strings.HasPrefix(strings.Trim(route, " <"), "@") {
		s = address // the relays that RFC 822 let a sender name
	}
	s = strings.Trim(s, " \t<>\"'.,;:")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 254 || !utf8.ValidString(s) || strings.ContainsAny(s, " \t\r\n<>,;()[]\\") {
		return ""
	}
	local, host := s[:at], s[at+1:]
	if strings.Contains(local, "@") || strings.ContainsAny(local, `"`) || strings.Contains(host, "..") || strings.HasPrefix(host, ".") || strings.ContainsAny(host, `"'`) {
		return ""
	}
	return s
}

func domainOf(email string) string {
	_, host, _ := strings.Cut(email, "@")
	return host
}
