//go:build system

package browser_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
	"github.com/dealwright/dealwright/system/browser"
)

const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>{{.Secret}}${7*7}<style>*{display:none}</style></textarea></title>`

// unharmed looks at pages with hostile text on a laptop and on a phone.
func unharmed(t *testing.T, tab *browser.Tab, paths ...string) {
	t.Helper()
	for _, path := range paths {
		for _, width := range []int64{1440, 390} {
			tab.Size(width, 844)
			tab.Open(path)
			tab.See("h1", "")
			fits(t, tab, fmt.Sprintf("%s at %d", path, width))
		}
		if browser.Eval[bool](tab, `() => !!document.querySelector("script:not([src]), main img, iframe, object, [onerror], [onload], main style, base")`) {
			t.Errorf("%s: markup of a client is on the page", path)
		}
	}
}

func (d *dashboard) testHostileText(t *testing.T) {
	word := strings.Repeat("Щ", 10_000)
	for name, text := range map[string]string{
		"markup":   evil,
		"bidi":     "Иван\u202e\u2066 нави \u200f\u061c" + "شركة الأفق" + "\u202d",
		"emoji":    strings.Repeat("👩‍👩‍👧‍👦🏳️‍🌈", 40) + "Z̸̢̛͉͎̺̥̤ͩ̽a̶l̷g̴o̵",
		"one word": word,
	} {
		t.Run(name, func(t *testing.T) {
			var made struct{ ID string }
			client := clipped(text, 400)
			d.call(t, "POST", "/deals", map[string]any{
				"company": "kuhni-dom", "process": "sales", "contact": map[string]any{"name": client, "email": "hostile@client.test"},
				"subject": clipped(text, 900), "body": text + "\n\n> " + text, "fields": map[string]any{"items": text, "appliances": 9_999_999_999},
			}, &made)
			d.call(t, "POST", "/deals/"+made.ID+"/notes", map[string]any{"text": text}, nil)
			tab := d.tab(t, "ru", "light")
			unharmed(t, tab, "/deals/"+made.ID, "/?company=kuhni-dom&q="+url.QueryEscape("9999999999"), shop+"&stage=lead", "/attention?company=kuhni-dom")
			tab.Open("/deals/" + made.ID)
			if name == "markup" {
				tab.See("h1", `"><script>alert(1)</script>`)
				tab.See("#mail", "{{.Secret}}${7*7}")
			}
			if strings.ContainsAny(browser.Eval[string](tab, `() => document.body.innerHTML`), "\u202e\u202d\u2066\u061c") {
				t.Error("the page turns its direction")
			}
			// A card moves all the same.
			d.call(t, "POST", "/deals/"+made.ID+"/move", map[string]any{"to": "lost", "reason": "no_response"}, nil)
		})
	}
}

// clipped is the text as far as a name or a subject may go.
func clipped(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(most, len(runes))])
}

// testHostileMail receives an HTML mail that wants to act and to be fetched.
func (d *dashboard) testHostileMail(t *testing.T) {
	raw := strings.ReplaceAll(`From: "Evil <b>Corp</b>" <evil@client.test>
To: sales@kuhni-dom.test
Subject: =?utf-8?b?`+"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0PiDQutGD0YXQvdGP"+`?=
Message-ID: <hostile-1@client.test>
Date: `+time.Now().Format(time.RFC1123Z)+`
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><head><link rel="stylesheet" href="https://tracker.test/a.css"><script>alert(1)</script><base href="https://tracker.test/"></head>
<body background="https://tracker.test/b.png" onload="alert(2)"><p>Хочу кухню <b>белую</b></p><img src="https://tracker.test/pixel.gif">
<form action="https://tracker.test/steal"><input name="password"></form><a href="javascript:alert(3)">сюда</a>
<iframe src="https://tracker.test/frame"></iframe><div style="position:fixed;inset:0;background:url(https://tracker.test/c.png)">`+strings.Repeat("Ж", 10_000)+`</div></body></html>
`, "\n", "\r\n")
	if err := d.box.Deliver([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	var rows struct {
		Items []struct {
			ID     string `json:"id"`
			DealID string `json:"deal_id"`
		}
	}
	system.Eventually(t, time.Minute, func() error {
		d.call(t, "GET", "/companies/kuhni-dom/messages?limit=1&q=evil@client.test", nil, &rows)
		if len(rows.Items) == 0 || rows.Items[0].DealID == "" {
			return fmt.Errorf("the message is not in the ledger")
		}
		return nil
	})
	tab := d.tab(t, "en", "light")
	unharmed(t, tab, "/deals/"+rows.Items[0].DealID, "/mail/"+rows.Items[0].ID, "/mail?company=kuhni-dom", shop+"&stage=lead")
	tab.Open("/deals/" + rows.Items[0].DealID)
	tab.See("#mail", "Хочу кухню")
	tab.See(".lead", "<script>alert(1)</script> кухня")
}
