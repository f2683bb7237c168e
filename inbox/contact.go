package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// enquiry is what a message says of the person who asks and of what they want.
type enquiry struct {
	contact Contact
	fields  map[string]string
	lines   map[string]string // of a form, by Label
	form    bool
}

// readEnquiry reads the contact: of a form from its body, else from Reply-To; of a letter from Reply-To, else From. A capture
// rule's patterns come before what is recognised without them.
func readEnquiry(m *Message, cfg Config, us people, rule *Rule) enquiry {
	f := readForm(m.Text)
	if !f.isForm() && m.htmlText != "" && m.htmlText != m.Text {
		if other := readForm(m.htmlText); other.isForm() {
			f = other
		}
	}
	e := enquiry{fields: map[string]string{}, form: f.isForm()}
	for _, name := range []string{"budget", "company", "city"} {
		if value := f.fields[name]; value != "" {
			e.fields[name] = clip(value, 2000)
		}
	}
	if e.form {
		e.lines = f.lines
	}
	if e.form && f.fields["message"] != "" {
		e.fields["message"] = clip(f.fields["message"], 20000)
	}
	ruled := map[string]string{}
	if rule != nil {
		extract(m, rule.Fields, e.fields)
		extract(m, rule.Contact, ruled)
		e.form = e.form || len(rule.Contact) > 0
	}
	e.contact.Email = us.contactEmail(m, f, ruled, e.form)
	e.contact.Name = us.contactName(m, f, ruled, e)
	e.contact.Phone = contactPhone(m, f, ruled, cfg.Country)
	return e
}

// extract applies patterns to the text, and where they find nothing, to the text of the HTML.
func extract(m *Message, patterns map[string]*regexp.Regexp, into map[string]string) {
	for name, pattern := range patterns {
		for _, text := range []string{m.Text, m.htmlText} {
			found := pattern.FindStringSubmatch(text)
			if found == nil {
				continue
			}
			value := found[0]
			if len(found) > 1 {
				value = found[1]
			}
			if value = strings.TrimSpace(value); value != "" {
				into[name] = clip(value, 20000)
				break
			}
		}
	}
}

func (us people) contactEmail(m *Message, f form, ruled map[string]string, isForm bool) string {
	for _, written := range append([]string{ruled["email"]}, f.emails...) {
		if !isForm {
			break
		}
		if email := normalEmail(anyAddress.FindString(strings.ToLower(written))); email != "" && !us.isOwn(email) {
			return email
		}
	}
	if email := us.replyTo(m).Email; email != "" && (!isForm || email != m.From.Email || !formSender(m, f, ruled)) {
		return email
	}
	if us.isOwn(m.From.Email) || isForm && formSender(m, f, ruled) || siteSender.MatchString(m.From.Email) {
		return ""
	}
	return m.From.Email
}

// replyTo is whom Reply-To names: the first who is neither one of us nor a robot while a person wrote.
func (us people) replyTo(m *Message) Address {
	for _, a := range m.replyTos {
		if a.Email != "" && !us.isOwn(a.Email) && (!robotSender.MatchString(a.Email) || robotSender.MatchString(m.From.Email)) {
			return a
		}
	}
	return Address{}
}

func (us people) contactName(m *Message, f form, ruled map[string]string, e enquiry) string {
	if e.form {
		for _, name := range []string{ruled["name"], f.fields["name"]} {
			if name = clip(oneLine(name), maxName); name != "" {
				return name
			}
		}
	}
	if to := us.replyTo(m); to.Name != "" && to.Email == e.contact.Email {
		return to.Name
	}
	if m.From.Email == e.contact.Email || !e.form && !siteSender.MatchString(m.From.Email) {
		return m.From.Name
	}
	return ""
}

func contactPhone(m *Message, f form, ruled map[string]string, country string) string {
	for _, written := range []string{ruled["phone"], f.fields["phone"]} {
		if phone, ok := Phone(written, country); ok {
			return phone
		}
	}
	return findPhone(StripQuoted(clipped(m.Text, 128<<10)), country)
}

