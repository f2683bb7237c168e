package inbox

import (
	"regexp"
	"slices"
	"strings"
)

// The lines by which mailers introduce what they quote. Each is met at the start of a line; what follows is quotation.
var (
	// "On Mon, 3 Mar 2026 at 10:00, Name <a@b> wrote:", which may be wrapped over two or three lines.
	wroteLine = regexp.MustCompile(`(?i)^(on\b.+\bwrote|am\b.+\bschrieb\b.*|le\b.+\ba écrit|el\b.+\bescribió|il\b.+\bha scritto|w dniu\b.+\bnapisał\S{0,4}|em\b.+\bescreveu|op\b.+\bschreef\b.*|den\b.+\bskrev\b.*)\s*[:：]?\s*$`)
	// "пн, 3 мар. 2026 г. в 10:00, Имя <a@b>:", "03.03.2026, 10:00, "Имя" <a@b>:", "Понедельник, 3 марта 2026, 10:00 +03:00 от Имя <a@b>:".
	datedLine = regexp.MustCompile(`(?i)^(.*\d[.:/ ].*[@<].+[:：]|.{0,12}(пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)\S{0,3},?\s+\d{1,2}.+:)\s*$`)
	// "Имя <a@b> писал(а) 03.03.2026 10:00:", "Вы писали 3 марта 2026 г., 10:00:08:".
	pisalLine = regexp.MustCompile(`(?i)^.*(писал\(а\)|писала?|написала?|пишет|вы писали|ви писали|пише)[^!?]*[:：]\s*$`)
	// "-----Original Message-----" and its kin.
	ruleLine  = regexp.MustCompile(`(?i)^\s*[-_=—]{2,}\s*(original message|исходное сообщение|пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение|оригинальное сообщение|forwarded( message| by .{1,60})?|begin forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|messaggio originale|oryginalna wiadomość|originalmeddelande|mensagem original|оригінальне повідомлення|переслане повідомлення|конец пересылаемого сообщения|reply message|исходное письмо)\s*[-_=—]*\s*$`)
	begunLine = regexp.MustCompile(`(?i)^\s*(begin forwarded message|начало переадресованного сообщения|начало пересылаемого сообщения|anfang der weitergeleiteten nachricht|début du message transféré)\s*[:：]\s*$`)
	// A block of headers without a line before it, as Outlook writes: From and, within a few lines, Sent and To.
	fromLine = regexp.MustCompile(`(?i)^\s*\**(from|от|от кого|отправитель|von|de|de la|da|od|fra|van|från|lähettäjä|feladó|kimden|gönderen|mittente|nadawca|expeditorul|šalje|від|від кого|кого)\s*[:：]\**\s*\S`)
	sentLine = regexp.MustCompile(`(?i)^\s*\**(sent|date|отправлено|дата|gesendet|datum|envoyé( le)?|date d'envoi|enviado( el)?|fecha|inviato|data|wysłano|dato|datum|skickat|sendt|verzonden|odesláno|odoslané|lähetetty|päivämäärä|elküldve|dátum|tarih|надіслано|отправлен[оа]?)\s*[:：]`)
	toLine   = regexp.MustCompile(`(?i)^\s*\**(to|кому|an|à|para|a|do|subject|тема|betreff|objet|asunto|oggetto|temat|komu|til|till|aan|vastaanottaja|címzett|kime|către|pre|prima|adresat)\s*[:：]`)
	// Whatever has a date or a word of writing is an introduction when quoted lines follow at once.
	datedStart = regexp.MustCompile(`\d{1,4}[./-]\d{1,2}|\d{1,2}:\d\d|\d{4}`)
	writesLine = regexp.MustCompile(`(?i)(писал|пишет|пише|wrote|writes|schrieb|écrit|escribió|scritto)`)
	sigLine    = regexp.MustCompile(`(?i)^\s*(отправлено (с|из) .{2,60}|sent from (my )?.{2,60}|получить outlook для .{2,20}|get outlook for .{2,20}|von meinem .{2,40} gesendet|envoyé (de mon|depuis|à partir de) .{2,40}|gesendet von .{2,30}|надіслано з .{2,30})\s*(<https?://[^<>]*>)?\s*$`)
)

// maxIntroLines is how far down a text a quotation is looked for; a letter longer than that is kept as it is.
const maxIntroLines = 3000

