//go:build system

package browser

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Weight is what a page made the browser load.
type Weight struct {
	Bytes    int
	Requests int
}

// hear is told of all that happens in the tab. It must not wait for the browser.
func (tab *Tab) hear(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	wrong := func(format string, args ...any) { tab.faults = append(tab.faults, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		wrong("a script failed at %s:%d: %s", e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, arg := range e.Args {
				wrong("a script complains: %s", arg.Value)
			}
		}
	case *log.EventEntryAdded:
		// What the network says is heard below, with its status.
		if e.Entry.Source != log.EntrySourceNetwork && e.Entry.Level != log.EntryLevelVerbose && e.Entry.Level != log.EntryLevelInfo {
			wrong("the browser complains of %s: %s", e.Entry.URL, e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		wrong("a dialog opened: %s", e.Message)
		go func() {
			_, _ = chromedp.Call(tab.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}()
	case *network.EventRequestWillBeSent:
		tab.weight.Requests++
		if url := e.Request.URL; !strings.HasPrefix(url, tab.base+"/") && !strings.HasPrefix(url, "data:") {
			wrong("a request leaves the server: %s", url)
		}
	case *network.EventLoadingFinished:
		tab.weight.Bytes += int(e.EncodedDataLength)
	case *network.EventResponseReceived:
		missing := e.Response.Status >= http.StatusBadRequest && e.Type != network.ResourceTypeDocument && e.Type != network.ResourceTypeXHR
		if missing || e.Response.Status >= http.StatusInternalServerError {
			wrong("%s answers %d", e.Response.URL, e.Response.Status)
		}
	}
}

// Weigh opens a path as somebody does who has never been here, and answers what
// that took: compressed as it came, with its headers.
func (tab *Tab) Weigh(path string) Weight {
	tab.t.Helper()
	command(tab, network.ClearBrowserCache, struct{}{})
	tab.mu.Lock()
	tab.weight = Weight{}
	tab.mu.Unlock()
	tab.Open(path)
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return tab.weight
}
