package inbox

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// Phone reads a telephone number and returns it in E.164, "+79165550199"; a number without a country prefix is one of
// the country given by its ISO code. It is not ok when no number of a plausible length is there.
func Phone(s, country string) (e164 string, ok bool) {
	s = strings.TrimSpace(oneLine(s))
	if m := phoneShape.FindString(s); m != "" {
		s = m
	}
	if len(s) > 60 {
		return "", false
	}
	if digits, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + digits
	}
	number, err := phonenumbers.Parse(s, strings.ToUpper(country))
	if err != nil || phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE { // a number without its area is none
		// "7 916 …" and "380 44 …": the prefix without its plus.
		number, err = phonenumbers.Parse("+"+strings.TrimLeft(s, "+"), "")
		if err != nil || !phonenumbers.IsValidNumber(number) {
			return "", false
		}
	}
	if !phonenumbers.IsValidNumber(number) && !strings.HasPrefix(s, "+") {
		if other, err := phonenumbers.Parse("+"+s, ""); err == nil && phonenumbers.IsValidNumber(other) {
			number = other
		}
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

var (
	phoneShape  = regexp.MustCompile(`\+?\(?\d[\d\s().\x{00a0}\x{2010}-\x{2013}/-]{5,24}\d`)
	phoneLabel  = regexp.MustCompile(`(?i)(тел|моб|phone|mobile|cell|\btel\b|whats ?app|viber|telegram|звон|набер|call|позвон|номер телефона|(мой|наш) номер|(my|our) number|телефон|ring|reach me)[^\d+(\n]{0,40}$|☎|📞|📱|(^|[\s|,;/])[mtpтм]\s?[.:]?\s*$`)
	noPhoneWord = regexp.MustCompile(`(?i)(инн|кпп|огрн|бик|счет|счёт|р/с|к/с|заказ|order|invoice|артикул|№|#|no\.|id|vat|iban|договор|паспорт|снилс|date|дата)\s*[:№#.]?\s*$`)
)

// findPhone finds the number that a letter's author names: first one behind a word for telephone, else one that is
// written like a telephone number.
func findPhone(text, country string) string {
	text, _ = clipBytes(text, 64<<10)
	fallback := ""
	for line := range strings.SplitSeq(text, "\n") {
		line, _ = clipBytes(line, 2000)
		for _, at := range phoneShape.FindAllStringIndex(line, 10) {
			candidate, before := line[at[0]:at[1]], line[:at[0]]
			e164, ok := Phone(candidate, country)
			if !ok {
				continue
			}
			if phoneLabel.MatchString(before) {
				return e164
			}
			if fallback == "" && !noPhoneWord.MatchString(before) && writtenAsPhone(candidate, e164) {
				fallback = e164
			}
		}
	}
	return fallback
}

// writtenAsPhone is strict, since nothing but its shape tells that the digits are a telephone number.
func writtenAsPhone(candidate, e164 string) bool {
	number, err := phonenumbers.Parse(e164, "")
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return false
	}
	if _, isDate := Date(candidate); isDate {
		return false
	}
	return strings.HasPrefix(candidate, "+") || strings.ContainsAny(candidate, "()-") || len(candidate) == 11 && strings.HasPrefix(candidate, "8")
}

var (
	moneyNumber = regexp.MustCompile(`\d[\d\s.,'’\x{00a0}\x{202f}]*`)
	moneyScale  = regexp.MustCompile(`(?i)^\s*(тыс\p{L}*|т\.? ?р|k|к|thousand|млн|mln|mio|mill?ions?|миллион\p{L}*|лям\p{L}*|m|м|kk|кк|млрд|bn|billions?)(\.|[^\p{L}]|$)`)
	currencies  = []struct {
		code    string
		pattern *regexp.Regexp
	}{
		{"USD", regexp.MustCompile(`(?i)\$|\busd\b|доллар|dollar|бакс`)},
		{"EUR", regexp.MustCompile(`(?i)€|\beur\b|евро|\beuros?\b`)},
		{"GBP", regexp.MustCompile(`(?i)£|\bgbp\b|фунт|pounds? sterling`)},
		{"UAH", regexp.MustCompile(`(?i)₴|\buah\b|грн|гривн|гривен`)},
		{"KZT", regexp.MustCompile(`(?i)₸|\bkzt\b|тенге`)},
		{"BYN", regexp.MustCompile(`(?i)\bbyn\b|бел\S* руб`)},
		{"CNY", regexp.MustCompile(`(?i)\bcny\b|\brmb\b|юан|yuan|元`)},
		{"JPY", regexp.MustCompile(`(?i)\bjpy\b|¥|円|иен|\byen\b`)},
		{"CHF", regexp.MustCompile(`(?i)\bchf\b|франк`)},
		{"PLN", regexp.MustCompile(`(?i)\bpln\b|zł|злот`)},
		{"TRY", regexp.MustCompile(`(?i)₺|\btry\b|лир`)},
		{"RUB", regexp.MustCompile(`(?i)₽|\bru[br]\b|руб|(^|[^\p{L}])(т\.? ?)?р(\.|$|[^\p{L}])`)},
	}
)

