//go:build system

package browser

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/dealwright/dealwright/system"
)

// points are where things on the page can be clicked, or why they cannot.
type points struct {
	At  []struct{ X, Y float64 }
	Why string
}

// aim finds the middle of what is found, and those of the first elements that
// the other selectors find, all within the window at once.
const aim = find + `
	if (document.readyState !== "complete") return { Why: "the page is still loading" }
	if (document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")) return { Why: "an answer is still awaited, which takes the page's place" }
	const elements = [found(selector, text), ...others.map((other) => found(other))]
	if (!elements.every((e) => e)) return { Why: "nothing of it is shown" }
	const where = elements.length > 1 ? "nearest" : "center"
	for (const e of elements) e.scrollIntoView({ block: where, inline: where, behavior: "instant" })
	const at = []
	for (const e of elements) {
		const box = e.getClientRects()[0], x = box.left + box.width / 2, y = box.top + box.height / 2
		const hit = document.elementFromPoint(x, y)
		if (!hit || !(e.contains(hit) || hit.contains(e))) return { Why: "it is covered by " + (hit ? hit.outerHTML.slice(0, 80) : "the window's edge") }
		at.push({ X: x, Y: y })
	}
	return { At: at }
}`

// still is where the elements are once they are shown and stand still and
// nothing covers them: a page that has just loaded scrolls to where its address
// points.
func (tab *Tab) still(selector, text string, others ...string) points {
	tab.t.Helper()
	var now points
	system.Eventually(tab.t, patience, func() (err error) {
		before := now
		now, err = eval[points](tab, aim, selector, text, append([]string{}, others...))
		if err == nil && now.Why == "" && slices.Equal(now.At, before.At) {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("aim at %q in %s on %s: %s", text, strings.Join(append([]string{selector}, others...), " and "), tab.Path(), cmp.Or(now.Why, "it moves"))
		}
		return err
	})
	return now
}

// Click presses the mouse on the first element that the selector finds, and of
// which the text is a part.
func (tab *Tab) Click(selector, text string) {
	tab.t.Helper()
	at := tab.still(selector, text).At[0]
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

// guard lets no other element be dragged: a board moves under the mouse when
// something happens elsewhere.
const guard = `(selector) => {
	window.dragged = ""
	window.addEventListener("dragstart", (event) => {
		window.dragged = event.target.closest(selector) ? "right" : "wrong"
		if (window.dragged === "wrong") { event.preventDefault(); event.stopImmediatePropagation() }
	}, { once: true, capture: true })
	return true
}`

// Drag takes hold of the first element that one selector finds and lets go of
// it over the other's.
func (tab *Tab) Drag(from, to string) {
	tab.t.Helper()
	system.Eventually(tab.t, patience, func() error {
		at := tab.still(from, "", to).At
		Eval[bool](tab, guard, from)
		if err := chromedp.Do(tab.ctx, chromedp.DragAndDropXY(at[0].X, at[0].Y, at[1].X, at[1].Y)); err != nil {
			return fmt.Errorf("drag %s to %s: %w", from, to, err)
		}
		if took := Eval[string](tab, `() => window.dragged`); took != "right" {
			return fmt.Errorf("drag %s to %s: it took hold of something else (%q)", from, to, took)
		}
		return nil
	})
}
