package web

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBothLanguagesSayTheSame(t *testing.T) {
	verbs := regexp.MustCompile(`%[sd]`)
	want := map[string][]string{"en": {"one", "other"}, "ru": {"few", "many", "one"}}
	for key, en := range catalogues["en"] {
		ru, ok := catalogues["ru"][key]
		if !ok {
			t.Errorf("%s: not in Russian", key)
			continue
		}
		if (en.forms == nil) != (ru.forms == nil) {
			t.Errorf("%s: counts in one language only", key)
		}
		if a, b := verbs.FindAllString(en.text, -1), verbs.FindAllString(ru.text, -1); !slices.Equal(a, b) {
			t.Errorf("%s: puts in %v in English and %v in Russian", key, a, b)
		}
		for lang, p := range map[string]phrase{"en": en, "ru": ru} {
			if p.forms == nil {
				if strings.TrimSpace(p.text) == "" {
					t.Errorf("%s: empty in %s", key, lang)
				}
				continue
			}
			var forms []string
			for form, text := range p.forms {
				forms = append(forms, form)
				if strings.Count(text, "%s") != 1 {
					t.Errorf("%s %s in %s: %q has no place for the number", key, form, lang, text)
				}
			}
			if slices.Sort(forms); !slices.Equal(forms, want[lang]) {
				t.Errorf("%s: forms in %s: %v, want %v", key, lang, forms, want[lang])
			}
		}
	}
	for key := range catalogues["ru"] {
		if _, ok := catalogues["en"][key]; !ok {
			t.Errorf("%s: not in English", key)
		}
	}
}

func TestTemplatesSayNothingByThemselves(t *testing.T) {
	used := regexp.MustCompile(`\.([TN]) "([a-z0-9_.]+)"`)
	letters := regexp.MustCompile(`>[^<>{}]*\p{L}{3,}[^<>{}]*<`)
	actions := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	allowed := []string{">Dealwright<", ">Русский<", ">English<", ">Message-ID<"}
	err := fs.WalkDir(templateFiles, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templateFiles, path)
		if err != nil {
			return err
		}
		text := string(data)
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			p, ok := catalogues["en"][m[2]]
			if !ok || (m[1] == "N") != (p.forms != nil) {
				t.Errorf("%s: .%s %q is not in the catalogue", path, m[1], m[2])
			}
		}
		for _, said := range letters.FindAllString(actions.ReplaceAllString(text, ""), -1) {
			if !slices.Contains(allowed, strings.TrimSpace(said)) && !strings.Contains(said, "· Dealwright") {
				t.Errorf("%s: says %q itself", path, said)
			}
		}
		for _, inline := range []string{"style=", "<style", "onclick", "javascript:", "https://"} {
			if at := strings.Index(text, inline); at >= 0 && !strings.HasPrefix(text[at:], `https://"`) {
				t.Errorf("%s: has %s, which the policy does not let in", path, inline)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func reader(lang string) viewer {
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		panic(err)
	}
	return viewer{Lang: lang, words: catalogues[lang], zone: moscow}
}

func TestNumbersTimesAndPlurals(t *testing.T) {
	en, ru := reader("en"), reader("ru")
	at := time.Date(2026, 3, 2, 7, 5, 9, 0, time.UTC)
	for _, c := range []struct{ name, got, want string }{
		{"one", ru.N("board.deals", 1), "1 сделка"},
		{"two", ru.N("board.deals", 2), "2 сделки"},
		{"five", ru.N("board.deals", 5), "5 сделок"},
		{"eleven", ru.N("board.deals", 11), "11 сделок"},
		{"fourteen", ru.N("board.deals", 14), "14 сделок"},
		{"twenty-one", ru.N("board.deals", 21), "21 сделка"},
		{"a hundred and twelve", ru.N("board.deals", 112), "112 сделок"},
		{"many", ru.N("board.deals", 100_000), "100\u00a0000 сделок"},
		{"one in English", en.N("board.deals", 1), "1 deal"},
		{"none in English", en.N("board.deals", 0), "0 deals"},
		{"a number", en.Number(1234567.5), "1,234,567.50"},
		{"a number in Russian", ru.Number(1234567.5), "1\u00a0234\u00a0567,50"},
		{"four digits in Russian", ru.Number(1234), "1234"},
		{"below zero", en.Number(-5), "−5"},
		{"money", ru.Money(450000, "RUB"), "450\u00a0000\u00a0₽"},
		{"dollars", en.Money(1500.5, "USD"), "$1,500.50"},
		{"another currency", en.Money(10, "CHF"), "10\u00a0CHF"},
		{"millions", ru.Short(6_800_000, "RUB"), "6,8\u00a0млн\u00a0₽"},
		{"thousands", en.Short(312_000, "EUR"), "€312K"},
		{"a share", ru.Percent(0.254), "25\u00a0%"},
		{"a moment", ru.Moment(at), "пн 2\u00a0марта, 10:05"},
		{"an exact moment", en.Exact(at), "2\u00a0Mar\u00a02026, 10:05:09 MSK"},
		{"business days", ru.duration("5 business days"), "5 раб. дней"},
		{"a week", en.duration("1w"), "1 week"},
		{"hours", ru.Span(21 * time.Hour), "21 час"},
		{"size", ru.Size(2048), "2 КБ"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestPreferredLanguage(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "ru": "ru", "ru-RU,ru;q=0.9,en;q=0.8": "ru", "de,en;q=0.5,ru;q=0.9": "ru", "fr": "en", "ru;q=0.1,en-GB": "en", "ru;q=x,,;": "en",
	} {
		if got := preferred(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func TestQuotesAreFolded(t *testing.T) {
	parts := folded("Да, подходит.\n> Кухни Дом писали:\n> когда удобно?\n\nСпасибо\u202e\x00")
	if len(parts) != 3 || parts[0].Quote || !parts[1].Quote || parts[2].Text != "Спасибо" {
		t.Errorf("%+v", parts)
	}
}

func TestPlaybookCannotAct(t *testing.T) {
	got := string(playbook("# Звонок\n\n<script>x()</script>\n\n[a](javascript:x) [b](https://b.test) ![i](https://spy.test/i.png)\n\n<p style=\"x\" onclick=\"x\">t</p>"))
	for _, bad := range []string{"<script", "javascript:", "spy.test", "style", "onclick"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is in %s", bad, got)
		}
	}
	if !strings.Contains(got, "<h1>Звонок</h1>") || !strings.Contains(got, "nofollow") {
		t.Error(got)
	}
}
