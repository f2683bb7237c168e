package inbox

import (
	"testing"
	"time"
)

func TestPhone(t *testing.T) {
	for _, c := range []struct{ name, in, country, want string }{
		{"trunk eight", "8-916-555-01-99", "RU", "+79165550199"},
		{"brackets", "8 (495) 555-01-02", "RU", "+74955550102"},
		{"prefix", "+7 (903) 555 02 03", "RU", "+79035550203"},
		{"prefix without plus", "7 903 555 02 03", "RU", "+79035550203"},
		{"other country", "+1 (202) 555-0143", "RU", "+12025550143"},
		{"british", "+44 20 7946 0123", "RU", "+442079460123"},
		{"double zero", "0044 20 7946 0123", "RU", "+442079460123"},
		{"local of another country", "020 7946 0123", "GB", "+442079460123"},
		{"with a label", "тел. 8 800 555 35 35 (бесплатно)", "RU", "+78005553535"},
		{"no-break blanks", "+7\u00a0903\u00a0555\u00a002\u00a003", "RU", "+79035550203"},
		{"too short", "112", "RU", ""},
		{"words", "позвоните", "RU", ""},
		{"empty", "", "RU", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := Phone(c.in, c.country)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("Phone(%q, %s) = %q, %v; want %q", c.in, c.country, got, ok, c.want)
			}
		})
	}
}

func TestFindPhone(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"labelled", "Заказ 84955550100.\nТел.: 8 (495) 555-01-02", "+74955550102"},
		{"in a sentence", "Could you call me on +44 20 7946 0123?", "+442079460123"},
		{"a tax number is none", "ИНН 7707083893, КПП 770701001", ""},
		{"an order number is none", "Order 84955550102 is late", ""},
		{"a date is none", "Ждём до 12.05.2026 10:00", ""},
		{"nothing", "Здравствуйте!", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := findPhone(c.text, "RU"); got != c.want {
				t.Errorf("findPhone(%q) = %q; want %q", c.text, got, c.want)
			}
		})
	}
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		in       string
		amount   float64
		currency string
	}{
		{"от 500 000 руб.", 500000, "RUB"},
		{"80 тыс.", 80000, ""},
		{"80 тыс. р.", 80000, "RUB"},
		{"80 т.р.", 80000, "RUB"},
		{"12,000 USD", 12000, "USD"},
		{"$12,000", 12000, "USD"},
		{"$12,000.50", 12000.5, "USD"},
		{"1 500,50 ₽", 1500.5, "RUB"},
		{"1.500.000,00 EUR", 1500000, "EUR"},
		{"€ 5.000", 5000, "EUR"},
		{"1,5 млн рублей", 1500000, "RUB"},
		{"2.5M", 2500000, ""},
		{"15k £", 15000, "GBP"},
		{"80-100 тыс руб", 80000, "RUB"},
		{"от 1 до 2 млн", 1000000, ""},
		{"1 000\u00a0000 тенге", 1000000, "KZT"},
		{"80к", 80000, ""},
		{"матрас за 300", 300, ""},
		{"3 тысячи гривен", 3000, "UAH"},
		{"0.5", 0.5, ""},
		{"5000", 5000, ""},
		{"1'200'000 CHF", 1200000, "CHF"},
	} {
		t.Run(c.in, func(t *testing.T) {
			amount, currency, ok := Money(c.in)
			if !ok || amount != c.amount || currency != c.currency {
				t.Errorf("Money(%q) = %v %q %v; want %v %q", c.in, amount, currency, ok, c.amount, c.currency)
			}
		})
	}
	for _, in := range []string{"", "договорной", "руб."} {
		if amount, _, ok := Money(in); ok {
			t.Errorf("Money(%q) = %v; want no amount", in, amount)
		}
	}
}

func TestDate(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"2026-05-12", "2026-05-12"},
		{"12.05.2026", "2026-05-12"},
		{"до 12 мая 2026 г.", "2026-05-12"},
		{"May 12, 2026", "2026-05-12"},
		{"12 May 2026", "2026-05-12"},
		{"12/05/2026", "2026-05-12"},
		{"05/22/2026", "2026-05-22"},
		{"1.3.26", "2026-03-01"},
		{"31.02.2026", ""},
		{"скоро", ""},
		{"12.13.2026", ""},
		{"", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			day, ok := Date(c.in)
			got := ""
			if ok {
				got = day.Format("2006-01-02")
			}
			if got != c.want {
				t.Errorf("Date(%q) = %q; want %q", c.in, got, c.want)
			}
		})
	}
}

func TestDateNear(t *testing.T) {
	for in, want := range map[string]string{
		"15 марта": "2027-03-15", "к 25 ноября": "2026-11-25", "1 ноября": "2026-11-01", "March 3rd": "2027-03-03", "3 March": "2027-03-03",
		"до 05.12": "2026-12-05", "29 февраля": "2028-02-29", "15 марта 2028": "2028-03-15", "2026-12-24": "2026-12-24",
		"12 дверей": "", "31.31": "", "как можно скорее": "", "10.5 кв. м": "", "1 500 000 руб.": "",
	} {
		got := ""
		if day, ok := DateNear(in, noon); ok {
			got = day.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("DateNear(%q) = %s; want %s", in, got, want)
		}
	}
}
