//go:build system

package browser

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// browsers are those of the test binary, one for each language: what a page
// does not say itself, such as how a date is written, the browser says in its
// own. Each tab has a profile of its own.
var browsers struct {
	sync.Mutex
	in map[string]*chromium
}

type chromium struct {
	ctx  context.Context
	stop func()
}

// start runs Chromium so that it talks to nobody but the pages' own server.
func start(lang string) (*chromium, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("chromium is not installed, run scripts/debian.sh: %w", err)
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Env("LANGUAGE="+lang), chromedp.Flag("accept-lang", lang), chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("no-proxy-server", true),
		// Tabs behind another one go on as if they were looked at.
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		// Pictures look the same wherever they are taken.
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("hide-scrollbars", true),
	)
	ctx, cancel := chromedp.NewContext(allocator)
	c := &chromium{ctx, func() { cancel(); end() }}
	if err := chromedp.Do(ctx); err != nil {
		c.stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return c, nil
}

// Stop ends what runs of Chromium: for TestMain.
func Stop() {
	browsers.Lock()
	defer browsers.Unlock()
	for _, c := range browsers.in {
		c.stop()
	}
	browsers.in = nil
}

// running is Chromium in a language.
func running(t testing.TB, lang string) context.Context {
	t.Helper()
	browsers.Lock()
	defer browsers.Unlock()
	c := browsers.in[lang]
	if c == nil {
		var err error
		if c, err = start(lang); err != nil {
			t.Fatal(err)
		}
		if browsers.in == nil {
			browsers.in = map[string]*chromium{}
		}
		browsers.in[lang] = c
	}
	return c.ctx
}
