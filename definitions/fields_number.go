package definitions

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// largest is the largest number a field holds: cents stay exact below it.
const largest = 1e13

func checkNumber(f *Field, v any, c *Company) (any, error) {
	n, err := readNumber(f, v, c)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(n) || math.Abs(n) > largest {
		return nil, fmt.Errorf("%s is too large: at most %.0f is kept", show(v), float64(largest))
	}
	if f.Type == TypeMoney {
		n = cents(n)
	}
	return n + 0, nil // -0 becomes 0
}

// cents rounds money to hundredths, halves away from zero.
func cents(n float64) float64 { return math.Round(n*100) / 100 }

func readNumber(f *Field, v any, c *Company) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case float32:
		return float64(v), nil
	case int:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			return 0, fmt.Errorf("%s is too large a number", quote(v.String()))
		}
		return n, nil
	case string:
		text := v
		if f.Type == TypeMoney {
			var err error
			if text, err = withoutCurrency(v, f.Currency); err != nil {
				return 0, err
			}
		}
		n, ok := parseNumber(text, f.Type == TypeMoney, c.decimalComma())
		if !ok {
			return 0, fmt.Errorf("%s is not a number: write it as 150000.50", quote(v))
		}
		return n, nil
	}
	return 0, fmt.Errorf("%s is not a number: write it as 150000.50", show(v))
}

// currencyMarks are the ways currencies are written beside a sum, longest first.
var currencyMarks = []struct{ mark, currency string }{
	{"рублей", "RUB"},
	{"рубля", "RUB"},
	{"рубль", "RUB"},
	{"руб.", "RUB"},
	{"руб", "RUB"},
	{"р.", "RUB"},
	{"р", "RUB"},
	{"₽", "RUB"},
	{"$", "USD"},
	{"€", "EUR"},
	{"евро", "EUR"},
	{"£", "GBP"},
	{"₸", "KZT"},
	{"тенге", "KZT"},
	{"₴", "UAH"},
	{"¥", "CNY"},
	{"RUB", "RUB"},
	{"RUR", "RUB"},
	{"USD", "USD"},
	{"EUR", "EUR"},
	{"GBP", "GBP"},
	{"KZT", "KZT"},
	{"BYN", "BYN"},
	{"CNY", "CNY"},
}

// withoutCurrency takes the currency off a sum, and refuses one that is not the field's.
func withoutCurrency(s, currency string) (string, error) {
	lower := strings.ToLower(s)
	for _, m := range currencyMarks {
		mark := strings.ToLower(m.mark)
		rest, found := strings.CutSuffix(lower, mark)
		if !found {
			rest, found = strings.CutPrefix(lower, mark)
		}
		if !found {
			continue
		}
		if currency != "" && m.currency != currency {
			return "", fmt.Errorf("%s is in %s: the field is in %s, write the sum in that", quote(s), m.currency, currency)
		}
		return strings.TrimSpace(rest), nil
	}
	if currency != "" {
		lower = strings.TrimSuffix(strings.TrimPrefix(lower, strings.ToLower(currency)), strings.ToLower(currency))
	}
	return strings.TrimSpace(lower), nil
}

var (
	spacing = regexp.MustCompile(`[\s\x{00a0}\x{2007}\x{2009}\x{202f}'’_]`)
	plain   = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?$|^[+-]?\.[0-9]+$`)
	groups  = regexp.MustCompile(`^[+-]?[0-9]{1,3}([.,][0-9]{3})+$`)
)

// parseNumber reads a number as people write it, with groups of thousands and
// either decimal mark. A mark before exactly three digits is ambiguous: money
// has no thousandths, so there it groups; elsewhere the company's language says.
func parseNumber(s string, money, decimalComma bool) (float64, bool) {
	s = strings.ReplaceAll(spacing.ReplaceAllString(s, ""), "−", "-")
	if len(s) > 40 {
		return 0, false
	}
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case point >= 0 && comma >= 0: // the last one is the decimal mark
		group, mark := ",", "."
		if comma > point {
			group, mark = ".", ","
		}
		whole, fraction, _ := strings.Cut(s, mark)
		if strings.Contains(fraction, mark) || strings.Contains(fraction, group) || !groups.MatchString(whole) {
			return 0, false
		}
		s = strings.ReplaceAll(whole, group, "") + "." + fraction
	case groups.MatchString(s) && !strings.HasPrefix(strings.TrimLeft(s, "+-"), "0"):
		mark := s[max(point, comma) : max(point, comma)+1]
		if money || strings.Count(s, mark) > 1 || mark == "," && !decimalComma {
			s = strings.ReplaceAll(s, mark, "")
		} else {
			s = strings.Replace(s, mark, ".", 1)
		}
	case comma >= 0:
		s = strings.Replace(s, ",", ".", 1)
	}
	if !plain.MatchString(s) {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

// decimalComma reports whether the company's people write fractions with a comma.
func (c *Company) decimalComma() bool { return c == nil || c.Language != "en" }
