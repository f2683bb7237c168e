package inbox

import (
	"regexp"
	"strings"
	"unicode"
)

// formLabels are the labels by which web forms name what a visitor typed, by what they mean. They are matched against
// a label in lower case without decoration.
var formLabels = []struct {
	field   string
	pattern *regexp.Regexp
}{
	{"email", regexp.MustCompile(`^((ваш[аи]?|your|контактн\S+|contact|адрес|рабоч\S+|customer|business|work|votre|ihre|su|reply) )?(адрес )?(электронн\S+ |эл\.? ?)?(e ?mail|почт[аыу]|mail|адрес почты|courriel|correo( electronico)?|пошта|indirizzo email)( (адрес|address|клиента|заказчика|автора|отправителя|пользователя|посетителя|для (связи|ответа)|id))?$`)},
	{"phone", regexp.MustCompile(`^((ваш|your|контактн\S+|contact|мобильн\S+|рабоч\S+|номер|mobile|cell|daytime|customer|work|votre|ihre) )?(номер )?(тел|телефон\S*|phone|telephone|tel|mobile|моб|мобильный|сотовый|whatsapp|viber|telefon|telefono|handy|téléphone|cell)( (number|no|номер|для (обратной )?связи|клиента|заказчика|автора|отправителя|пользователя|посетителя|nr|whatsapp))?$`)},
	{"first_name", regexp.MustCompile(`^(your )?(first ?name|given name|vorname|prénom)$`)},
	{"last_name", regexp.MustCompile(`^(your |ваша )?(last ?name|surname|family name|фамилия|nachname|прізвище)$`)},
	{"name", regexp.MustCompile(`^((ваше|ваши|your|полное|full|контактное|contact|client|customer|ihr|votre|su|visitor) )?(имя|ф\.? ?и\.? ?о|фио|name|fullname|контакт|контактное лицо|contact person|клиент|заказчик|покупатель|получатель|гость|buyer|customer|client|visitor|как (к )?вам обращаться|как вас зовут|nom|nombre|имя и фамилия|фамилия и имя|фамилия,? имя|nome|imię|ім'я)( (клиента|заказчика|автора|пользователя|посетителя|и фамилия|и отчество|отправителя|контактного лица))?$`)},
	{"company", regexp.MustCompile(`^((ваша|your|название|наименование|name of) )?(компани[яи]|организаци[яи]|company|organi[sz]ation|фирм[аы]|firma|société|empresa|business|предприятие)( (name|компании|организации|клиента))?$`)},
	{"budget", regexp.MustCompile(`^(\S+ ){1,4}(бюджет\p{L}*|budget)( (вы|рассчитываете|планируете|у вас|do you have))*$|^((ваш|your|примерный|ориентировочный|planned|estimated|project|approximate|планируемый|желаемый|предполагаемый) )?(бюджет|budget|presupuesto|сумма|бюджет проекта|budget range)( (проекта|заказа|range|покупки))?$`)},
	{"message", regexp.MustCompile(`^((ваш|ваше|ваши|your|дополнительн\S+|additional|текст|other) )?(сообщени[ея]|комментари[йи]|message|comments?|вопрос|question|текст|описание|details|description|пожелани[яе]|e?i?nquiry|задача|notes?|запрос|request|примечание|nachricht|mensaje|mensagem|how can we help( you)?|что нужно|суть (вопроса|обращения)|повідомлення)( (сообщения|клиента|проекта|к заказу|text|body))?$`)},
	{"city", regexp.MustCompile(`^((ваш|your) )?(город|city|town|регион|region|населенный пункт)$`)},
	{"sender", regexp.MustCompile(`^(from|от|от кого|отправитель|sender|автор|author|von|de)$`)},
	{"meta", regexp.MustCompile(`^(utm \w+|page( url)?|страница|url|ip( address| адрес)?|referr?er|источник|source|форма|form( name| id)?|дата|date|время|time|отправлено|submitted( (on|at|from))?|transaction id|id( заявки)?|номер заявки|заявка|block id|consent|согласие|user agent|браузер|browser)$`)},
	{"other", regexp.MustCompile(`^(тема|subject|product|товар|услуга|service|количество|quantity|срок\S*|должность|position|job title|website|сайт|address|адрес|country|страна|bcc|cc|to|кому)$`)},
}

var labelNoise = strings.NewReplacer("*", "", "_", " ", "«", "", "»", "", `"`, "", "ё", "е", "-", " ", "–", " ", "[", "", "]", "", "#", "", "•", "", "`", "", "?", "", "\u00a0", " ")

// labelFiller is what stands before the thing that a label asks for.
var labelFiller = regexp.MustCompile(`^((please|enter|provide|what'?s|what is|what are|какой|какая|какое|укажите|введите|напишите|оставьте|пожалуйста,?|the|свой|свою|свое) )*`)

// parenthesis matches a remark in a label or an address.
var parenthesis = regexp.MustCompile(`\s*\([^()]*\)\s*`)

// Label brings a label of a form, or the name of a field, to the form in which they compare: without case and decoration.
func Label(label string) string {
	if len(label) > 120 {
		return ""
	}
	label = parenthesis.ReplaceAllString(strings.ToLower(strings.TrimLeftFunc(label, ornament)), " ")
	return strings.Trim(strings.Join(strings.Fields(labelNoise.Replace(label)), " "), " .:>")
}