// Money reads an amount in major units with its currency as an ISO code: "от 500 000 руб." is 500000 RUB, "80 тыс." is 80000,
// "$12,000" is 12000 USD. The currency is empty when none is named. Of a range it takes the lower end.
func Money(s string) (amount float64, currency string, ok bool) {
	s = clip(oneLine(s), 200)
	for _, c := range currencies {
		if c.pattern.MatchString(s) {
			currency = c.code
			break
		}
	}
	found := moneyNumber.FindAllStringIndex(s, 3)
	if len(found) == 0 {
		return 0, "", false
	}
	amount, ok = plainNumber(s[found[0][0]:found[0][1]])
	if !ok {
		return 0, "", false
	}
	factor := scaleAt(s[found[0][1]:])
	if len(found) > 1 && factor > 1 && alsoThousands.MatchString(s[found[0][1]:found[1][0]]) {
		// "2 млн 300 тыс.": one amount in two words.
		if rest, ok := plainNumber(s[found[1][0]:found[1][1]]); ok && scaleAt(s[found[1][1]:])*1000 == factor {
			amount += rest / 1000
		}
	}
	if factor == 1 && len(found) > 1 && rangeSign.MatchString(s[found[0][1]:found[1][0]]) {
		// "80-100 тыс.": the scale stands behind the second number and means both.
		if upper, ok := plainNumber(s[found[1][0]:found[1][1]]); ok && amount <= upper {
			factor = scaleAt(s[found[1][1]:])
		}
	}
	amount *= factor
	return math.Round(amount*100) / 100, currency, amount < 1e15
}

var alsoThousands = regexp.MustCompile(`(?i)^\s*(млн|миллион\p{L}*|млрд|миллиард\p{L}*|mln|millions?)\.?\s*(и|and)?\s*$`)

var rangeSign = regexp.MustCompile(`(?i)^\s*(-|–|—|до|to|\.\.\.?|…)\s*$`)

func scaleAt(rest string) float64 {
	m := moneyScale.FindStringSubmatch(rest)
	if m == nil {
		return 1
	}
	switch word := strings.ToLower(m[1]); {
	case strings.HasPrefix(word, "млрд"), strings.HasPrefix(word, "b"):
		return 1e9
	case strings.HasPrefix(word, "т"), word == "k", word == "к", word == "thousand":
		return 1e3
	}
	return 1e6
}

// plainNumber reads a number whose thousands and decimals may be set off in any of the usual ways. A separator followed
// by exactly three digits sets off thousands.
func plainNumber(s string) (float64, bool) {
	s = strings.TrimRight(strings.Join(strings.Fields(strings.NewReplacer("'", "", "’", "", "\u00a0", "", "\u202f", "").Replace(s)), ""), ".,")
	dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	decimal := max(dot, comma)
	if decimal >= 0 {
		both := dot >= 0 && comma >= 0
		sign := s[decimal]
		if !both && (strings.Count(s, string(sign)) > 1 || len(s)-decimal-1 == 3 && decimal <= 3 && s[0] != '0') {
			decimal = -1
		}
	}
	var whole strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case i == decimal:
			whole.WriteByte('.')
		case s[i] >= '0' && s[i] <= '9':
			whole.WriteByte(s[i])
		}
	}
	value, err := strconv.ParseFloat(whole.String(), 64)
	return value, err == nil && whole.Len() <= 20
}

