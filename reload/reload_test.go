package reload

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
)

// world is a folder of definitions with a reloader over it, and what is live.
type world struct {
	t        *testing.T
	dir      string
	r        *Reloader
	live     []*definitions.Company
	uses     int
	unfit    []string
	open     map[string]int
	failing  error
	told     []string
	untaught bool // Taken fails
}

func (w *world) Companies() []*definitions.Company { return w.live }

func (w *world) Use(_ context.Context, companies []*definitions.Company) error {
	if w.failing == nil {
		w.live = companies
		w.uses++
	}
	return w.failing
}

func (w *world) Unfit(context.Context, *definitions.Company) ([]string, error) { return w.unfit, nil }

func (w *world) Open(_ context.Context, company string) (int, error) { return w.open[company], nil }

const process = "process: sales\nstages:\n  - {id: one, owner: rep, timeout: none, next: [{to: won}]}\n"

func company(id, more string) string {
	return "company: " + id + "\nteam:\n  rep: {members: [ann@acme.test]}\n" + more
}

func (w *world) write(name, text string) *world {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		w.t.Fatal(err)
	}
	return w
}

func (w *world) remove(name string) *world {
	w.t.Helper()
	if err := os.RemoveAll(filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
	return w
}

func (w *world) rename(from, to string) *world {
	w.t.Helper()
	if err := os.Rename(filepath.Join(w.dir, from), filepath.Join(w.dir, to)); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// acme and zeta are two companies, each with one process.
func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), open: map[string]int{}}
	for _, id := range []string{"acme", "zeta"} {
		w.write(id+"/company.yaml", company(id, "")).write(id+"/processes/sales.yaml", process)
	}
	r, companies, faults := New(w.dir, slog.New(slog.DiscardHandler))
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	w.r, w.live = r, companies
	r.Live = w
	r.Taken = func(_ context.Context, changes []Change) error {
		if w.untaught {
			return errors.New("nobody is there")
		}
		for _, c := range changes {
			switch {
			case c.Before == nil:
				w.told = append(w.told, "new "+c.After.ID)
			case c.After == nil:
				w.told = append(w.told, "gone "+c.Before.ID)
			default:
				w.told = append(w.told, "changed "+c.After.ID)
			}
		}
		return nil
	}
	return w
}

