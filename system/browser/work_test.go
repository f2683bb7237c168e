//go:build system

package browser_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/dealwright/dealwright/system/browser"
)

const (
	shop       = "/?company=kuhni-dom"
	contractor = "/?company=fairlea"
)

func card(id string) string { return `[data-deal="` + id + `"]` }

// inColumn waits until a deal's card stands in a stage's column of the board.
func inColumn(tab *browser.Tab, stage, id string) {
	tab.Until("the card in "+stage, `(selector) => !!document.querySelector(selector)`, "#stage-"+stage+" "+card(id))
}

func (d *dashboard) testSignIn(t *testing.T) {
	tab := browser.NewTab(t, d.URL(""), "en")
	tab.Open("/attention?company=fairlea")
	tab.See("h1", "Sign in")
	tab.Write("#token", "guessed")
	tab.Press(kb.Enter)
	tab.See("[role=alert]", "No such token")
	tab.Write("#token", token)
	tab.Click("button.primary", "Sign in")
	tab.See("h1", "Attention")
	if path := tab.Path(); path != "/attention?company=fairlea" {
		t.Errorf("signing in leads to %s", path)
	}
	tab.Click(".viewer summary", "")
	tab.See(".me", "anna@kuhni-dom.test")
	tab.Click(".me button", "Sign out")
	tab.See("h1", "Sign in")
	tab.Open("/")
	tab.See("h1", "Sign in")
}

// testStuckMoney is what the dashboard is for: the stuck deal is found, its
// cause read, and the fix made from there.
func (d *dashboard) testStuckMoney(t *testing.T) {
	id := d.deal(t, "Тимур Гарипов").ID
	tab := d.tab(t, "ru", "light")
	tab.Open(shop)
	tab.See("#stage-qualification "+card(id), "Застряла")
	tab.Click(".sums .bad a", "")
	tab.See("h1", "Внимание")
	tab.See("main", "Тимур Гарипов")
	tab.Click(`main a[href^="/deals/`+id+`"]`, "")
	tab.See(".banner", "Просрочена задача: Заполнить анкету покупателя")
	tab.See(".blocking", "Заполнить анкету покупателя")
	tab.Write("#t-ask-kitchen", "Прямая, 2,8 м, газ")
	tab.Choose("#t-ask-authority", "решает сам")
	tab.Write("#note-ask", "Доставку в Казань считаем отдельно")
	tab.Click("#task-ask .primary", "")
	tab.See(".steps .now", "Презентация")
	tab.Miss(".banner", "Застряла")
	tab.See(".timeline", "Доставку в Казань считаем отдельно")
	tab.Open(shop)
	inColumn(tab, "presentation", id)
}

func (d *dashboard) testRefusedMove(t *testing.T) {
	id := d.deal(t, "Imran Sheikh").ID
	tab := d.tab(t, "en", "light")
	tab.Open(contractor)
	tab.Click("#stage-first-contact "+card(id)+" .move", "")
	tab.See("dialog .who", "Imran Sheikh")
	tab.Click(`dialog button[value="preparation"]`, "")
	tab.See(".refusal h2", "Preparation")
	for _, gate := range []string{"Call and introduce yourself", "Agree on a day for the presentation", "Floor area"} {
		tab.See(".gates", gate)
	}
	tab.Write("#fix-area", "900")
	tab.Click(`.gates input[value="introduce"]`, "")
	tab.Click(`.gates input[value="agree-meeting"]`, "")
	tab.Click(".refusal .primary", "")
	inColumn(tab, "preparation", id)
	if got := d.deal(t, "Imran Sheikh"); got.Stage != "preparation" || got.Fields["area"] != 900.0 {
		t.Errorf("the deal is %+v", got)
	}
}

func (d *dashboard) testDragAndDrop(t *testing.T) {
	tab := d.tab(t, "ru", "light")
	back, forward := d.deal(t, "Вера Ларина").ID, d.deal(t, "Константин Рубцов").ID
	tab.Open(shop)
	tab.Drag("#stage-presentation "+card(back), "#stage-qualification header")
	inColumn(tab, "qualification", back)
	// Forward the gates hold, and say so.
	tab.Drag("#stage-lead "+card(forward), "#stage-qualification header")
	tab.See(".refusal", "Константин Рубцов")
	tab.Click(".refusal a.button", "")
	tab.Miss(".refusal", "")
	inColumn(tab, "lead", forward)
}

