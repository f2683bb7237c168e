//go:build system

package browser_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// many is a company with a hundred thousand deals: those of the show, each as
// often as it takes.
func many(t testing.TB) *dashboard {
	t.Helper()
	var data string
	d := serve(t, func(dir string, edits ...string) {
		live(t, dir, settle(t, dir, edits...))
		data = filepath.Join(dir, "data")
	})
	// Copies have no workflow of their own until somebody changes them: the
	// server has seen its engine, and does not start them all.
	d.Stop()
	multiply(t, data, 100_000)
	d.Restart()
	d.session = d.signIn(t)
	return d
}

// multiply copies the deals of the shop until there are that many.
func multiply(t testing.TB, data string, deals int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "dealwright.db")+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(60000)&_pragma=cache_size(-200000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	do := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v: %s", err, statement)
		}
	}
	texts := func(query string, args ...any) (all []string) {
		rows, err := db.QueryContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			all = append(all, name)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	var patterns int
	if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM deals WHERE company = 'kuhni-dom'`).Scan(&patterns); err != nil {
		t.Fatal(err)
	}
	// Indexes are quicker made at the end than kept along the way.
	indexes := texts(`SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('deals', 'visits', 'work', 'open_tasks')`)
	for _, name := range texts(`SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('deals', 'visits', 'work', 'open_tasks')`) {
		do(`DROP INDEX ` + name)
	}
	do(`BEGIN`)
	do(fmt.Sprintf(`CREATE TEMP TABLE k AS WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < %d) SELECT i FROM k`, deals/patterns))
	do(`CREATE TEMP TABLE o AS SELECT * FROM deals WHERE company = 'kuhni-dom'`)
	n, id := `(o.n * 1000000 + k.i)`, `'d' || (o.n * 1000000 + k.i)`
	for _, table := range []struct {
		name, from string
		instead    map[string]string
	}{
		{"deals", `o, k`, map[string]string{
			"n": n, "id": id, "contact_name": `o.contact_name || ' ' || k.i`,
			// None falls due while the tests run.
			"next_wake": `CASE WHEN o.next_wake > 4000000000000000000 THEN o.next_wake ELSE o.next_wake + 86400000000 END`,
		}},
		{"deal_states", `deal_states x JOIN o ON x.n = o.n, k`, map[string]string{
			"n": n, "state": `replace(replace(x.state, o.id, ` + id + `), '"' || o.contact_name || '"', '"' || o.contact_name || ' ' || k.i || '"')`,
		}},
		{"deal_search", `deal_search x JOIN o ON x.n = o.n, k`, map[string]string{"n": n, "text": `x.text || ' ' || k.i`}},
		{"visits", `visits x JOIN o ON x.deal_n = o.n, k`, map[string]string{"n": "", "deal_n": n}},
		{"work", `work x JOIN o ON x.deal_n = o.n, k`, map[string]string{"n": "", "deal_n": n}},
		{"open_tasks", `open_tasks x JOIN o ON x.deal_n = o.n, k`, map[string]string{"n": "", "deal_n": n}},
		{"events", `events x JOIN o ON x.deal_n = o.n, k WHERE k.i % 50 = 37`, map[string]string{"id": "", "deal_n": n}},
	} {
		var into, values []string
		for _, c := range texts(`SELECT name FROM pragma_table_info(?)`, table.name) {
			value, replaced := table.instead[c]
			switch {
			case replaced && value == "":
				continue // the table numbers its rows itself
			case !replaced && table.name == "deals":
				value = "o." + c
			case !replaced:
				value = "x." + c
			}
			into, values = append(into, c), append(values, value)
		}
		do(`INSERT INTO ` + table.name + ` (` + strings.Join(into, ", ") + `) SELECT ` + strings.Join(values, ", ") + ` FROM ` + table.from)
	}
	do(`INSERT INTO deal_words (rowid, text) SELECT n, text FROM deal_search WHERE n > 1000000`)
	for _, index := range indexes {
		do(index)
	}
	do(`COMMIT`)
	do(`ANALYZE`)
}

// TestHundredThousandDeals finds one stuck deal among a hundred thousand, and
// sets it going.
func TestHundredThousandDeals(t *testing.T) {
	d := many(t)
	var list struct{ Total int }
	d.call(t, "GET", "/deals?limit=1", nil, &list)
	if list.Total < 95_000 {
		t.Fatalf("%d deals", list.Total)
	}
	tab := d.tab(t, "ru", "light")
	tab.Open(shop)
	tab.See(".sums .bad", "Застряли")
	fits(t, tab, "the board")
	tab.Write("input[type=search]", "тимур гарипов 137")
	tab.Press(kb.Enter)
	tab.See("#stage-qualification .card.stuck", "Тимур Гарипов 137")
	at := tab.Path()
	tab.Click(".card.stuck h3 a", "Тимур Гарипов 137")
	tab.See(".banner", "Просрочена задача: Заполнить анкету покупателя")
	tab.Write("#t-ask-kitchen", "Прямая, 2,8 м, газ")
	tab.Choose("#t-ask-authority", "решает сам")
	tab.Click("#task-ask .primary", "")
	tab.See(".steps .now", "Презентация")
	tab.Open(at)
	tab.See("#stage-presentation .card", "Тимур Гарипов 137")

	tab.Open("/attention?company=kuhni-dom")
	tab.See("main", "Студия «Линия»")
	for _, path := range []string{"/funnel", "/people", "/forecast", "/process", "/mail"} {
		tab.Open(path + "?company=kuhni-dom")
		tab.See("h1", "")
		fits(t, tab, path)
	}
	if weight := tab.Weigh(shop); weight.Bytes > mostBytes {
		t.Errorf("the board takes %d bytes", weight.Bytes)
	}
}
