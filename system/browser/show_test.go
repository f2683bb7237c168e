//go:build system

package browser_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// today is where the companies' past ends: a Wednesday, noon in Moscow.
var today = time.Date(2026, 11, 18, 9, 10, 0, 0, time.UTC)

// settle writes two companies of the library into dir/definitions, with mail
// servers on this machine, and loads them.
func settle(t testing.TB, dir string, edits ...string) []*definitions.Company {
	t.Helper()
	edit := strings.NewReplacer(edits...)
	for _, name := range []string{"retail-kitchen", "classic-en"} {
		files, err := fs.Sub(library.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, "definitions", name)
		if err := os.CopyFS(to, files); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, "company.yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(edit.Replace(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	companies, found := definitions.LoadAll(filepath.Join(dir, "definitions"))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return companies
}

// live fills a data folder with what has happened to the companies so far.
func live(t testing.TB, dir string, companies []*definitions.Company) {
	t.Helper()
	p := begin(t, filepath.Join(dir, "data"), companies, time.Date(2026, 8, 31, 6, 0, 0, 0, time.UTC))
	for _, c := range companies {
		r, usual, clients := kitchenRoute, kitchenFacts, append(
			bygone(kitchenNames, kitchenWishes, "items", "appliances", []int{96000, 310000, 184000, 540000, 72000, 890000}, []string{"too_expensive", "bought_elsewhere", "no_response"}),
			kitchenClients...)
		if c.ID == "fairlea" {
			r, usual, clients = airRoute, airFacts, append(
				bygone(airNames, airWishes, "need", "equipment", []int{24000, 61000, 38000, 112000}, []string{"too_expensive", "chose_other", "postponed"}), airClients...)
		}
		for _, client := range clients {
			p.arrive(c, r, usual, client)
		}
	}
	shop := companies[0]
	for _, c := range companies {
		if c.ID == "kuhni-dom" {
			shop = c
		}
	}
	p.at(today.Add(-26*time.Hour), func() {
		p.ledger(shop, "ignored", "ignored.newsletter", "", "Мебельный вестник", "news@vestnik.test", "Новинки осени: 40 идей для кухни", "Выпуск № 112")
	})
	p.at(today.Add(-20*time.Hour), func() {
		p.ledger(shop, "quarantined", "quarantined.unreadable", "", "", "scan@office.test", "", "\x00\x01\x02")
	})
	p.at(today.Add(-5*time.Hour), func() {
		p.ledger(shop, "auto_reply", "auto_reply.subject", "", "Юлия Кравец", "client8@client.test", "Автоответ: я в отпуске до 24 ноября", "Вернусь 24 ноября.")
	})
	p.at(today.Add(-3*time.Hour), func() {
		p.ledger(shop, "duplicate", "duplicate.message_id", "", "Вера Ларина", "vera.larina@client.test", "Духовой шкаф и панель: что посоветуете?", "Добрый день.")
	})
	p.live(today)
	p.end()
}
