package inbox

import (
	"sort"
	"strconv"
	"strings"
)

// parseParams reads a header of the form "value; name=value; …" leniently. The value comes in lower case; parameters are
// decoded from RFC 2231 (continuations, percent signs, charset) and from the encoded words that mailers put there
// against the rules.
func parseParams(raw []byte, bodyCharset string) (value string, params map[string]string) {
	pieces := splitParams(headerBytes(raw, bodyCharset))
	value = strings.ToLower(strings.TrimSpace(pieces[0]))
	if i := strings.IndexAny(value, " \t("); i > 0 {
		value = value[:i]
	}
	params = map[string]string{}
	continued := map[string][]section{}
	for _, piece := range pieces[1:] {
		name, text, ok := strings.Cut(piece, "=")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		text = unquote(strings.TrimSpace(text))
		base, extra, split := strings.Cut(name, "*")
		if !split {
			if _, taken := params[name]; !taken {
				params[name] = oneLine(decodeWords(text))
			}
			continue
		}
		number, _ := strconv.Atoi(strings.TrimSuffix(extra, "*"))
		continued[base] = append(continued[base], section{number, text, extra == "" || strings.HasSuffix(extra, "*")})
	}
	for base, sections := range continued {
		params[base] = oneLine(joinSections(sections))
	}
	return value, params
}

// section is one numbered piece of a parameter that RFC 2231 splits.
type section struct {
	number  int
	text    string
	percent bool
}

func joinSections(sections []section) string {
	sort.SliceStable(sections, func(i, j int) bool { return sections[i].number < sections[j].number })
	charset := ""
	var data []byte
	for i, s := range sections {
		if !s.percent {
			data = append(data, s.text...)
			continue
		}
		if i == 0 {
			if name, rest, ok := strings.Cut(s.text, "'"); ok {
				if _, text, ok := strings.Cut(rest, "'"); ok {
					charset, s.text = name, text
				}
			}
		}
		data = append(data, unpercent(s.text)...)
	}
	return decodeText(data, charset)
}

func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := hexDigit(s[i+1])
			lo, ok2 := hexDigit(s[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// splitParams cuts at the semicolons outside quotes.
func splitParams(s string) []string {
	var pieces []string
	start, inQuotes := 0, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if inQuotes {
				i++
			}
		case '"':
			inQuotes = !inQuotes
		case ';':
			if !inQuotes {
				pieces = append(pieces, s[start:i])
				start = i + 1
			}
		}
	}
	return append(pieces, s[start:])
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return strings.Trim(s, "\"'")
	}
	text, _, open := quoted(s)
	if open {
		return strings.Trim(s, `"`)
	}
	return text
}
