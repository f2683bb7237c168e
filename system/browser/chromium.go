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

// chromium is the one browser of the test binary. Each tab has a profile of its
// own in it.
var chromium struct {
	sync.Once
	ctx  context.Context
	stop func()
	err  error
}

// start runs Chromium so that it talks to nobody but the pages' own server.
func start() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		chromium.err = fmt.Errorf("chromium is not installed, run scripts/debian.sh: %w", err)
		return
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
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
	chromium.ctx, chromium.stop = ctx, func() { cancel(); end() }
	if err := chromedp.Do(ctx); err != nil {
		chromium.err = fmt.Errorf("start %s: %w", path, err)
	}
}

// Stop ends Chromium, if it runs: for TestMain.
func Stop() {
	if chromium.stop != nil {
		chromium.stop()
	}
}

func running(t testing.TB) context.Context {
	t.Helper()
	chromium.Do(start)
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.ctx
}
