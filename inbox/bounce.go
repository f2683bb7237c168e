package inbox

import (
	"regexp"
	"slices"
	"strings"
)

var (
	daemonSender = regexp.MustCompile(`^(mailer-?daemon|mail-?daemon|microsoftexchange[0-9a-f]+|postoffice|mdaemon)([-+._][^@]*)?@`)
	mailSender   = regexp.MustCompile(`^(post_?master|mail\.delivery\.system|system|administrator|admin|mail|bounces?|double-bounce|noreply|no-reply)([-+._][^@]*)?@`)
	daemonName   = regexp.MustCompile(`(?i)^(mail deliver(y|er)? (sub)?system|mail delivery service|mail administrator|interscan|system administrator|mailer-daemon|mail daemon|microsoft outlook|postmaster|internet mail delivery|системный администратор|почтовая система)`)

	bounceSubject = regexp.MustCompile(`(?i)(^\s*(undeliver(able|ed)|(permanent |mail )?delivery (failure|failed|error|report|has failed|problem|notification|status)|delivery status notification|message status\b.*undeliverable|mail (failure|failed)|mail system error|(there was an )?error sending your mail|could not send (mail|message)|warning[-: ]+could not send|failure notice|mail delivery (failed|failure|system)|returned mail|non[- ]?delivery|message (not delivered|could not be delivered|delivery failure)|warning: (message|could not send)|delayed mail|mail (system error|could not be delivered)|недоставлен|не удалось доставить|не уда[её]тся доставить|(письмо |сообщение )?не доставлено\s*[:.]|(письмо|сообщение) не (было )?доставлено|сбой доставки|отч[её]т о (не)?доставке|возврат(ное|енное)? (письм|сообщени|почт)|ошибка доставки|невозможно доставить|доставка отложена|unzustellbar|nicht zustellbar|non remis|échec de la remise|no se puede entregar|impossible recapitare)|delivery status notification|undelivered mail returned|could not be delivered|delivery (delayed|failed))`)
	bounceText    = regexp.MustCompile(`(?i)(this is the qmail-send program|this is the mail system at host|this message was created automatically by mail delivery software|следующ(им|ему) получател|(could not|couldn't|cannot|can't|was not able to|wasn't able to) be delivered|(could not|couldn't|wasn't able to|unable to|was not able to) deliver|did not reach (some or all of )?the (following|intended) recipient|delivery (to the following recipients?|has) failed|delivery to these recipients|permanent fatal errors|address(es)? had (permanent|transient)|recipient address rejected|не (удалось|может быть|было) доставлен|не удалось доставить|сообщение не доставлено|has been delayed|delivery (is )?delayed|your message wasn't delivered|550[ -]5\.1\.1|(unknown|invalid|no such) (final delivery |mail )?(user|address|recipient|mailbox|userid)|(user|recipient|mailbox|account|address) (is |was )?(unknown|not (found|known|listed)|unavailable|disabled|full)|(was|is) (not delivered|undeliverable) to|undeliverable to|(account|mailbox|user) does not exist|could not be reached|fatal (delivery )?errors|permanent errors|delivery (problems|errors)|(delivery|delivering).{0,60}(failed|aborted|has been failed)|error delivering your mail|trouble delivering|rejected by|not listed in domino|no valid recipients|undeliverable to|unzustellbar|не существует|не удалось связаться|не был[оа]? доставлен|не найден|ящик переполнен)`)
	delayText     = regexp.MustCompile(`(?i)(this is a warning (message )?only|you do not need to resend|will (keep|continue) (to try|trying)|will be retried|has not (yet )?been delivered|delivery (has been |is )?delayed|message (is|has been) delayed|still being (tried|retried)|transient (non-?fatal )?error|will retry for|попытки доставки будут продолж|доставка (письма )?(отложена|задерживается)|not yet been delivered|warning: message .{0,40}delayed)`)

	statusCode = regexp.MustCompile(`(?:^|[^\d.])([245])\.(\d{1,3})\.(\d{1,3})(?:[^\d.]|\.?\s|$)`)
	replyCode  = regexp.MustCompile(`(?:^|[\s(:#])([45]\d\d)[\s-]`)
	failedTo   = regexp.MustCompile(`(?im)^\s*<?(?:mailto:)?([^\s<>()@,;:"]+@[\p{L}\d.-]+\.[\p{L}\d-]{2,})>?\s*[:;]?(\s|$)`)
	anyAddress = regexp.MustCompile(`[^\s<>()@,;:"'\[\]]+@[\p{L}\d.-]+\.[\p{L}\d-]{2,}`)
	quotedID   = regexp.MustCompile(`(?im)^[>\s]*message-id:\s*(<[^<>\s]+>)`)
)

