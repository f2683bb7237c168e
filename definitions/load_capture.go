package definitions

import (
	"regexp"
	"slices"

	"github.com/dealwright/dealwright/calendar"
)

// defaultThreadWindow is how long a subject alone ties a message to a deal.
var defaultThreadWindow = calendar.MustParseDuration("90d")

// capture checks the company's own rules for mail.
func (b *companyBuilder) capture(known []string, drafts []*draft) {
	f := b.file.Capture
	c := &b.company.Capture
	*c = Capture{KnownSender: f.KnownSender, ReplyToLost: f.ReplyToLost, ThreadWindow: defaultThreadWindow}
	if c.KnownSender == "" {
		c.KnownSender = "attach"
	}
	if c.ReplyToLost == "" {
		c.ReplyToLost = "reopen"
	}
	if f.ThreadWindow != nil {
		c.ThreadWindow = *f.ThreadWindow
	}
	for i, r := range f.Rules {
		at := index("capture.rules", i)
		rule := CaptureRule(r)
		if r.Process != "" {
			b.process(at+".process", r.Process, known)
		}
		if r.As == "ignore" && (len(r.Fields) > 0 || len(r.Contact) > 0 || r.Process != "") {
			b.src.at(at, CodeUselessKey, "a message that is ignored becomes no deal: remove its process, fields and contact")
		}
		for id, pattern := range r.Fields {
			b.captureField(at+".fields."+id, id, r.Process, drafts)
			b.pattern(at+".fields."+id, pattern)
		}
		for part, pattern := range r.Contact {
			if parts := []string{"name", "phone", "email"}; !slices.Contains(parts, part) {
				b.src.atKey(at+".contact."+part, CodeUnknownKey, "unknown key %s%s", quote(part), oneOf(part, parts))
			}
			b.pattern(at+".contact."+part, pattern)
		}
		if r.When != nil {
			if compiled, err := CompileExpr(MailEnv(), r.When.Source, BoolKind); err != nil {
				b.src.expressionFaults(at+".when", err)
			} else {
				rule.When = compiled
			}
		}
		c.Rules = append(c.Rules, rule)
	}
}

// captureField checks that a process which the rule's leads may enter has the field.
func (b *companyBuilder) captureField(at, id, process string, drafts []*draft) {
	var fields []string
	for _, d := range drafts {
		if process != "" && d.spec.Process != process {
			continue
		}
		for _, f := range d.spec.Fields {
			if f.ID == id {
				if f.Compute != nil {
					b.src.atKey(at, CodeComputedField, "the field %s is computed: it cannot be read from a message", quote(id))
				}
				return
			}
			fields = append(fields, f.ID)
		}
	}
	if len(drafts) > 0 {
		b.src.atKey(at, CodeUnknownField, "unknown field %s%s", quote(id), oneOf(id, fields))
	}
}

// pattern checks a regular expression whose first group is a value.
func (b *companyBuilder) pattern(at, pattern string) {
	re, err := regexp.Compile(pattern)
	switch {
	case err != nil:
		b.src.at(at, CodePattern, "the pattern cannot be read: %v", err)
	case re.NumSubexp() == 0:
		b.src.at(at, CodePattern, "the pattern has no group: put the part that is the value in parentheses")
	}
}
