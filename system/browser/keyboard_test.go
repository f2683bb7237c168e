//go:build system

package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/dealwright/dealwright/system/browser"
)

// focus is what has the keyboard.
type focus struct {
	Name  string // as a screen reader would say it
	Shown bool   // in the window
	Ring  bool   // and seen to have the keyboard
}

const focused = `() => {
	const e = document.activeElement
	if (!e || e === document.body) return { Name: "" }
	const box = e.getBoundingClientRect(), style = getComputedStyle(e)
	return {
		Name: e.getAttribute("aria-label") || e.innerText.trim() || e.labels?.[0]?.innerText || e.title || e.placeholder || "",
		Shown: e.checkVisibility({ visibilityProperty: true }) && box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
		Ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
	}
}`

// tabTo presses Tab until the element has the keyboard, if it has not yet. On the way everything
// that gets it must have a name, be in view, and show that it has it.
func tabTo(t *testing.T, tab *browser.Tab, selector string) {
	t.Helper()
	there := func() bool {
		return browser.Eval[bool](tab, `(selector) => document.activeElement.matches(selector)`, selector)
	}
	for n := 0; n < 150 && !there(); n++ {
		tab.Press(kb.Tab)
		f := browser.Eval[focus](tab, focused)
		if at := browser.Eval[string](tab, `() => document.activeElement.outerHTML.slice(0, 150)`); f.Name == "" || !f.Shown || !f.Ring {
			t.Errorf("on the way to %s the keyboard is at %+v: %s", selector, f, at)
		}
	}
	if !there() {
		t.Fatalf("%s is not reached by Tab", selector)
	}
}

func has(tab *browser.Tab, selector string) {
	tab.Until("the keyboard at "+selector, `(selector) => document.activeElement.matches(selector)`, selector)
}

// testKeyboard does a day's work without a mouse.
func (d *dashboard) testKeyboard(t *testing.T) {
	id := d.deal(t, "Samuel Okafor").ID
	tab := d.tab(t, "en", "dark")
	tab.Open(contractor)

	tab.Press(kb.Tab)
	has(tab, ".skip")
	tab.Press(kb.Enter)
	has(tab, "main")
	tab.Press("/")
	has(tab, "input[type=search]")

	tabTo(t, tab, card(id)+" .move")
	tab.Press(kb.Enter)
	tab.Until("the dialog", `() => document.querySelector("dialog").open && document.querySelector("dialog").contains(document.activeElement)`)
	tab.Press(kb.Escape)
	has(tab, card(id)+" .move")
	tab.Press(kb.Enter)
	tabTo(t, tab, `dialog button[value="preparation"]`)
	tab.Press(" ")
	inColumn(tab, "preparation", id)
	has(tab, fmt.Sprintf("main, %s *", card(id))) // and not back at the top of the page

	tabTo(t, tab, card(id)+" h3 a")
	tab.Press(kb.Enter)
	tab.See("h1", "Samuel Okafor")
	tabTo(t, tab, "#task-calculate > summary")
	open := browser.Eval[bool](tab, `() => document.querySelector("#task-calculate").open`)
	tab.Press(" ")
	tab.Until("the task folds", `(open) => document.querySelector("#task-calculate").open !== open`, open)

	tab.Press(kb.Home)
	tab.Open("/deals/" + id)
	tabTo(t, tab, ".viewer > summary")
	tab.Press(kb.Enter)
	tab.Until("the menu", `() => document.querySelector(".viewer").open`)
	tab.Press(kb.Escape)
	tab.Until("the menu is shut", `() => !document.querySelector(".viewer").open`)
	has(tab, ".viewer > summary")
}
