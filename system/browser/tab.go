//go:build system

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/dealwright/dealwright/system"
)

// patience is how long a tab waits for what a page is to show.
const patience = 20 * time.Second

// Tab is a tab of Chromium with a profile of its own, on the pages of one
// server. What it does wrong fails the test at its end.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu     sync.Mutex
	faults []string
	weight Weight
}

// NewTab opens a tab for the pages of the server at base, 1440 pixels wide, in
// the browser of somebody who reads that language.
func NewTab(t testing.TB, base, lang string) *Tab {
	t.Helper()
	tab := &Tab{t: t, base: base}
	ctx, cancel := chromedp.NewContext(running(t, lang), chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.hear))
	tab.ctx = ctx
	t.Cleanup(func() {
		cancel()
		for _, fault := range tab.Faults() {
			t.Error(fault)
		}
	})
	tab.Size(1440, 900)
	return tab
}

// Faults are what the tab did wrong since it was last asked.
func (tab *Tab) Faults() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	faults := tab.faults
	tab.faults = nil
	return faults
}

// Size sets the width and height of the window.
func (tab *Tab) Size(width, height int64) {
	tab.t.Helper()
	command(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1,
	})
}

// Scripts switches scripts on or off for the pages that are opened from now on.
func (tab *Tab) Scripts(on bool) {
	tab.t.Helper()
	command(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// Cookie sets a cookie of the server.
func (tab *Tab) Cookie(name, value string) {
	tab.t.Helper()
	command(tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: tab.base})
}

// Open goes to a path of the server and waits until the page is there.
func (tab *Tab) Open(path string) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, chromedp.Navigate(tab.base+path)); err != nil {
		tab.t.Fatalf("open %s: %v", path, err)
	}
}

// Path is where the tab is, with its query.
func (tab *Tab) Path() string {
	tab.t.Helper()
	return strings.TrimPrefix(Eval[string](tab, `() => location.href`), tab.base)
}

// command sends one command of the DevTools protocol.
func command[P, R any](tab *Tab, c cdp.Command[P, R], params P) R {
	tab.t.Helper()
	result, err := chromedp.Call(tab.ctx, c, params)
	if err != nil {
		tab.t.Fatalf("%s: %v", c.Method, err)
	}
	return result
}

// Eval calls a JavaScript function on the page and answers what it returns.
func Eval[T any](tab *Tab, function string, args ...any) T {
	tab.t.Helper()
	result, err := eval[T](tab, function, args...)
	if err != nil {
		tab.t.Fatalf("%s: %v", function, err)
	}
	return result
}

func eval[T any](tab *Tab, function string, args ...any) (result T, err error) {
	values := make([]string, len(args))
	for i, arg := range args {
		encoded, err := json.Marshal(arg)
		if err != nil {
			return result, fmt.Errorf("argument %d: %w", i, err)
		}
		values[i] = string(encoded)
	}
	call := "(" + function + ")(" + strings.Join(values, ", ") + ")"
	return chromedp.Run(tab.ctx, chromedp.Evaluate[T](call, chromedp.EvalAwaitPromise))
}

// Until waits until a JavaScript function returns true; what says what for.
func (tab *Tab) Until(what, function string, args ...any) {
	tab.t.Helper()
	system.Eventually(tab.t, patience, func() error {
		good, err := eval[bool](tab, function, args...)
		if err == nil && good {
			return nil
		}
		// A page that has just gone answers with an error, and the next one may be right.
		seen, _ := eval[string](tab, `() => location.href + "\n" + document.body.innerText.slice(0, 2000)`)
		if err != nil {
			return fmt.Errorf("%s (%w): the page is %s", what, err, seen)
		}
		return fmt.Errorf("%s: the page is %s", what, seen)
	})
}

// See waits until the text is shown within the first element that the selector
// finds with it.
func (tab *Tab) See(selector, text string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf("%q in %s", text, selector), find+`; return !!found(selector, text) }`, selector, text)
}

// Miss waits until nothing that is shown has the text.
func (tab *Tab) Miss(selector, text string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf("no %q in %s", text, selector), find+`; return !found(selector, text) }`, selector, text)
}

// find is the beginning of a function (selector, text, others) that may call found.
const find = `(selector, text, others) => {
	const found = (selector, text) => [...document.querySelectorAll(selector)].find((e) =>
		e.checkVisibility({ visibilityProperty: true }) && (!text || e.innerText.includes(text) || e.textContent.includes(text)))`