// formLabel tells what a label means; empty for one that forms do not use.
func formLabel(label string) string {
	label = labelFiller.ReplaceAllString(Label(label), "")
	if label == "" {
		return ""
	}
	for _, known := range formLabels {
		if known.pattern.MatchString(label) {
			return known.field
		}
	}
	return ""
}

// form is what a web form's message says.
type form struct {
	fields map[string]string // by meaning, see formLabels
	emails []string          // all that is labelled as an address, in their order
	lines  map[string]string // every labelled line, by Label
	labels int               // labelled lines with a known meaning
	lead   int               // lines of prose before the first of them
}

// strict tells a form that can be trusted to be one even where the headers speak of bulk mail.
func (f form) strict() bool {
	return f.lead <= 3 && f.fields["name"] != "" && (f.fields["email"] != "" || f.fields["phone"] != "")
}

// isForm tells a form from a letter with a signature of labelled lines.
func (f form) isForm() bool {
	contact := 0
	for _, field := range []string{"name", "email", "phone"} {
		if f.fields[field] != "" {
			contact++
		}
	}
	return f.lead <= 3 && f.labels >= 2 && contact >= 1 && (contact >= 2 || f.fields["message"] != "" || f.labels >= 3)
}

const maxFormLines = 400

// readForm looks for lines of the form "label: value", for labels with the value on the next line, and for a message that
// goes on over several lines.
func readForm(text string) form {
	f := &form{fields: map[string]string{}, lines: map[string]string{}}
	current := ""    // the field that lines without a label belong to
	waiting := false // for the value on the next line
	heading := false // the label stands alone, so that its value may come after an empty line
	text, _ = clipBytes(text, 64<<10)
	lines := strings.Split(text, "\n")
	for i, line := range lines[:min(len(lines), maxFormLines)] {
		if quotesHeader(lines[i:]) {
			break // the header of another letter is no form
		}
		trimmed := strings.TrimSpace(line)
		field, value, ok := formLine(trimmed)
		if label, said, found := strings.Cut(trimmed, ":"); found && f.lines[Label(label)] == "" {
			f.lines[Label(label)] = strings.Trim(said, " \t*|")
		}
		switch {
		case ok:
			f.labels++
			current, waiting = field, value == ""
			heading = !strings.ContainsAny(trimmed, ":=")
			f.set(field, value)
		case trimmed == "":
			if current != "message" && (!waiting || !heading) {
				current = ""
			}
		case waiting && current != "":
			f.set(current, trimmed)
			waiting = false
		case current == "message" && !signatureLine(trimmed):
			f.fields["message"] = strings.TrimSpace(f.fields["message"] + "\n" + trimmed)
		case f.labels == 0 && !labelShape.MatchString(trimmed):
			f.lead++
		case signatureLine(trimmed):
			current = ""
		}
	}
	if f.fields["name"] == "" {
		f.set("name", strings.TrimSpace(f.fields["first_name"]+" "+f.fields["last_name"]))
	} else if last := f.fields["last_name"]; last != "" && !strings.Contains(f.fields["name"], last) {
		f.fields["name"] += " " + last
	}
	return *f
}

// set keeps the first value of a field: what a visitor types into the message cannot replace it. A sender is a name with
// an address, or one of the two.
func (f *form) set(field, value string) {
	if field == "sender" && value != "" {
		from := firstAddress(parseAddresses(value))
		f.set("name", from.Name)
		f.set("email", from.Email)
		return
	}
	if field == "email" && value != "" {
		f.emails = append(f.emails, value)
	}
	if f.fields[field] == "" && value != "" {
		f.fields[field] = value
	}
}

var (
	labelShape  = regexp.MustCompile(`^[^:]{1,60}:(\s|$)`)
	onlyAddress = regexp.MustCompile(`^<?[^\s<>()@,;:"]+@[\p{L}\d.-]+\.[\p{L}\d-]{2,}>?$`)
	ofOurs      = regexp.MustCompile(`(?i)менеджер|ответственн|наш|manager|support|поддержк|our |bcc|\bcc\b|\bto\b|кому|копи`)
)

// ornament tells what forms put before a label: bullets, dashes, pictures. A ">" marks a quotation.
func ornament(r rune) bool {
	return r != '>' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

var lineNumber = regexp.MustCompile(`^\d{1,2}[.)]\s+`)

// formLine reads "label: value", "label = value", "label - value" and a label alone on its line.
func formLine(line string) (field, value string, ok bool) {
	line = lineNumber.ReplaceAllString(strings.TrimLeftFunc(line, ornament), "")
	for _, separator := range []string{":", "：", "=", "\t", " - ", " – ", " — ", "|"} {
		label, rest, found := strings.Cut(line, separator)
		if !found {
			continue
		}
		if field = formLabel(label); field != "" {
			return field, strings.Trim(rest, " \t*|"), true
		}
		if rest = strings.Trim(rest, " \t*|"); onlyAddress.MatchString(rest) && !ofOurs.MatchString(label) && len(label) <= 60 {
			return "email", rest, true // in whatever language it is asked for
		}
		if separator == ":" {
			break // a label that forms do not use
		}
	}
	if field = formLabel(line); field != "" && field != "other" && field != "meta" {
		return field, "", true
	}
	return "", "", false
}

func signatureLine(line string) bool {
	return strings.HasPrefix(line, "--") || strings.HasPrefix(line, "___") || strings.HasPrefix(line, "===")
}
