//nolint:bodyclose // the helpers close what they answer
package server

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// told is what a reader is told by a page: its text, without what only shows.
func told(page string) string {
	page = regexp.MustCompile(`(?s)<svg.*?</svg>|<script.*?</script>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	page = strings.NewReplacer("\u00a0", " ", "&nbsp;", " ").Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

// The pages of numbers say of the counted week what the reports of the API say.
func TestPagesOfNumbers(t *testing.T) {
	w := countedWeek(t)
	for name, c := range map[string]struct {
		path, lang string
		wants      []string
	}{
		"the funnel": {"/funnel", "en", []string{
			"Win rate 50% 1 won of 2 decided deals", "Largest leak Qualification 1 visit ended in a loss", "Where time is lost Qualification 100% of all delay",
			"Qualification 5 2 40% 1 0 2", "Presentation 2 1 50% 0 1 0", "Delivery 1 1 100% 0 0 0",
			"Qualification 3 business hours 2 business days 1 business day 67% 100%", "Presentation 1 business hour 9 business hours 3 business days 100% 0%", "Delivery 8 days 8 days — — —",
			"Too expensive 1 100% 1,000 ₽ Qualification 1",
		}},
		"the funnel in Russian":     {"/funnel?period=30d", "ru", []string{"Выиграно 1 из 2 решённых сделок", "1 заход кончился потерей", "Qualification 3 раб. часа 2 раб. дня 1 раб. день 67 % 100 %"}},
		"of one day":                {"/funnel?from=2026-03-03&to=2026-03-03", "en", []string{"3 Mar 2026 30 days", "Qualification 0 0 — 0 0 0", "Delivery 1 1 100%"}},
		"of one owner":              {"/funnel?owner=anna%40kitchens.test", "en", []string{"Qualification 1 0 0% 0 0 1", "Clear"}},
		"of a source without deals": {"/funnel?source=fair", "en", []string{"Nothing to count yet", "fair", "Clear the filter"}},
		"of a time without deals":   {"/funnel?from=2025-01-01&to=2025-01-31", "en", []string{"1 Jan 2025 – 31 Jan 2025", "Nothing to count yet", "All time"}},
		"days that are none":        {"/funnel?from=2026-02-30", "en", []string{"“2026-02-30” is no day.", "Qualification 5 2"}},
		"days the wrong way":        {"/forecast?from=2026-03-03&to=2026-03-02", "ru", []string{"Период кончается раньше, чем начинается."}},
		"the forecast": {"/forecast", "en", []string{
			"Open deals 1,500 ₽ 2 deals", "By the process 300 ₽", "By your own history — Once 28 more deals are won or lost",
			"Qualification 2 1,500 ₽ 20% 300 ₽", "Together 2 1,500 ₽ 300 ₽",
			"Open deals 2 Win rate 50% 1 won of 2 decided deals Average deal won 1,000 ₽ Average cycle, days 1.1 A day brings 923.08 ₽",
			"Median 26 hours p90 26 hours", "1–2 1 100%",
		}},
		"the forecast in Russian":        {"/forecast", "ru", []string{"Нужно ещё 28 выигранных или потерянных сделок", "Средний цикл, дней 1,1 Приносит день 923,08 ₽"}},
		"a forecast after the sale":      {"/forecast?from=2026-03-05", "en", []string{"No deal was won in this period"}},
		"a forecast of one owner":        {"/forecast?owner=anna%40kitchens.test", "en", []string{"Together 1 500 ₽ 100 ₽"}},
		"people":                         {"/people?from=2026-03-02&to=2026-03-08", "en", []string{"Ivan Sales rep 1 of 40 3% 0 of 8 0%", "Ivan Sales rep 1 1,000 ₽ 0 1 0 2 business hours", "Anna manager 1 500 ₽ 0 1 1 —", "Open tasks 2 1 overdue"}},
		"people in two weeks":            {"/people?from=2026-03-02&to=2026-03-15", "ru", []string{"Ivan Sales rep 1 из 80 1 % 0 из 16 0 %"}},
		"people in the week that is":     {"/people", "en", []string{"9 Mar 2026 – 15 Mar 2026", "Ivan Sales rep 0 of 40"}},
		"what the best did the week ago": {"/people", "en", []string{"2 Mar 2026 – 8 Mar 2026", "Calls Sales rep 1 1 of 1 40 1", "rep: {call: 1, meeting: 8}"}},
	} {
		res, page := w.look("GET", c.path, nil, "Accept-Language", c.lang)
		text := told(page)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
	}
}

// A rep sees themselves and their own deals; whoever asks for another's gets their own.
func TestNumbersOfOneRep(t *testing.T) {
	w := countedWeek(t)
	w.give(t, "rep-token", "anna@kitchens.test", RoleRep)
	for path, wants := range map[string][]string{
		"/funnel?owner=ivan%40kitchens.test":   {"your deals only", "Qualification 1 0 0% 0 0 1"},
		"/forecast?owner=ivan%40kitchens.test": {"your deals only", "Together 1 500 ₽ 100 ₽"},
		"/people":                              {"only you", "Anna manager 1 500 ₽"},
	} {
		_, page := w.look("GET", path, nil, "Authorization", "Bearer rep-token")
		text := told(page)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, text)
			}
		}
		if strings.Contains(text, "Ivan") || strings.Contains(text, "Quotas from the best") {
			t.Errorf("%s tells of others:\n%s", path, text)
		}
	}
}

// What is chosen stays in the addresses of the other periods.
func TestFiltersStayInTheAddress(t *testing.T) {
	w := countedWeek(t)
	_, page := w.look("GET", "/funnel?owner=anna%40kitchens.test&source=api&from=2026-03-02&to=2026-03-09", nil)
	contains(t, page, `href="/funnel?owner=anna%40kitchens.test&amp;period=quarter&amp;source=api"`, `name="from" value="2026-03-02"`, `<option value="api" selected`,
		`<option value="anna@kitchens.test" selected`, `href="/funnel?company=kitchens&amp;from=2026-03-02&amp;to=2026-03-09"`)
	if strings.Contains(page, `name="period"`) {
		t.Error("a period by name is sent with days")
	}
}

// Names, owners, sources and reasons that people may write as they like.
func TestHostileNumbers(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("W", 10_000)
	evil := "<script>alert(1)</script>\u202e😀"
	c := *w.companies[0]
	p := *c.Process("sales")
	c.Processes, p.Company = []*definitions.Process{&p}, &c
	role := *c.Roles[0]
	role.Members = []definitions.Member{{Name: evil + long, Email: "ivan@kitchens.test"}}
	c.Roles = append([]*definitions.Role{&role}, c.Roles[1:]...)
	p.LostReasons = append([]definitions.Reason{{ID: "evil", Name: evil + long}}, p.LostReasons...)
	w.companies[0] = &c
	for i := range 3 {
		id := w.open(fmt.Sprintf(`{"company": "kitchens", "source": "<b onclick=x>%d\u202e</b>%s", "fields": {"budget": 5}}`, i, strings.Repeat("W", 150)))
		if err := w.store.UpdateDeal(t.Context(), id, func(tx *store.DealTx) error {
			next := *tx.State
			if next.Owner = evil + long; i == 0 {
				next.Status, next.LostReason, next.ClosedAt = deal.Lost, "evil", w.clock()
				if err := tx.Append([]deal.Entry{{At: w.clock(), Type: "stage_left", Data: map[string]any{"to": "lost"}}, {At: w.clock(), Type: "lost"}}); err != nil {
					return err
				}
			}
			return tx.Save(&next, store.SaveExtra{At: w.clock(), Amount: 5})
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(time.Minute)
	for _, path := range []string{"/funnel", "/people", "/forecast", "/funnel?owner=" + url.QueryEscape(evil+long), "/funnel?source=" + url.QueryEscape(evil+long) + "&version=" + url.QueryEscape(evil)} {
		res, page := w.look("GET", path, nil)
		if res.StatusCode != http.StatusOK || len(page) > 200_000 {
			t.Errorf("%.40s: %d with %d bytes", path, res.StatusCode, len(page))
		}
		// What a form sends back must be as it is; it does not show.
		page = regexp.MustCompile(`value="[^"]*"`).ReplaceAllString(page, "")
		for _, bad := range []string{"<script>alert", "<b onclick", "\u202e", "%!"} {
			if strings.Contains(page, bad) {
				t.Errorf("%.40s: %q acts on the page", path, bad)
			}
		}
		if text := told(page); strings.Contains(text, long) {
			t.Errorf("%.40s: a word of 10,000 letters is shown whole", path)
		}
	}
}