func (w *world) reload() *world {
	w.t.Helper()
	if err := w.r.Reload(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// want checks what is live, what was told of since the last check, and which
// folders are at fault and why.
func (w *world) want(live, told string, faults map[string]string) {
	w.t.Helper()
	var ids []string
	for _, c := range w.live {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	if got := strings.Join(ids, " "); got != live {
		w.t.Errorf("live are %q, want %q", got, live)
	}
	if got := strings.Join(w.told, ", "); got != told {
		w.t.Errorf("told of %q, want %q", got, told)
	}
	w.told = nil
	got := map[string]string{}
	for _, s := range w.r.States() {
		for _, d := range s.Faults {
			got[s.Company] = string(d.Code)
		}
	}
	if !maps.Equal(got, faults) {
		w.t.Errorf("at fault are %v, want %v", got, faults)
	}
}

func TestReload(t *testing.T) {
	none := map[string]string{}
	broken := "company: [\n"
	tests := []struct {
		name string
		tell func(w *world)
	}{
		{"nothing new changes nothing", func(w *world) {
			before := w.live[0]
			w.write("acme/company.yaml", company("acme", "")).write("acme/tests/one.yaml", "x: 1\n").write("acme/.company.yaml.swp", "x").reload()
			w.want("acme zeta", "", none)
			if w.live[0] != before || w.uses != 0 {
				w.t.Error("the company was replaced by itself")
			}
		}},
		{"a good edit goes live, alone", func(w *world) {
			zeta := w.live[1]
			w.write("acme/company.yaml", company("acme", "name: Acme\n")).reload().want("acme zeta", "changed acme", none)
			if w.live[0].Name != "Acme" || w.live[1] != zeta {
				w.t.Errorf("acme is called %q, zeta is the same: %v", w.live[0].Name, w.live[1] == zeta)
			}
		}},
		{"a broken edit does not, and is shown until it is mended", func(w *world) {
			acme := w.live[0]
			w.write("acme/company.yaml", broken).reload().want("acme zeta", "", map[string]string{"acme": "yaml-syntax"})
			w.write("zeta/company.yaml", company("zeta", "name: Zeta\n")).reload().want("acme zeta", "changed zeta", map[string]string{"acme": "yaml-syntax"})
			if w.live[0] != acme {
				w.t.Error("the broken company was replaced")
			}
			w.write("acme/company.yaml", company("acme", "")).reload().want("acme zeta", "changed acme", none)
		}},
		{"one broken file of a folder holds the others back", func(w *world) {
			w.write("acme/company.yaml", company("acme", "name: Acme\n")).write("acme/processes/sales.yaml", broken).reload()
			w.want("acme zeta", "", map[string]string{"acme": "yaml-syntax"})
			if w.live[0].Name == "Acme" {
				w.t.Error("half of the folder was taken")
			}
		}},
		{"an editor that saves by renaming", func(w *world) {
			w.write("acme/company.yaml.new", company("acme", "name: Acme\n")).rename("acme/company.yaml.new", "acme/company.yaml").reload()
			w.want("acme zeta", "changed acme", none)
		}},
		{"a company is added", func(w *world) {
			w.write("beta/company.yaml", company("beta", "")).write("beta/processes/sales.yaml", process).reload().want("acme beta zeta", "new beta", none)
		}},
		{"one is added that is at fault", func(w *world) {
			w.write("beta/company.yaml", broken).reload().want("acme zeta", "", map[string]string{"beta": "yaml-syntax"})
		}},
		{"a company is removed", func(w *world) { w.remove("zeta").reload().want("acme", "gone zeta", none) }},
		{"a company with open deals is removed", func(w *world) {
			w.open["zeta"] = 3
			w.remove("zeta").reload().want("acme zeta", "", map[string]string{"zeta": "folder-gone"})
			w.open["zeta"] = 0
			w.reload().want("acme", "gone zeta", none)
		}},
		{"a company comes back", func(w *world) {
			w.open["zeta"] = 3
			w.rename("zeta", ".away").reload()
			w.rename(".away", "zeta").reload()
			w.want("acme zeta", "changed zeta", none)
		}},
		{"a folder is renamed", func(w *world) { w.rename("zeta", "last").reload().want("acme zeta", "changed zeta", none) }},
		{"a company is renamed in its folder", func(w *world) {
			w.open["zeta"] = 1
			w.write("zeta/company.yaml", company("omega", "")).reload().want("acme omega zeta", "new omega", map[string]string{"zeta": "folder-gone"})
		}},
		{"a copy of a folder does not take its place", func(w *world) {
			w.write("aaa/company.yaml", company("zeta", "name: Copy\n")).write("aaa/processes/sales.yaml", process).reload()
			w.want("acme zeta", "", map[string]string{"zeta": "duplicate-id"})
			if w.live[1].Name == "Copy" {
				w.t.Error("the copy is live")
			}
		}},
		{"all definitions are away", func(w *world) {
			w.rename("acme", ".acme").rename("zeta", ".zeta").reload().want("acme zeta", "", map[string]string{"acme": "missing-file", "zeta": "missing-file"})
			w.rename(".acme", "acme").rename(".zeta", "zeta").reload().want("acme zeta", "changed acme, changed zeta", none)
		}},
		{"an edit that open deals cannot live with", func(w *world) {
			w.unfit = []string{"12 deals need the role scout"}
			w.write("acme/company.yaml", company("acme", "name: Acme\n")).reload().want("acme zeta", "", map[string]string{"acme": "in-use"})
			w.unfit = nil
			w.reload().want("acme zeta", "changed acme", none)
		}},
		{"an edit whose secret is not set", func(w *world) {
			w.write("acme/company.yaml", company("acme", "smtp: {host: mail.acme.test, username: acme, password: \"${RELOAD_TEST_PASSWORD}\"}\nfrom: a@acme.test\n")).reload()
			w.want("acme zeta", "", map[string]string{"acme": "secret-not-set"})
			w.t.Setenv("RELOAD_TEST_PASSWORD", "secret")
			w.reload().want("acme zeta", "changed acme", none)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.tell(newWorld(t)) })
	}
}

// What the store refuses is tried again, and so is what nobody could be told of.
func TestReloadIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.write("acme/company.yaml", company("acme", "name: Acme\n"))
	w.failing = errors.New("the store is away")
	if err := w.r.Reload(t.Context()); !errors.Is(err, w.failing) {
		t.Fatalf("got %v", err)
	}
	w.want("acme zeta", "", map[string]string{})
	w.failing, w.untaught = nil, true
	if err := w.r.Reload(t.Context()); err == nil {
		t.Fatal("an edit that nobody was told of counts as done")
	}
	w.untaught = false
	w.reload().want("acme zeta", "changed acme", map[string]string{})
}

func TestNewSaysEveryFault(t *testing.T) {
	dir := t.TempDir()
	w := &world{t: t, dir: dir}
	w.write("acme/company.yaml", company("acme", "")).write("acme/processes/sales.yaml", process)
	w.write("again/company.yaml", company("acme", "")).write("again/processes/sales.yaml", process)
	w.write("broken/company.yaml", "company: [\n")
	_, companies, faults := New(dir, slog.New(slog.DiscardHandler))
	var codes []string
	for _, d := range faults {
		codes = append(codes, fmt.Sprint(d.Code))
	}
	if got := strings.Join(codes, " "); len(companies) != 1 || !strings.Contains(got, "duplicate-id") || !strings.Contains(got, "yaml-syntax") {
		t.Errorf("%d companies, faults %s", len(companies), got)
	}
}
