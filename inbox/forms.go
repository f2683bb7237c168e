package inbox

import (
	"regexp"
	"strings"
)

// formLabels are the labels by which web forms name what a visitor typed, by what they mean. They are matched against
// a label in lower case without decoration.
var formLabels = []struct {
	field   string
	pattern *regexp.Regexp
}{
	{"email", regexp.MustCompile(`^((ваш[аи]?|your|контактн\S+|contact|адрес|рабоч\S+|customer|business|work|votre|ihre|su|reply) )?(адрес )?(электронн\S+ |эл\.? ?)?(e ?mail|почт[аыу]|mail|адрес почты|courriel|correo( electronico)?|пошта|indirizzo email)( (адрес|address|клиента|заказчика|id))?$`)},
	{"phone", regexp.MustCompile(`^((ваш|your|контактн\S+|contact|мобильн\S+|рабоч\S+|номер|mobile|cell|daytime|customer|work|votre|ihre) )?(номер )?(тел|телефон\S*|phone|telephone|tel|mobile|моб|мобильный|сотовый|whatsapp|viber|telefon|telefono|handy|téléphone|cell)( (number|no|номер|для связи|клиента|заказчика|nr|whatsapp))?$`)},
	{"first_name", regexp.MustCompile(`^(your )?(first ?name|given name|vorname|prénom)$`)},
	{"last_name", regexp.MustCompile(`^(your |ваша )?(last ?name|surname|family name|фамилия|nachname|прізвище)$`)},
	{"name", regexp.MustCompile(`^((ваше|ваши|your|полное|full|контактное|contact|client|customer|ihr|votre|su|visitor) )?(имя|ф\.? ?и\.? ?о|фио|name|fullname|контакт|контактное лицо|contact person|клиент|заказчик|customer|client|visitor|как (к )?вам обращаться|как вас зовут|nom|nombre|имя и фамилия|фамилия и имя|фамилия,? имя|nome|imię|ім'я)( (клиента|заказчика|и фамилия|и отчество|отправителя|контактного лица))?$`)},
	{"company", regexp.MustCompile(`^((ваша|your|название|наименование|name of) )?(компани[яи]|организаци[яи]|company|organi[sz]ation|фирм[аы]|firma|société|empresa|business|предприятие)( (name|компании|организации|клиента))?$`)},
	{"budget", regexp.MustCompile(`^((ваш|your|примерный|ориентировочный|planned|estimated|project|approximate|планируемый|желаемый|предполагаемый) )?(бюджет|budget|presupuesto|сумма|бюджет проекта|budget range)( (проекта|заказа|range|покупки))?$`)},
	{"message", regexp.MustCompile(`^((ваш|ваше|ваши|your|дополнительн\S+|additional|текст|other) )?(сообщени[ея]|комментари[йи]|message|comments?|вопрос|question|текст|описание|details|description|пожелани[яе]|e?i?nquiry|задача|notes?|запрос|request|примечание|nachricht|mensaje|mensagem|how can we help( you)?|что нужно|суть (вопроса|обращения)|повідомлення)( (сообщения|клиента|проекта|к заказу|text|body))?$`)},
	{"city", regexp.MustCompile(`^((ваш|your) )?(город|city|town|регион|region|населенный пункт)$`)},
	{"other", regexp.MustCompile(`^(utm[ _]\w+|страница|page( url)?|url|ip( address| адрес)?|referr?er|источник|source|форма|form( name| id)?|дата|date|время|time|тема|subject|отправлено|submitted( (on|at|from))?|product|товар|услуга|service|количество|quantity|срок\S*|должность|position|job title|website|сайт|address|адрес|country|страна|transaction id|id заявки|номер заявки|block id|consent|согласие|bcc|cc|to|from)$`)},
}

var labelNoise = strings.NewReplacer("*", "", "_", " ", "«", "", "»", "", `"`, "", "ё", "е", "-", " ", "–", " ", "[", "", "]", "", "#", "", "•", "", "`", "", "?", "", "\u00a0", " ")

var parenthesis = regexp.MustCompile(`\s*\([^()]*\)\s*`)

// formLabel tells what a label means; empty for one that forms do not use.
func formLabel(label string) string {
	if len(label) > 120 {
		return ""
	}
	label = parenthesis.ReplaceAllString(strings.ToLower(label), " ")
	label = strings.Trim(strings.Join(strings.Fields(labelNoise.Replace(label)), " "), " .:>")
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
