//go:build system

package browser_test

import (
	"flag"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/system/browser"
)

var update = flag.Bool("update", false, "take the pictures of docs/screenshots anew")

// view is a page as it is looked at.
type view struct {
	name string
	path string // after the company is chosen
	show func(*browser.Tab)
}

// views are all pages, for the reader of a language.
func (d *dashboard) views(t *testing.T, lang string) []view {
	company, stuck, moved, from, to := "kuhni-dom", "Студия", "Григорий Лапин", "qualification", "presentation"
	if lang == "en" {
		company, stuck, moved, from, to = "fairlea", "Harriet", "Oliver Bennett", "qualification", "first-contact"
	}
	deal := d.deal(t, stuck).ID
	scope := "?company=" + company
	var mail struct{ Items []struct{ ID string } }
	d.call(t, "GET", "/companies/"+company+"/messages?outcome=lead&limit=1", nil, &mail)
	refused := func(tab *browser.Tab) {
		tab.Click(`#stage-`+from+` [data-deal="`+d.deal(t, moved).ID+`"] .move`, "")
		tab.Click(`#mover button[value="`+to+`"]`, "")
		tab.Until("the refusal", `() => !!document.querySelector(".refusal")`)
	}
	return []view{
		{"board", "/" + scope, nil},
		{"refusal", "/" + scope, refused},
		{"deal", "/deals/" + deal, nil},
		{"attention", "/attention" + scope, nil},
		{"funnel", "/funnel" + scope, nil},
		{"people", "/people" + scope, nil},
		{"forecast", "/forecast" + scope, nil},
		{"process", "/process" + scope, nil},
		{"mail", "/mail" + scope, nil},
		{"message", "/mail/" + mail.Items[0].ID, nil},
		{"nothing-found", "/" + scope + "&q=zzz", nil},
		{"no-mail-found", "/mail" + scope + "&q=zzz", nil},
		{"no-such-page", "/deals/none", nil},
	}
}

// pictures are the views that docs/screenshots shows.
var pictures = []string{
	"board-light-ru", "board-dark-en", "board-light-ru-phone", "deal-light-en", "deal-dark-ru", "deal-light-en-phone", "refusal-light-ru", "refusal-dark-en-phone",
	"attention-light-ru", "attention-dark-en", "attention-light-en-phone", "funnel-light-ru", "funnel-dark-en",
	"people-light-ru", "people-dark-en-phone", "forecast-light-en", "forecast-dark-ru", "process-light-ru", "process-dark-en", "mail-light-ru", "mail-light-en-phone", "message-dark-en",
	"nothing-found-light-en", "sign-in-light-ru", "sign-in-dark-en-phone",
}

// mostBytes is what a first view of a page may make a browser load, compressed.
const mostBytes = 100_000

// testPages looks at every page in both languages, light and dark, on a laptop
// and on a phone.
func (d *dashboard) testPages(t *testing.T) {
	for _, lang := range []string{"ru", "en"} {
		for _, theme := range []string{"light", "dark"} {
			t.Run(theme+"-"+lang, func(t *testing.T) {
				t.Parallel()
				tab := d.tab(t, lang, theme)
				for _, v := range d.views(t, lang) {
					tab.Size(1440, 900)
					if weight := tab.Weigh(v.path); weight.Bytes > mostBytes {
						t.Errorf("%s: a first view takes %d bytes in %d requests", v.path, weight.Bytes, weight.Requests)
					}
					if v.show != nil {
						v.show(tab)
					}
					look(t, tab, v.name+"-"+theme+"-"+lang)
				}
				stranger := browser.NewTab(t, d.URL(""), lang)
				stranger.Cookie("dealwright_theme", theme)
				stranger.Open("/")
				look(t, stranger, "sign-in-"+theme+"-"+lang)
			})
		}
	}
}

// key is a phrase that has no words in the viewer's language.
var key = regexp.MustCompile(`(?m)^[a-z_]+\.[a-z_.]+$`)

// look judges the page that the tab shows: its text, what axe-core says of it,
// and that nothing sticks out at either width.
func look(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	if unsaid := key.FindString(browser.Eval[string](tab, `() => document.body.innerText`)); unsaid != "" {
		t.Errorf("%s: %s is not said", name, unsaid)
	}
	for _, v := range tab.Violations() {
		t.Errorf("%s: %s", name, v)
	}
	for _, size := range []struct {
		width, height int64
		as            string
	}{{1440, 900, ""}, {390, 844, "-phone"}} {
		tab.Size(size.width, size.height)
		fits(t, tab, name+size.as)
		if *update && slices.Contains(pictures, name+size.as) {
			tab.Picture(filepath.Join("..", "..", "docs", "screenshots", name+size.as+".png"))
		}
	}
	for _, fault := range tab.Faults() {
		t.Errorf("%s: %s", name, fault)
	}
}

// fits checks that the page is no wider than the window, and names what is.
func fits(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	wide := browser.Eval[[]string](tab, `() => {
		const page = document.scrollingElement
		if (page.scrollWidth <= innerWidth) return []
		const out = [...document.body.querySelectorAll("*")].filter((e) => {
			if (e.getBoundingClientRect().right <= innerWidth + 1) return false
			for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return false
			return true
		})
		return [page.scrollWidth + " pixels"].concat(out.slice(0, 5).map((e) => e.outerHTML.slice(0, 120)))
	}`)
	if len(wide) > 0 {
		t.Errorf("%s: the page is wider than the window: %s", name, strings.Join(wide, "\n  "))
	}
}