var (
	formLocal   = regexp.MustCompile(`^(forms?|web-?forms?|contact-?form|site|web|website|web-?site|www|www-data|apache|wordpress|bitrix|tilda|robot|bot|mailer|lead|leads|zayavk[ai]|zakaz|callback|feedback|landing|server|system|quiz|crm)([-+._\d][^@]*)?@`)
	siteSender  = regexp.MustCompile(`^(forms?|web-?forms?|contact-?forms?|feedback-?forms?|wordpress|www-data|apache|bitrix|tilda)([-+._\d][^@]*)?@`)
	formName    = regexp.MustCompile(`(?i)(^|[^\p{L}])(web ?site|сайт|форма|форм|робот|robot|wordpress|contact form|web ?form|заявк\p{L}*|tilda|landing|лендинг|обратн\p{L}* связ\p{L}*|no-?reply)([^\p{L}]|$)`)
	formService = regexp.MustCompile(`(?i)(^|\.)(tilda\.(ws|cc)|tildacdn\.(com|one)|typeform\.com|jotform\.com|wufoo\.com|formspree\.io|formsubmit\.co|marquiz\.ru|flexbe\.(ru|com)|unbounce\.com|wix\.com|wixforms\.com|squarespace\.info|getform\.(io|com)|basin\.com|netlify\.com|webflow\.com)$`)
	formSubject = regexp.MustCompile(`(?i)((заявк|обращени|сообщени|письм|заказ|вопрос|запрос)\p{L}* (с|от|со|на) \p{L}* ?(сайт|посетител|лендинг|страниц|форм)|обратн\p{L}* (звон|связ)|контактная форма|contact form|from (the |your )?(web ?site|contact|form|web page)|(new|form) (form )?(submission|entry)|web ?form|^нов(ая|ый|ое) (заявк|лид|заказ|обращени|сообщени))`)
)

// formSender tells a robot that sends a site's forms from a person who labelled the lines of a letter. It is wrong to answer
// the robot, and as wrong to forget the person's address.
func formSender(m *Message, f form, ruled map[string]string) bool {
	email := m.From.Email
	if email == "" {
		return true
	}
	if formLocal.MatchString(email) || robotSender.MatchString(email) || formService.MatchString(domainOf(email)) ||
		formName.MatchString(m.From.Name) || autoSubmitted(m) != "" || m.Headers.Has("X-Php-Originating-Script") ||
		m.ReplyTo.Email != "" && m.ReplyTo.Email != email || ruled["name"]+ruled["email"]+ruled["phone"] != "" {
		return true
	}
	if PublicDomain(domainOf(email)) {
		return false
	}
	name := f.fields["name"]
	if formSubject.MatchString(m.Subject) {
		return !sharesWord(name, m.From.Name)
	}
	return name != "" && m.From.Name != "" && !sharesWord(name, m.From.Name)
}

func sharesWord(a, b string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	}
	other := words(b)
	return slices.ContainsFunc(words(a), func(word string) bool { return slices.Contains(other, word) })
}

// key names the enquiry so that the same one is recognised when it is sent again: who asks, and what they wrote. What a form
// numbers or dates anew each time is left out. Empty when nobody is known to ask.
func (e enquiry) key(m *Message) string {
	who := e.contact.Email
	if who == "" {
		who = e.contact.Phone
	}
	if who == "" {
		return ""
	}
	what := m.ContentHash
	if e.form {
		var lines []string
		for line := range strings.SplitSeq(clipped(m.Text, 64<<10), "\n") {
			if field, _, _ := formLine(strings.TrimSpace(line)); field != "meta" {
				lines = append(lines, line)
			}
		}
		what = strings.ToLower(strings.Join(strings.Fields(strings.Join(lines, " ")), " "))
		for _, a := range m.Attachments {
			what += "\x00" + a.Name
		}
	}
	sum := sha256.Sum256([]byte(who + "\x00" + what))
	return hex.EncodeToString(sum[:])
}
