package inbox

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

var (
	forwardMark  = regexp.MustCompile(`(?i)^\s*(fwd?|fw|wg|tr|enc|rv|vs|vb|vl|pd|i|videresend|redir\.|i̇lt|doorst|пересл\p{L}*|пересылка|转发|転送)\s*[:：]`)
	forwardIntro = regexp.MustCompile(`(?i)^\s*((это )?(пересылаемое|перенаправленное|пересланное) (сообщение|письмо)|(this is a )?forwarded message)\s*[:.]?\s*$`)
	scissorsLine = regexp.MustCompile(`^\s*={2,}8<=.*=\s*$`)
	subjectLabel = regexp.MustCompile(`(?i)^(subject|тема|betreff|objet|sujet|asunto|oggetto|temat|onderwerp|ämne|emne|předmět|predmet|aihe|tárgy|assunto|subiect(ul)?|konu|naslov|件名)$`)
	anyLabel     = regexp.MustCompile(`^\p{L}[\p{L} \x{00a0}'()-]{0,25}\s*[:：]`)

	// Words between dashes, in whatever language; Yahoo puts the copied header on the same line.
	dashedLine = regexp.MustCompile(`^\s*[-_=—]{2,}\s*[^-_=—\s][^_=—]{3,60}?[-_=—]{3,}\s*(.*)$`)
	openerLine = regexp.MustCompile(`^\s*[^\d@:]{8,60}[:：]\s*$`)
	gluedLabel = regexp.MustCompile(`\s*(\p{Lu}\p{L}{0,14}(?: \p{L}{1,8})?\s?: )`)
)

// forwardedInline reads a letter that was forwarded as text: the header that the mailer copied above it, and the letter
// below. It answers nil when there is none. Only few of the words in it are known; for the rest, its shape must do.
func forwardedInline(m *Message) *Message {
	lines := strings.Split(m.Text, "\n")
	for i, line := range lines[:min(len(lines), 300)] {
		inner := forwardedAt(unquoteLine(line), lines[i:], forwardMark.MatchString(m.Subject))
		if inner == nil {
			continue
		}
		inner.MessageID, inner.MessageIDRaw, inner.References = m.MessageID, m.MessageIDRaw, m.References
		inner.Subject = cmp.Or(inner.Subject, afterReply(m.Subject))
		inner.To, inner.Date, inner.Attachments, inner.Headers = m.To, m.Date, m.Attachments, Header{}
		inner.Size, inner.BytesHash, inner.ContentHash = len(inner.Text), m.BytesHash, contentHash(inner, nil)
		return inner
	}
	return nil
}

// forwardedAt reads a forwarded letter whose copied header begins at a line, if one does.
func forwardedAt(line string, lines []string, marked bool) *Message {
	if dashed := dashedLine.FindStringSubmatch(line); dashed != nil {
		if strings.Contains(dashed[1], "@") {
			glued := strings.Split(strings.TrimSpace(gluedLabel.ReplaceAllString(dashed[1], "\n$1")), "\n")
			return forwardedBelow(append(append(glued, ""), lines[1:]...))
		}
		return forwardedBelow(lines[1:])
	}
	switch {
	case forwardIntro.MatchString(line), openerLine.MatchString(line):
		return forwardedBelow(lines[1:])
	case headerBlock(unquoteLines(lines[:min(len(lines), 8)])):
		return forwardedBelow(lines)
	}
	if n := introduces(lines); marked && n > 0 && strings.Contains(strings.Join(lines[:n], " "), "@") {
		return forwardedBelow(append([]string{strings.Join(lines[:n], " ")}, lines[n:]...))
	}
	return nil
}

