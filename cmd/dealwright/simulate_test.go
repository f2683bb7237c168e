package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/simulate"
)

func TestSimulate(t *testing.T) {
	dir := begun(t, "classic-en")
	few := []string{"--runs", "2", "--days", "200", "--seed", "5"}

	status, out, stderr := command(t, append([]string{"simulate", dir, "--json"}, few...)...)
	if status != exitGood {
		t.Fatal(stderr)
	}
	var report simulate.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if report.Runs != 2 || report.Days != 200 || report.Seed != 5 || report.Leads.P50 == 0 || len(report.Stages) != 7 {
		t.Errorf("the report is of %d runs over %d days: %+v", report.Runs, report.Days, report.Leads)
	}
	if _, again, _ := command(t, append([]string{"simulate", dir, "--json"}, few...)...); again != out {
		t.Error("the same seed prints another report")
	}

	page := filepath.Join(t.TempDir(), "report.html")
	status, out, stderr = command(t, append([]string{"simulate", dir, "--html", page}, few...)...)
	content, err := os.ReadFile(page)
	if status != exitGood || err != nil || !strings.HasPrefix(string(content), "<!doctype html>") || !strings.Contains(out, "In 200 days") {
		t.Errorf("status %d, %s, page %v:\n%s", status, stderr, err, out)
	}
}

func TestSimulateAgainst(t *testing.T) {
	dir, hasty := begun(t, "classic-en"), begun(t, "classic-en")
	edit(t, filepath.Join(hasty, "processes", "sales.yaml"), "{after: 15 business days, lose: no_response}", "{after: 7 business days, lose: no_response}")
	status, out, stderr := command(t, "simulate", hasty, "--against", dir, "--runs", "2", "--days", "100")
	if status != exitGood || !strings.Contains(out, "95% interval") || !strings.Contains(out, hasty) {
		t.Errorf("status %d: %s\n%s", status, stderr, out)
	}
	if status, _, stderr := command(t, "simulate", hasty, "--against", dir, "--runs", "1", "--days", "10"); status != exitUsage || !strings.Contains(stderr, "needs two") {
		t.Errorf("one run: status %d: %s", status, stderr)
	}
}

func TestSimulateRefuses(t *testing.T) {
	dir := begun(t, "classic")
	edit(t, filepath.Join(dir, "simulation.yaml"), "leads_per_week", "leads_per_wek")
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"a fault in the settings": {[]string{dir}, exitInput, `did you mean "leads_per_week"?`},
		"no company":              {[]string{t.TempDir()}, exitInput, "there is no company here"},
		"an unknown process":      {[]string{dir, "--process", "sale"}, exitUsage, "it has sales"},
		"no days":                 {[]string{begun(t, "classic"), "--days", "0"}, exitUsage, "0 days"},
		"no path":                 {nil, exitUsage, "arg"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := command(t, append([]string{"simulate"}, c.args...)...)
			if status != c.status || !strings.Contains(stderr, c.want) {
				t.Errorf("status %d, want %d: %s", status, c.status, stderr)
			}
		})
	}
}
