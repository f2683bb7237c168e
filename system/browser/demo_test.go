//go:build system

package browser_test

import (
	"testing"

	"github.com/dealwright/dealwright/system"
	"github.com/dealwright/dealwright/system/browser"
)

// field is one that a task asks for.
type field struct{ ID, Type, Option string }

// TestDemonstration does with the README's first command what it invites to:
// look at every page, find a stalled deal, read why, and set it going. Its clock
// runs no faster than ours, so that nobody else is quicker.
func TestDemonstration(t *testing.T) {
	demo := system.StartDemo(t, "--speed", "1")
	tab := browser.NewTab(t, demo.URL(""), "ru")
	for _, path := range []string{"/attention", "/funnel", "/people", "/forecast", "/process", "/mail", "/"} {
		tab.Open(path)
		tab.See("h1", "")
		look(t, tab, "demo"+path)
	}
	tab.Size(1440, 900)
	tab.See(".sums .bad", "Застряли")
	stuck := ":is(#stage-lead, #stage-qualification) .card.stuck"
	tab.See(stuck, "Просрочена задача")
	was := browser.Eval[struct{ Deal, Stage string }](tab, `(selector) => {
		const card = document.querySelector(selector)
		return { Deal: card.dataset.deal, Stage: card.closest(".column").id }
	}`, stuck)
	tab.Click("#"+was.Stage+" "+card(was.Deal)+" h3 a", "")
	tab.See(".banner", "Застряла")
	tab.See(".blocking", "Не завершена задача")
	for _, f := range browser.Eval[[]field](tab, `() => [...document.querySelectorAll("#tasks .overdue .grid :is(input, select, textarea)")].map((e) =>
		({ ID: e.id, Type: e.type, Option: e.options ? e.options[e.options.length - 1].value : "" }))`) {
		switch at := "#" + f.ID; f.Type {
		case "select-one":
			tab.Choose(at, f.Option)
		case "date":
			tab.Choose(at, "2030-01-15")
		case "text", "number":
			tab.Write(at, "150000")
		default:
			tab.Write(at, "Духовой шкаф и варочная панель")
		}
	}
	tab.Click("#tasks .overdue .primary", "")
	tab.Miss(".banner", "Застряла")
	tab.Open("/")
	tab.Until("the card in another column", `(stage, card) => {
		const at = document.querySelector(card)
		return !!at && at.closest(".column").id !== stage && !at.matches(".stuck")
	}`, was.Stage, card(was.Deal))
}