// bounce reads a report that a letter was not delivered, or not yet: RFC 3464 where it is kept to, else what mail servers
// write in prose. The second result is the rule that recognised it, empty when the message is no such report.
func bounce(m *Message) (*Bounce, string) {
	if m.ReportType == "delivery-status" || m.hasPart("message/delivery-status") || m.hasPart("message/global-delivery-status") {
		return structuredBounce(m), "bounce.dsn"
	}
	// "postmaster" and "noreply" are people's and robots' addresses too; only with the words of a bounce are they a server's.
	daemon := daemonSender.MatchString(m.From.Email) || m.NullReturnPath || daemonSender.MatchString(m.ReturnPath+"@") ||
		m.From.Email == "" && daemonName.MatchString(m.From.Name)
	sender := daemon || daemonName.MatchString(m.From.Name) || mailSender.MatchString(m.From.Email) || m.From.Email == ""
	failed := m.Headers.Get("X-Failed-Recipients")
	text := clipped(m.Text, 32<<10)
	switch {
	case failed != "":
	case !sender:
		return nil, ""
	case bounceSubject.MatchString(m.Subject) && (daemon || bounceText.MatchString(text) || len(m.Nested) > 0):
	case daemon && bounceText.MatchString(text):
	default:
		return nil, ""
	}
	b := &Bounce{Delayed: delayText.MatchString(text) || delayText.MatchString(m.Subject), Recipient: normalEmail(firstWord(failed))}
	if b.Recipient == "" {
		b.Recipient = failedRecipient(m, text)
	}
	b.Status, b.Diagnostic = findStatus(text)
	b.Permanent = !b.Delayed && !strings.HasPrefix(b.Status, "4") && !mailboxFull(b.Status)
	b.OriginalMessageID = originalID(m)
	return b, "bounce.text"
}

func firstWord(s string) string {
	s, _, _ = strings.Cut(s, ",")
	return strings.TrimSpace(s)
}

// structuredBounce reads the recipient that failed for good, or else the first that is named.
func structuredBounce(m *Message) *Bounce {
	status := m.part("message/delivery-status")
	if status == "" {
		status = m.part("message/global-delivery-status")
	}
	var best *Bounce
	for group := range strings.SplitSeq(strings.ReplaceAll(status, "\n\n", "\x00"), "\x00") {
		fields, _ := splitHeader([]byte(strings.TrimSpace(group) + "\n"))
		value := func(name string) string { return strings.TrimSpace(string(first(fields, name))) }
		recipient := value("Original-Recipient")
		if recipient == "" {
			recipient = value("Final-Recipient")
		}
		action := strings.ToLower(value("Action"))
		if recipient == "" && action == "" {
			continue
		}
		b := &Bounce{Recipient: recipientOf(recipient), Diagnostic: clip(afterType(value("Diagnostic-Code")), 1000)}
		b.Status, _ = findStatus(value("Status"))
		if b.Status == "" {
			b.Status, _ = findStatus(b.Diagnostic)
		}
		b.Delayed = action == "delayed"
		failed := action == "failed" || action == "" && strings.HasPrefix(b.Status, "5")
		b.Permanent = failed && !strings.HasPrefix(b.Status, "4") && !mailboxFull(b.Status)
		if best == nil || b.Permanent && !best.Permanent {
			best = b
		}
	}
	if best == nil {
		best = &Bounce{Recipient: failedRecipient(m, clipped(m.Text, 32<<10))}
		best.Status, best.Diagnostic = findStatus(m.Text)
		best.Delayed = delayText.MatchString(clipped(m.Text, 32<<10))
		best.Permanent = !best.Delayed && strings.HasPrefix(best.Status, "5") && !mailboxFull(best.Status)
	}
	best.OriginalMessageID = originalID(m)
	return best
}

// mailboxFull tells the one class-5 status that passes: RFC 3463 calls X.2.2 a persistent transient error.
func mailboxFull(status string) bool { return status == "5.2.2" }

func recipientOf(value string) string { return normalEmail(afterType(value)) }

// afterType drops the type of a typed value, "rfc822; a@b".
func afterType(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		return strings.TrimSpace(rest)
	}
	return value
}

// findStatus finds an enhanced status code and the line that it stands on; a bare reply code gives x.0.0.
func findStatus(text string) (status, line string) {
	text = clipped(text, 32<<10)
	if at := statusCode.FindStringSubmatchIndex(text); at != nil {
		return text[at[2]:at[3]] + "." + text[at[4]:at[5]] + "." + text[at[6]:at[7]], lineAt(text, at[2])
	}
	if at := replyCode.FindStringSubmatchIndex(text); at != nil {
		return text[at[2]:at[2]+1] + ".0.0", lineAt(text, at[2])
	}
	return "", ""
}

func lineAt(text string, at int) string {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	return clip(strings.TrimSpace(line), 1000)
}

// failedRecipient finds the address that a report in prose is about: one that stands alone on a line, or else the first that
// is neither the sender's nor ours.
func failedRecipient(m *Message, text string) string {
	skip := map[string]bool{"": true, m.From.Email: true}
	for _, to := range m.To {
		skip[to.Email] = true
	}
	for _, alone := range failedTo.FindAllStringSubmatch(text, 20) {
		if email := normalEmail(alone[1]); !skip[email] {
			return email
		}
	}
	for _, word := range anyAddress.FindAllString(text, 20) {
		if email := normalEmail(word); !skip[email] {
			return email
		}
	}
	return ""
}

// originalID finds the Message-ID of the letter that a report returns.
func originalID(m *Message) string {
	for _, inner := range m.Nested {
		if inner.MessageID != "" {
			return inner.MessageID
		}
	}
	for _, text := range []string{m.part("text/rfc822-headers"), m.part("message/global-headers"), m.part("message/delivery-status"), clipped(m.Text, 256<<10)} {
		if id := quotedID.FindStringSubmatch(text); id != nil {
			return id[1]
		}
	}
	for _, a := range m.Attachments {
		if a.Size < 1<<20 && strings.HasPrefix(a.Type, "text/") {
			if id := quotedID.FindSubmatch(a.Data()); id != nil {
				return string(id[1])
			}
		}
	}
	if ids := slices.Concat(m.InReplyTo, m.References); len(ids) > 0 {
		return ids[0]
	}
	return ""
}
