package inbox

import (
	"regexp"
	"strings"
)

// replyPrefix matches one mark that mailers put before a subject when they answer or forward, counters included. The
// colon is required: "Re-order" is an order.
var replyPrefix = regexp.MustCompile(`(?i)^\s*(re|fwd?|fw|aw|antw|antwort|wg|sv|vs|vb|ha|на|ответ|отв|пересл|пересылка|rv|res|resp|rif|r|i|enc|tr|ynt|ilt|odp|pd|vá|továbbítás|atb|ats|bls|trs|回复|答复|转发|回覆|返信|転送|відповідь|відп|fs|doorst|σχετ|απ)\s*(\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\*\d{1,3}|\d{1,3})?\s*[:：]\s*`)

// NormalSubject strips the marks of answers and forwards from a subject, as often as they stand there, and brings case
// and blanks to one form, so that a letter and the answers to it compare equal.
func NormalSubject(subject string) string {
	s, _ := stripReply(subject)
	return strings.ToLower(strings.Join(strings.Fields(s), " "))
}

// stripReply cuts the marks and tells whether there were any.
func stripReply(subject string) (rest string, marked bool) {
	rest = subject
	for range 20 {
		cut := replyPrefix.FindStringIndex(rest)
		if cut == nil {
			break
		}
		rest, marked = rest[cut[1]:], true
	}
	return strings.TrimSpace(rest), marked
}

// autoPrefix matches the words by which automatic answers begin their subject, in the languages of the usual mailers.
// What follows must be a separator, or nothing.
var autoPrefix = regexp.MustCompile(`(?i)^\s*(?:[\[(*]*\s*(?:` + autoWords + `)\s*[\])*]*\s*(?:[:：\-–—|].*|(?:re|fwd?|aw|sv|wg|ответ)\s*:.*)?|[\[(](?:` + autoWords + `)[\])].*)$`)

var autoWords = strings.Join([]string{
	`automat(ic|ed)[ -](reply|response|answer)`, `auto[ -]?(reply|response|responder|answer)`, `out[ -]of[ -](the[ -])?office( (auto[ -]?reply|autoreply|reply|message|notification))?`,
	`vacation (reply|response|message|notice)`, `away from (my|the) (office|desk|mail)`, `i am (currently )?(away|out of (the )?office).*`,
	`автоответ(чик)?`, `авто[ -]ответ`, `автоматический ответ`, `(меня )?нет на (рабочем )?месте`, `(меня )?нет на работе`, `вне офиса`, `(я )?(сейчас )?не в офисе`, `(я )?(сейчас )?на больничном`, `.{1,60} is (currently )?out of (the )?office.*`, `отсутствую( на рабочем месте)?`,
	`(я )?(сейчас )?в (отпуске|командировке)( (до|с|по) .*)?`, `автоматична відповідь`, `автовідповідь`, `аўтаадказ`,
	`automatische (antwort|rückmeldung)`, `abwesenheits(notiz|nachricht|meldung|assistent)`, `abwesend`, `automatisch antwoord`, `automatische beantwoording`, `afwezig(heid)?(sbericht)?`,
	`réponse automatique`, `absen(ce|te?) du bureau`, `message d'absence`, `respuesta autom[áa]tica`, `fuera de (la )?oficina`, `resposta autom[áa]tica`, `fora do escrit[óo]rio`,
	`risposta automatica`, `fuori (sede|ufficio)`, `odpowied[źz] automatyczna`, `automatyczna odpowied[źz]`, `nieobecno[śs][ćc]`, `poza biurem`,
	`automatick[áa] odpov[ěe][dď]`, `autosvar`, `automatiskt? (svar|besvarelse)`, `frånvaro(meddelande)?`, `fraværsmelding`, `automaattinen vastaus`, `poissa(olo)?`, `automatikus válasz`,
	`otomatik yanıt`, `răspuns automat`, `автоматичен отговор`, `αυτόματη απάντηση`, `自动(回复|答复|回覆)`, `自動(回覆|返信|応答|回复)`, `不在(通知|返信)`, `자동 ?(회신|응답)`,
}, "|")

// receiptPrefix matches the subjects of read receipts of mailers that send them without a report.
var receiptPrefix = regexp.MustCompile(`(?i)^\s*(read|not read|прочтено|прочитано|прочтение|gelesen|lu|leído|letto|przeczytano|confirmação de leitura|read[ -]receipt|return receipt( \(displayed\))?|отч[её]т о прочтении|подтверждение (о )?прочтени[ия]|прочтение сообщения|уведомление о прочтении|підтвердження прочитання)\s*[:：\-]`)

// stripAuto cuts the marks of an automatic answer, to find the subject that it answers.
func stripAuto(subject string) string {
	if autoPrefix.MatchString(subject) || receiptPrefix.MatchString(subject) || weakAutoPrefix.MatchString(subject) {
		if _, rest, ok := strings.Cut(subject, ":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return subject
}

// weakAutoPrefix marks an automatic answer only together with another sign: a car dealer's lead may begin so too.
var weakAutoPrefix = regexp.MustCompile(`(?i)^\s*(auto|авто|vacation|away|ooo|отпуск|holiday|absence|ausencia)\s*[:：]`)