// StripQuoted returns what the sender wrote without the quoted letters below or between it. Where nothing would be
// left, the whole text is the answer.
func StripQuoted(text string) string {
	lines := strings.Split(text, "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
			continue
		}
		if i >= maxIntroLines {
			kept = append(kept, line)
			continue
		}
		if n := introduces(lines[i:]); n > 0 {
			if quotedFollows(lines[i+n:]) {
				i += n - 1 // only what is marked with > goes; an answer may stand between the lines
				continue
			}
			break
		}
		kept = append(kept, line)
	}
	for len(kept) > 0 && (strings.TrimSpace(kept[len(kept)-1]) == "" || sigLine.MatchString(kept[len(kept)-1])) {
		kept = kept[:len(kept)-1]
	}
	if own := strings.Trim(strings.Join(kept, "\n"), "\n"); strings.TrimSpace(own) != "" {
		return own
	}
	return text
}

// introduces tells how many lines at the start introduce a quotation; 0 for none.
func introduces(lines []string) int {
	line := strings.TrimSpace(lines[0])
	if line == "" || len(line) > 600 {
		return 0
	}
	if ruleLine.MatchString(line) || endsIntro(line) && begunLine.MatchString(line) || dashedLine.MatchString(line) && labelsFollow(lines[1:]) {
		return 1
	}
	joined := line
	for n := 1; n <= 3; n++ {
		if strings.HasPrefix(joined, "On ") && strings.HasSuffix(joined, " wrote") && strings.Contains(joined, "@") {
			return n
		}
		if endsIntro(joined) && (wroteLine.MatchString(joined) || pisalLine.MatchString(joined) && namesWriter(joined) || datedLine.MatchString(joined)) {
			return n
		}
		if n >= len(lines) {
			break
		}
		next := strings.TrimSpace(lines[n])
		if next == "" || strings.HasPrefix(next, ">") || !introStart.MatchString(line) && (!endsIntro(next) || !strings.Contains(next, "@") || !datedStart.MatchString(line)) {
			break
		}
		joined += " " + next
	}
	if endsIntro(line) && (datedStart.MatchString(line) || writesLine.MatchString(line)) && len(lines) > 1 && strings.HasPrefix(strings.TrimSpace(lines[1]), ">") {
		return 1
	}
	if headerBlock(lines) {
		return 1
	}
	if strings.Trim(line, "_") == "" && len(line) >= 10 && headerBlock(afterBlank(lines[1:])) {
		return 1
	}
	return 0
}

func endsIntro(s string) bool { return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") }

var introStart = regexp.MustCompile(`(?i)^(on|am|le|el|il|w dniu|em|op|den|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|\d{1,2}[./ ])`)

// labelsFollow tells whether the next written lines are those of a copied header.
func labelsFollow(lines []string) bool {
	rest := afterBlank(lines)
	labelled := 0
	for _, line := range rest[:min(len(rest), 3)] {
		if anyLabel.MatchString(strings.Trim(line, "*> \t")) {
			labelled++
		}
	}
	return labelled >= 2
}

// namesWriter tells a mailer's "N <a@b> писал(а)" from a sentence in which somebody wrote something.
func namesWriter(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "@") || strings.Contains(s, "(а)") || strings.HasPrefix(s, "вы писали") || strings.HasPrefix(s, "ви писали")
}

// headerBlock tells the copy of a header that Outlook puts above what it quotes.
func headerBlock(lines []string) bool {
	if len(lines) < 3 || !fromLine.MatchString(lines[0]) {
		return false
	}
	sent, to := false, false
	for _, line := range lines[1:min(len(lines), 7)] {
		sent = sent || sentLine.MatchString(line)
		to = to || toLine.MatchString(line)
	}
	return sent && to
}

// quotesHeader tells the header of a quoted letter from a form that has a sender and a date too.
func quotesHeader(lines []string) bool {
	return headerBlock(lines) && !slices.ContainsFunc(lines[:min(len(lines), 8)], func(line string) bool {
		field, _, _ := formLine(strings.TrimSpace(line))
		return field == "message" || field == "phone"
	})
}

func afterBlank(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	return lines
}

// quotedFollows tells whether the next written line is marked as quoted.
func quotedFollows(lines []string) bool {
	rest := afterBlank(lines)
	return len(rest) > 0 && strings.HasPrefix(strings.TrimLeft(rest[0], " "), ">")
}
