//go:build system

package browser

import (
	"cmp"
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/dealwright/dealwright/system"
)

// point is where something on the page can be clicked, or why it cannot.
type point struct {
	X, Y float64
	Why  string
}

const aim = find + `
	if (document.readyState !== "complete") return { Why: "the page is still loading" }
	const e = found(selector, text)
	if (!e) return { Why: "nothing of it is shown" }
	e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" })
	const box = e.getClientRects()[0], x = box.left + box.width / 2, y = box.top + box.height / 2
	const hit = document.elementFromPoint(x, y)
	if (!hit || !(e.contains(hit) || hit.contains(e))) return { Why: "it is covered by " + (hit ? hit.outerHTML.slice(0, 80) : "the window's edge") }
	return { X: x, Y: y }
}`

// Click presses the mouse on the first element that the selector finds, and of
// which the text is a part. It must be shown and stand still, and nothing may
// cover it: a page that has just loaded scrolls to where its address points.
func (tab *Tab) Click(selector, text string) {
	tab.t.Helper()
	var at point
	system.Eventually(tab.t, patience, func() (err error) {
		before := at
		at, err = eval[point](tab, aim, selector, text)
		if err == nil && at == before && at.Why == "" {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("click %s %q on %s: %s", selector, text, tab.Path(), cmp.Or(at.Why, "it moves"))
		}
		return err
	})
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		command(tab, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// Write types a text into a field in place of what it holds.
func (tab *Tab) Write(selector, text string) {
	tab.t.Helper()
	tab.Click(selector, "")
	Eval[bool](tab, `(selector) => { const e = document.querySelector(selector); e.select && e.select(); return true }`, selector)
	command(tab, input.InsertText, input.InsertTextParams{Text: text})
}

// Choose takes an option of a select, or a value that typing cannot give, such
// as a date.
func (tab *Tab) Choose(selector, value string) {
	tab.t.Helper()
	tab.Until(selector+" takes "+value, `(selector, value) => {
		const e = document.querySelector(selector)
		if (!e) return false
		e.value = value
		e.dispatchEvent(new Event("input", { bubbles: true }))
		e.dispatchEvent(new Event("change", { bubbles: true }))
		return e.value === value
	}`, selector, value)
}

// Press types keys, such as kb.Tab.
func (tab *Tab) Press(keys string) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, chromedp.KeyEvent(keys)); err != nil {
		tab.t.Fatalf("press %q: %v", keys, err)
	}
}

// Drag takes hold of the first element that one selector finds and lets go of
// it over the other's.
func (tab *Tab) Drag(from, to string) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, chromedp.DragAndDrop(chromedp.CSS(from), chromedp.CSS(to))); err != nil {
		tab.t.Fatalf("drag %s to %s: %v", from, to, err)
	}
}
