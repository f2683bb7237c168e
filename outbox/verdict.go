package outbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"

	"github.com/emersion/go-smtp"
)

// Status says what became of one letter handed to Send, and so what is to be done with it.
type Status string

// The statuses of a letter after an attempt.
const (
	Sent       Status = "sent"        // the server took the letter
	Retry      Status = "retry"       // not taken; try again later
	BadAddress Status = "bad_address" // the recipient's address does not exist or cannot be written to
	Hold       Status = "hold"        // not taken, and it will not be until a person looks: the whole outbox waits
	Ambiguous  Status = "ambiguous"   // wholly handed over, and the answer was lost: it may have been taken
)

// Stage is the point of the SMTP conversation that an attempt came to.
type Stage string

// The stages in the order they happen.
const (
	StageConnect Stage = "connect"
	StageAuth    Stage = "auth"
	StageMail    Stage = "mail"
	StageRcpt    Stage = "rcpt"
	StageData    Stage = "data"
	StageFinal   Stage = "final"
)

// Result is the outcome of one attempt.
type Result struct {
	Status Status
	// Code is the server's reply code, 0 where there was no reply.
	Code int
	// Enhanced is the enhanced status code (RFC 3463), such as "5.1.1", or empty.
	Enhanced string
	// Text is the server's text or the fault, for a person to read.
	Text  string
	Stage Stage
}

// judge turns the error of a stage into a result. A network fault is judged by where it happened: only after the
// whole letter was handed over can the server have taken it. Faults that are neither an answer nor the
// network's, such as a bad certificate or a missing STARTTLS, need a person.
func judge(stage Stage, err error) Result {
	result := Result{Stage: stage, Text: brief(err.Error())}
	var answer *smtp.SMTPError
	switch {
	case errors.As(err, &answer):
		result.Code = answer.Code
		result.Text = brief(answer.Message)
		if answer.EnhancedCode[0] > 0 {
			result.Enhanced = fmt.Sprintf("%d.%d.%d", answer.EnhancedCode[0], answer.EnhancedCode[1], answer.EnhancedCode[2])
		}
		result.Status = judgeAnswer(stage, answer)
	case isNetworkFault(err) && stage == StageFinal:
		result.Status = Ambiguous
	case isNetworkFault(err):
		result.Status = Retry
	default:
		result.Status = Hold
	}
	return result
}

func judgeAnswer(stage Stage, answer *smtp.SMTPError) Status {
	switch {
	case answer.Code/100 == 5 && stage == StageRcpt && isBadAddress(answer):
		return BadAddress
	case answer.Code/100 == 5:
		return Hold
	case answer.Code/100 == 4:
		return Retry
	case stage == StageFinal:
		// An answer outside the protocol: nobody can tell whether the letter was taken.
		return Ambiguous
	default:
		return Retry
	}
}

// isBadAddress tells a recipient that cannot be written to from a server that refuses us. Of the codes 5.1.x,
// 5.1.7 and 5.1.8 speak of the sender's address (RFC 3463, section 3.2), which is ours.
func isBadAddress(answer *smtp.SMTPError) bool {
	code := answer.EnhancedCode
	if code[0] == 5 && code[1] == 1 {
		return code[2] != 7 && code[2] != 8
	}
	if code[0] > 0 && (code[1] != 0 || code[2] != 0) {
		return false
	}
	// No enhanced code, or 5.0.0, which says nothing: what is left is the text.
	if answer.Code != 550 && answer.Code != 551 && answer.Code != 553 {
		return false
	}
	text := strings.ToLower(answer.Message)
	for _, refusal := range []string{"relay", "sender", "spam", "blocked", "denied", "authenticat", "policy", "blacklist"} {
		if strings.Contains(text, refusal) {
			return false
		}
	}
	for _, phrase := range []string{
		"user unknown", "unknown user", "no such user", "no such mailbox", "no such recipient", "no such address",
		"mailbox unavailable", "mailbox not found", "user not found", "address unknown", "unknown address",
		"recipient unknown", "unknown recipient", "recipient not found", "does not exist", "doesn't exist",
		"invalid recipient", "invalid mailbox", "unknown local part", "no mailbox here", "user doesn't have",
		"user does not have", "mailbox unknown", "unknown mailbox", "account is disabled", "unrouteable address", "user not local",
	} {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

func isNetworkFault(err error) bool {
	var network net.Error
	var garbled textproto.ProtocolError
	return errors.As(err, &network) || errors.As(err, &garbled) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// brief bounds what a foreign server may write into our records.
func brief(text string) string {
	const limit = 500
	text = oneLine(text)
	if short := cut(text, limit); short != text {
		return short + "…"
	}
	return text
}
