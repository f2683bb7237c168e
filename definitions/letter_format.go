package definitions

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// dialect is how numbers and dates are written in a letter's language.
type dialect struct {
	group, mark string
	yes, no     string
	date        func(time.Time) string
	signFirst   bool
}

var (
	russian = &dialect{group: "\u00a0", mark: ",", yes: "да", no: "нет", date: russianDate}
	english = &dialect{group: ",", mark: ".", yes: "yes", no: "no", signFirst: true, date: func(t time.Time) string { return t.Format("2 January 2006") }}
)

var russianMonths = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

func russianDate(t time.Time) string {
	return strconv.Itoa(t.Day()) + "\u00a0" + russianMonths[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// dialectOf tells a letter's language by its letters: the template's own
// words, whatever the company's language is.
func dialectOf(text string) *dialect {
	for _, r := range text {
		if unicode.Is(unicode.Cyrillic, r) {
			return russian
		}
	}
	return english
}

// number writes a number with groups of thousands and no needless zeros.
func (d *dialect) number(n float64) string {
	return d.grouped(strconv.FormatFloat(n, 'f', -1, 64))
}

func (d *dialect) yesNo(v bool) string {
	if v {
		return d.yes
	}
	return d.no
}

// signs are the currencies that people write with a sign.
var signs = map[string]string{"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "KZT": "₸", "UAH": "₴", "CNY": "¥"}

// money writes a sum with its currency: whole sums without cents.
func (d *dialect) money(n float64, currency string) string {
	digits := 0
	if n = cents(n); n != math.Trunc(n) {
		digits = 2
	}
	sum := d.grouped(strconv.FormatFloat(n, 'f', digits, 64))
	sign, known := signs[currency]
	switch {
	case currency == "":
		return sum
	case known && d.signFirst:
		if rest, negative := strings.CutPrefix(sum, "-"); negative {
			return "-" + sign + rest
		}
		return sign + sum
	case known:
		return sum + "\u00a0" + sign
	}
	return sum + "\u00a0" + currency
}

func (d *dialect) grouped(s string) string {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	whole, negative := strings.CutPrefix(whole, "-")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i, digit := range whole {
		// Four digits are read at a glance and stay together, as both languages prefer for a number in text.
		if i > 0 && (len(whole)-i)%3 == 0 && (len(whole) > 4 || d == english) {
			b.WriteString(d.group)
		}
		b.WriteRune(digit)
	}
	if hasFraction {
		b.WriteString(d.mark + fraction)
	}
	return b.String()
}
