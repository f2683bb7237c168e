package smtptest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Point is where in the conversation a rule acts.
type Point string

// The points in the order they come.
const (
	AtHello Point = "hello" // EHLO
	AtAuth  Point = "auth"  // the login
	AtMail  Point = "mail"  // MAIL FROM
	AtRcpt  Point = "rcpt"  // RCPT TO
	InData  Point = "data"  // after the first kilobyte of the message: only Drop and Stall act here
	AtEnd   Point = "end"   // after the final dot, before the answer
)

// Rule makes the receiver answer otherwise than with a yes. Without Code, Drop or Stall it says yes.
type Rule struct {
	At Point
	// To restricts the rule to one recipient, or with a leading @ to one domain. Before RCPT no recipient is known.
	To string
	// Skip lets so many occasions pass first; Every then acts on each so-many-th one; Times bounds how often. Zero means
	// no skipping, every occasion, no bound.
	Skip, Every, Times int
	// Once lets it act no more than once for each recipient, so that what is sent again gets through.
	Once bool

	// Code, Enhanced ("5.1.1"; none when empty) and Text are the answer.
	Code     int
	Enhanced string
	Text     string
	// Drop cuts the connection instead of answering.
	Drop bool
	// Stall answers nothing until the client goes or the receiver is closed.
	Stall bool
	// Keep records the message although the answer is a refusal or none: AtEnd with Drop, it is the letter that
	// was taken while its sender cannot know.
	Keep bool
}

// script counts the occasions of each rule.
type script struct {
	mu    sync.Mutex
	rules []*countedRule
}

type countedRule struct {
	Rule
	seen, done int
	met        map[string]bool // recipients for whom it has acted, with Once
}

func newScript(rules []Rule) *script {
	s := &script{}
	for _, rule := range rules {
		s.rules = append(s.rules, &countedRule{Rule: rule, met: map[string]bool{}})
	}
	return s
}

// next returns the first rule that acts now; every rule for this point counts the occasion.
func (s *script) next(at Point, recipients []string) Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var acting *countedRule
	for _, rule := range s.rules {
		if rule.At != at || !rule.concerns(recipients) {
			continue
		}
		rule.seen++
		if acting == nil && rule.due() && !rule.hasMet(recipients) {
			acting = rule
		}
	}
	if acting == nil {
		return Rule{}
	}
	acting.done++
	for _, recipient := range recipients {
		acting.met[recipient] = true
	}
	return acting.Rule
}

func (r *countedRule) concerns(recipients []string) bool {
	if r.To == "" {
		return true
	}
	for _, recipient := range recipients {
		if strings.EqualFold(recipient, r.To) || strings.HasPrefix(r.To, "@") && strings.HasSuffix(strings.ToLower(recipient), strings.ToLower(r.To)) {
			return true
		}
	}
	return false
}

func (r *countedRule) hasMet(recipients []string) bool {
	return r.Once && slices.ContainsFunc(recipients, func(to string) bool { return r.met[to] })
}

func (r *countedRule) due() bool {
	after := r.seen - r.Skip
	return after > 0 && (r.Times == 0 || r.done < r.Times) && (r.Every <= 1 || after%r.Every == 0)
}

func (r Rule) check() error {
	var a, b, c int
	if r.Enhanced != "" {
		if n, err := fmt.Sscanf(r.Enhanced, "%d.%d.%d", &a, &b, &c); n != 3 || err != nil {
			return fmt.Errorf("enhanced code %q is not of the form 5.1.1", r.Enhanced)
		}
	}
	return nil
}