func (d *dashboard) testFilter(t *testing.T) {
	tab := d.tab(t, "ru", "light")
	tab.Open(shop)
	tab.See(".card", "Григорий Лапин")
	tab.See(".card", "Елена Юрьевна")
	tab.Write("input[type=search]", "лапин")
	tab.Press(kb.Enter)
	tab.Miss(".card", "Елена Юрьевна")
	tab.See(".card", "Григорий Лапин")
	at := tab.Path()
	// The address is the filter: whoever opens it sees the same.
	tab.Open(at)
	tab.See(".card", "Григорий Лапин")
	tab.Miss(".card", "Елена Юрьевна")
	if got := browser.Eval[string](tab, `() => document.querySelector("input[type=search]").value`); got != "лапин" {
		t.Errorf("the field of %s says %q", at, got)
	}
	tab.Click(".filter > a", "")
	tab.See(".card", "Елена Юрьевна")
	tab.Click(".filter [name=stalled]", "")
	tab.Click(".filter button", "")
	tab.See(".card", "Студия")
	tab.Miss(".card:not(.stuck)", "")
	browser.Eval[bool](tab, `() => { history.back(); return true }`)
	tab.See(".card:not(.stuck)", "")
}

// testNews looks at an open board while things happen elsewhere.
func (d *dashboard) testNews(t *testing.T) {
	id := d.deal(t, "Светлана Мороз").ID
	tab := d.tab(t, "ru", "light")
	tab.Open(shop)
	tab.See(card(id), "Светлана Мороз")
	for _, name := range []string{"Светлана Морозова", "Светлана Игоревна Мороз"} {
		d.call(t, "PATCH", "/deals/"+id, map[string]any{"contact": map[string]any{"name": name}}, nil)
		tab.See(card(id)+" h3", name)
	}
	// Nobody who writes is interrupted.
	tab.Write("input[type=search]", "не мешай")
	d.call(t, "PATCH", "/deals/"+id, map[string]any{"contact": map[string]any{"name": "Светлана Мороз"}}, nil)
	tab.Write("input[type=search]", "")
	tab.Click("h1", "")
	tab.See(card(id)+" h3", "Светлана Мороз")
}

func (d *dashboard) testViewerChoice(t *testing.T) {
	tab := d.tab(t, "ru", "light")
	tab.Open("/funnel?company=kuhni-dom")
	tab.See("h1", "Воронка")
	tab.Click(".viewer summary", "")
	tab.Click(".viewer button[value=en]", "")
	tab.See("h1", "Funnel")
	tab.Click(".viewer summary", "")
	tab.Click(".viewer button[value=dark]", "")
	tab.Until("the dark", `() => document.documentElement.dataset.theme === "dark"`)
	tab.Open("/mail?company=kuhni-dom")
	tab.See("h1", "Mail")
	if theme := browser.Eval[string](tab, `() => document.documentElement.dataset.theme`); theme != "dark" {
		t.Errorf("the next page is %s", theme)
	}
}

// testWithoutScripts reads and changes a deal in a browser that runs no script.
func (d *dashboard) testWithoutScripts(t *testing.T) {
	id := d.deal(t, "Ирина Чернова").ID
	tab := d.tab(t, "ru", "light")
	tab.Scripts(false)
	tab.Open(shop)
	tab.Write("input[type=search]", "чернова")
	tab.Press(kb.Enter)
	tab.Miss(".card", "Григорий Лапин")
	tab.Click(card(id)+" h3 a", "")
	tab.See("h1", "Ирина Чернова")
	tab.Write("#timeline textarea", "Перезвонить в пятницу")
	tab.Click("#timeline button", "")
	tab.See(".timeline", "Перезвонить в пятницу")
	tab.Choose("#move select[name=to]", "closing")
	tab.Click("#move button", "Переместить")
	tab.See(".refusal", "Закрытие")
	tab.Click(".viewer summary", "")
	tab.Click(".viewer button[value=en]", "")
	tab.See(".crumbs", "Board")
	tab.See("h1", "Ирина Чернова")
}
