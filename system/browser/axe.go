//go:build system

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// axe is the source of axe-core as npm has laid it.
var axe = sync.OnceValues(func() (string, error) {
	_, here, _, _ := runtime.Caller(0) // always known in a test binary
	text, err := os.ReadFile(filepath.Join(filepath.Dir(here), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core is not installed, run scripts/npm.sh: %w", err)
	}
	return string(text), nil
})

// finding is a rule of axe-core that a page breaks.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target         []any
		FailureSummary string
	}
}

func (f finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s)", f.Impact, f.Help, f.ID)
	for i, n := range f.Nodes {
		if i == 5 {
			fmt.Fprintf(&b, "\n  and %d more", len(f.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %v: %s", n.Target, strings.ReplaceAll(n.FailureSummary, "\n", " "))
	}
	return b.String()
}

// Violations are the serious and critical findings of axe-core on the page.
func (tab *Tab) Violations() []string {
	tab.t.Helper()
	source, err := axe()
	if err != nil {
		tab.t.Fatal(err)
	}
	if !Eval[bool](tab, `() => typeof axe === "object"`) {
		if err := chromedp.Do(tab.ctx, chromedp.Evaluate[chromedp.Void](source)); err != nil {
			tab.t.Fatalf("load axe-core: %v", err)
		}
	}
	var violations []string
	for _, f := range Eval[[]finding](tab, `async () => (await axe.run(document, { preload: false, resultTypes: ["violations"] })).violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")`) {
		violations = append(violations, f.String())
	}
	return violations
}