// forwardedBelow reads the copied header at the start of the lines and the letter behind it. The first address is the
// sender's: mailers copy To and Cc after it.
func forwardedBelow(lines []string) *Message {
	inner := &Message{}
	labels := 0
	for i, raw := range lines[:min(len(lines), 25)] {
		line := strings.Trim(unquoteLine(raw), "* \t\u00a0")
		label, value, _ := strings.Cut(strings.Replace(line, "：", ":", 1), ":")
		label, value = strings.Trim(label, " *\u00a0"), strings.Trim(value, " *\t\u00a0")
		labelled := anyLabel.MatchString(line) && value != ""
		known := inner.From.Email != ""
		switch {
		case line == "" || scissorsLine.MatchString(line):
			if known && labels != 1 {
				return inner.below(lines[i+1:], raw)
			}
		case endsIntro(line) && strings.Contains(line, "@"):
			// "20.11.2026, 09:00, "Name" <a@b>:" stands in for the header, or ends it.
			if written := anyAddress.FindString(line); !known {
				inner.From = Address{Email: normalEmail(written), Name: nameBefore(line, written)}
			}
			return inner.below(lines[i+1:], raw)
		case labelled && subjectLabel.MatchString(label):
			inner.Subject = strings.TrimRight(value, " ;")
			labels++
		case labelled && !known && strings.Contains(value, "@"):
			inner.From = copiedSender(value)
			labels++
		case labelled:
			labels++
		case labels >= 3 && known:
			return inner.below(lines[i:], raw)
		case labels == 0:
			return nil
		}
	}
	return nil
}

var (
	mailtoLink = regexp.MustCompile(`(?i)\s*<mailto:[^<>\s]*>`)
	copiedSign = strings.NewReplacer("[mailto:", "<", "[", "<", "]", ">", ";", "")
)

// copiedSender reads an address as mailers write it into a text: with a link behind it, in brackets, "on behalf of".
func copiedSender(value string) Address {
	value, _, _ = strings.Cut(mailtoLink.ReplaceAllString(value, ""), " on behalf of ")
	from := firstAddress(parseAddresses(copiedSign.Replace(value)))
	if from.Email == "" {
		written := anyAddress.FindString(value) // "Name (a@b)"
		from = Address{Email: normalEmail(written), Name: nameBefore(value, written)}
	}
	return from
}

// timeBefore matches what mailers write between the time and the name of a sender.
var timeBefore = regexp.MustCompile(`^.*\d[.:]\d\d(:\d\d)?( ?[APap]\.?[Mm]\.?)?( [+(]?(GMT|UTC)?[+-]?[\d:]*\)?)?,?\s+(heeft |пользователь |użytkownik |időpontban |používateľ |от |в )?`)

// nameBefore finds the name that stands before an address, behind the time if there is one.
func nameBefore(line, address string) string {
	before, _, _ := strings.Cut(line, address)
	before = timeBefore.ReplaceAllString(strings.TrimRight(before, " <("), "")
	if i := strings.LastIndex(strings.TrimRight(before, `"”»`), `"`); i >= 0 {
		before = before[i+1:]
	} else if i := strings.LastIndexByte(before, ','); i >= 0 {
		before = before[i+1:]
	}
	return displayName(strings.Trim(before, " \u00a0„“”«»"))
}

// below takes the lines for the letter; where the header was marked as quoted, the mark goes.
func (m *Message) below(lines []string, header string) *Message {
	written := func(line string) bool { return strings.TrimSpace(line) != "" && !strings.HasPrefix(line, ">") }
	if strings.HasPrefix(header, ">") || !slices.ContainsFunc(lines, written) {
		lines = unquoteLines(lines)
	}
	for len(lines) > 0 && (strings.TrimSpace(lines[0]) == "" || scissorsLine.MatchString(lines[0])) {
		lines = lines[1:]
	}
	m.Text = strings.Trim(strings.Join(lines, "\n"), "\n")
	return m
}

func unquoteLine(line string) string {
	if rest, ok := strings.CutPrefix(line, ">"); ok {
		return strings.TrimPrefix(rest, " ")
	}
	return line
}

func unquoteLines(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = unquoteLine(line)
	}
	return out
}