var (
	isoDate   = regexp.MustCompile(`\b(\d{4})[-./](\d{1,2})[-./](\d{1,2})\b`)
	shortDate = regexp.MustCompile(`\b(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})\b`)
	dayMonth  = regexp.MustCompile(`(?i)(\d{1,2})(?:st|nd|rd|th|-?го)?\.?\s+(?:of\s+|de\s+)?(\p{L}{3,})\.?,?\s+(\d{4})`)
	monthDay  = regexp.MustCompile(`(?i)(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})`)
)

// The months by the first letters of their names in the languages of our clients.
var months = []struct {
	prefix string
	month  time.Month
}{
	{"янв", 1},
	{"фев", 2},
	{"мар", 3},
	{"апр", 4},
	{"май", 5},
	{"мая", 5},
	{"июн", 6},
	{"июл", 7},
	{"авг", 8},
	{"сен", 9},
	{"окт", 10},
	{"ноя", 11},
	{"дек", 12},
	{"jan", 1},
	{"feb", 2},
	{"fév", 2},
	{"mar", 3},
	{"mär", 3},
	{"apr", 4},
	{"avr", 4},
	{"may", 5},
	{"mai", 5},
	{"jun", 6},
	{"juin", 6},
	{"jul", 7},
	{"juil", 7},
	{"aug", 8},
	{"aoû", 8},
	{"sep", 9},
	{"oct", 10},
	{"okt", 10},
	{"nov", 11},
	{"dec", 12},
	{"déc", 12},
	{"dez", 12},
}

// Date reads a day of the calendar: 2026-05-12, 12.05.2026, 12 мая 2026, May 12, 2026. Of two numbers with a slash the first is
// the day, unless it can only be the month. The time of day is midnight UTC.
func Date(s string) (day time.Time, ok bool) {
	s = clip(oneLine(s), 200)
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return calendarDay(m[1], m[2], m[3])
	}
	if m := shortDate.FindStringSubmatch(s); m != nil {
		if day, ok = calendarDay(m[4], m[3], m[1]); ok || m[2] != "/" {
			return day, ok
		}
		return calendarDay(m[4], m[1], m[3])
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return calendarDay(m[3], monthNumber(m[2]), m[1])
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		return calendarDay(m[3], monthNumber(m[1]), m[2])
	}
	return time.Time{}, false
}

var (
	dayOnly   = regexp.MustCompile(`(?i)(?:^|[^\d.])(\d{1,2})(?:st|nd|rd|th|-?го)?\.?\s+(?:of\s+|de\s+)?(\p{L}{3,})`)
	monthOnly = regexp.MustCompile(`(?i)(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:\D|$)`)
	shortOnly = regexp.MustCompile(`(?:^|\D)(\d{1,2})\.(\d\d)(?:[^\d.]|\.?$)`)
)

// DateNear reads a day as Date does, and one without its year, "15 марта", as the next such day from a moment on; of the last
// month, a day is taken as past.
func DateNear(s string, now time.Time) (day time.Time, ok bool) {
	if day, ok = Date(s); ok {
		return day, true
	}
	s = clip(oneLine(s), 200)
	var d, m string
	switch {
	case dayOnly.MatchString(s) && monthNumber(dayOnly.FindStringSubmatch(s)[2]) != "":
		found := dayOnly.FindStringSubmatch(s)
		d, m = found[1], monthNumber(found[2])
	case monthOnly.MatchString(s) && monthNumber(monthOnly.FindStringSubmatch(s)[1]) != "":
		found := monthOnly.FindStringSubmatch(s)
		d, m = found[2], monthNumber(found[1])
	case shortOnly.MatchString(s):
		found := shortOnly.FindStringSubmatch(s)
		d, m = found[1], found[2]
	default:
		return time.Time{}, false
	}
	for year := now.Year(); year <= now.Year()+4; year++ { // the 29th of February may be far
		if day, ok = calendarDay(strconv.Itoa(year), m, d); ok && day.After(now.AddDate(0, -1, 0)) {
			return day, true
		}
	}
	return time.Time{}, false
}

func monthNumber(name string) string {
	name = strings.ToLower(name)
	for _, m := range months {
		if strings.HasPrefix(name, m.prefix) {
			return strconv.Itoa(int(m.month))
		}
	}
	return ""
}

// calendarDay refuses days that no month has.
func calendarDay(year, month, day string) (time.Time, bool) {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	d, err3 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || err3 != nil {
		return time.Time{}, false
	}
	if len(year) == 2 {
		y += 2000
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d || int(t.Month()) != m || y < 1900 {
		return time.Time{}, false
	}
	return t, true
}
