package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// nbsp keeps what belongs together on one line.
const nbsp = "\u00a0"

// Number writes a number with at most two decimals, as the viewer's language does.
func (v viewer) Number(f float64) string {
	group, point := ",", "."
	if v.Lang == "ru" {
		group, point = nbsp, ","
	}
	text := strconv.FormatFloat(math.Abs(f), 'f', 2, 64)
	whole, decimals, _ := strings.Cut(text, ".")
	var b strings.Builder
	if f < 0 && text != "0.00" {
		b.WriteString("−")
	}
	for i, digit := range whole {
		// In Russian four digits stand together.
		if i > 0 && (len(whole)-i)%3 == 0 && (v.Lang != "ru" || len(whole) > 4) {
			b.WriteString(group)
		}
		b.WriteRune(digit)
	}
	if decimals != "00" {
		b.WriteString(point + decimals)
	}
	return b.String()
}

var signs = map[string]string{"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "KZT": "₸", "TRY": "₺", "CNY": "¥", "JPY": "¥", "INR": "₹"}

// plain writes a whole number for an address.
func (v viewer) plain(n int) string { return strconv.Itoa(n) }

// Money writes an amount with its currency.
func (v viewer) Money(amount float64, currency string) string {
	number := v.Number(amount)
	if math.Abs(amount) >= 10_000 {
		number = v.Number(math.Round(amount))
	}
	sign, known := signs[currency]
	switch {
	case currency == "":
		return number
	case known && v.Lang == "en" && currency != "RUB" && currency != "KZT":
		return strings.Replace(sign+number, sign+"−", "−"+sign, 1)
	case known:
		return number + nbsp + sign
	}
	return number + nbsp + currency
}

// Short is Money for a narrow place: thousands and millions in short.
func (v viewer) Short(amount float64, currency string) string {
	scaled, unit := amount, ""
	switch size := math.Abs(amount); {
	case size >= 999_500_000:
		scaled, unit = amount/1e9, v.T("unit.billion")
	case size >= 999_500:
		scaled, unit = amount/1e6, v.T("unit.million")
	case size >= 10_000:
		scaled, unit = amount/1e3, v.T("unit.thousand")
	}
	if unit == "" {
		return v.Money(amount, currency)
	}
	digits := 1
	if math.Abs(scaled) >= 100 {
		digits = 0
	}
	scale := math.Pow10(digits)
	number := v.Number(math.Round(scaled*scale) / scale)
	if strings.HasSuffix(number, "0") && digits == 1 && strings.ContainsAny(number, ".,") {
		number = strings.TrimSuffix(number, "0")
	}
	sign, known := signs[currency]
	if !known {
		sign = currency
	}
	if v.Lang == "en" {
		if known && currency != "RUB" && currency != "KZT" {
			return sign + number + unit
		}
		return strings.TrimSpace(number + unit + nbsp + sign)
	}
	return strings.TrimRight(number+nbsp+unit+nbsp+sign, nbsp)
}

// Percent writes a share of 0 to 1.
func (v viewer) Percent(share float64) string {
	if v.Lang == "ru" {
		return v.Number(math.Round(share*100)) + nbsp + "%"
	}
	return v.Number(math.Round(share*100)) + "%"
}

// Tenth writes a number with at most one decimal.
func (v viewer) Tenth(f float64) string {
	f = math.Round(f*10) / 10
	text := v.Number(f)
	if f != math.Trunc(f) {
		text = strings.TrimSuffix(text, "0")
	}
	return text
}

// Change writes by which share something has grown.
func (v viewer) Change(share float64) string {
	if share > 0 {
		return "+" + v.Percent(share)
	}
	return v.Percent(share)
}

// Lasts writes days as a span of time.
func (v viewer) Lasts(days float64) string {
	return v.Span(time.Duration(days * float64(24*time.Hour)))
}

// Date writes the day.
func (v viewer) Date(t time.Time) string {
	t = t.In(v.zone)
	month := v.T(fmt.Sprintf("month.%d", t.Month()))
	return fmt.Sprintf("%d%s%s%s%d", t.Day(), nbsp, month, nbsp, t.Year())
}

// Moment writes day and time.
func (v viewer) Moment(t time.Time) string {
	t = t.In(v.zone)
	return fmt.Sprintf("%s %d%s%s, %s", v.T(fmt.Sprintf("day.%d", t.Weekday())), t.Day(), nbsp, v.T(fmt.Sprintf("month.%d", t.Month())), t.Format("15:04"))
}

// Exact writes the moment whole, with its zone.
func (v viewer) Exact(t time.Time) string {
	t = t.In(v.zone)
	return v.Date(t) + ", " + t.Format("15:04:05 MST")
}

// Span writes how long something takes, by its largest unit.
func (v viewer) Span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d.Round(time.Hour) >= 48*time.Hour:
		return v.N("span.days", int(math.Round(d.Hours()/24)))
	case d >= time.Hour:
		return v.N("span.hours", int(math.Round(d.Hours())))
	case d >= time.Minute:
		return v.N("span.minutes", int(d.Minutes()))
	}
	return v.T("span.moment")
}

// Rel says how far from now a moment is.
func (v viewer) Rel(t, now time.Time) string {
	if t.After(now) {
		return v.T("rel.in", v.Span(t.Sub(now)))
	}
	return v.T("rel.ago", v.Span(now.Sub(t)))
}

// Size writes a number of bytes.
func (v viewer) Size(n int64) string {
	switch {
	case n >= 1<<20:
		return v.T("size.mb", v.Number(math.Round(float64(n)/(1<<20)*10)/10))
	case n >= 1<<10:
		return v.T("size.kb", v.Number(math.Round(float64(n)/(1<<10))))
	}
	return v.T("size.bytes", v.Number(float64(n)))
}

// readable keeps text from acting on the page around it: controls that turn
// its direction, and others that do not show, are left out.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\u200d' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// clip shortens to so many runes.
func clip(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
