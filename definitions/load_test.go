package definitions

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dealwright/dealwright/calendar"
)

const minimalCompany = `company: acme
timezone: Europe/Moscow
team: {rep: {members: [ivan@acme.test]}}
`

const minimalProcess = `process: sales
defaults: {owner: rep}
stages:
  - id: talk
    next: [{to: won}]
`

// folder is a company folder with the files given over the smallest one.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{
		"company.yaml":         {Data: []byte(minimalCompany)},
		"processes/sales.yaml": {Data: []byte(minimalProcess)},
	}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

// loaded loads a folder that must be free of faults.
func loaded(t *testing.T, files map[string]string) *Company {
	t.Helper()
	company, found := LoadFS(folder(files), "acme")
	if company == nil || len(found) > 0 {
		t.Fatalf("diagnostics: %v", found)
	}
	return company
}

func TestLoadReadsACompanyInFull(t *testing.T) {
	c := loaded(t, map[string]string{"company.yaml": `company: acme
name: Acme Kitchens
language: ru
timezone: Europe/Moscow
country: RU
calendar:
  hours: {mon-fri: "09:00-13:00, 14:00-18:00", sat: "10:00-15:00"}
  holidays: [2026-01-01..2026-01-08, 2026-02-23]
  working: {2026-12-26: "09:00-16:00"}
team:
  rep:
    name: Продавец
    assign: least_loaded
    members: [ivan@acme.test, {name: Ольга, email: olga@acme.test, weight: 2, away: [2026-07-01..2026-07-14, 2026-08-01]}]
  manager: {members: [anna@acme.test]}
mailboxes:
  - id: sales
    imap: {host: mail.acme.test, username: sales, password: "${ACME_IMAP}", ca_file: ca.pem}
    since: 2026-11-01
    archive: Captured
smtp: {host: mail.acme.test, username: sales, password_file: /run/secrets/smtp}
from: Кухни Дом <sales@acme.test>
sending: {per_minute: 30, hours: business, per_recipient_hour: 2, dkim: {selector: mail2026, key_file: dkim.pem}}
capture:
  rules:
    - {when: 'mail.subject.contains("резюме")', as: ignore}
    - {when: mail.size > 0, as: lead, contact: {name: 'Имя:\s*(.+)'}}
  known_sender: new_deal
  thread_window: 2w
`})
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != "acme" || c.Name != "Acme Kitchens" || c.Language != "ru" || c.Country != "RU" {
		t.Errorf("company = %+v", c)
	}
	if at := time.Date(2026, 12, 26, 9, 30, 0, 0, moscow); !c.Calendar.IsOpen(at) {
		t.Error("closed on a working Saturday at 9:30")
	}
	if at := time.Date(2026, 1, 5, 12, 0, 0, 0, moscow); c.Calendar.IsOpen(at) {
		t.Error("open on a holiday")
	}
	if len(c.Roles) != 2 || c.Roles[0].ID != "rep" || c.Roles[0].Assign != "least_loaded" || c.Roles[1].Assign != "round_robin" {
		t.Fatalf("roles = %+v", c.Roles)
	}
	for id, want := range map[string]string{"rep": "Продавец", "manager": "manager", "gone": "gone"} {
		if got := c.RoleTitle(id); got != want {
			t.Errorf("the role %s is called %q, want %q", id, got, want)
		}
	}
	olga, role := c.Member("olga@acme.test")
	if olga == nil || role.ID != "rep" || olga.Weight != 2 || len(olga.Away) != 2 {
		t.Fatalf("Member = %+v of %+v", olga, role)
	}
	for day, away := range map[int]bool{1: true, 14: true, 15: false} {
		if got := olga.AwayOn(time.Date(2026, 7, day, 12, 0, 0, 0, moscow)); got != away {
			t.Errorf("away on July %d = %v, want %v", day, got, away)
		}
	}
	m := c.Mailboxes[0]
	if m.Folder != "INBOX" || m.Process != "sales" || m.IMAP.Port != 993 || m.IMAP.TLS != "implicit" || m.Archive != "Captured" {
		t.Errorf("mailbox = %+v", m)
	}
	if want := time.Date(2026, 11, 1, 0, 0, 0, 0, moscow); m.Since == nil || !m.Since.Equal(want) {
		t.Errorf("since = %v, want %v", m.Since, want)
	}
	if m.IMAP.CAFile != filepath.Join("acme", "ca.pem") {
		t.Errorf("ca_file = %q, want it beside company.yaml", m.IMAP.CAFile)
	}
	if c.SMTP.Port != 587 || c.SMTP.TLS != "starttls" || c.From != (Address{"Кухни Дом", "sales@acme.test"}) {
		t.Errorf("smtp = %+v from %+v", c.SMTP, c.From)
	}
	if s := c.Sending; s.PerMinute != 30 || s.Hours != "business" || s.PerRecipientHour != 2 {
		t.Errorf("sending = %+v", s)
	}
	if d := c.Sending.DKIM; d == nil || *d != (DKIM{"acme.test", "mail2026", FileSecret(filepath.Join("acme", "dkim.pem"))}) {
		t.Errorf("dkim = %+v", d)
	}
	if c.Capture.KnownSender != "new_deal" || c.Capture.ReplyToLost != "reopen" || c.Capture.ThreadWindow != calendar.MustParseDuration("2w") {
		t.Errorf("capture = %+v", c.Capture)
	}
	if ignored, err := c.Capture.Rules[0].When.MatchMail(Mail{Subject: "Моё резюме"}); err != nil || !ignored {
		t.Errorf("rule = %v, %v, want a match", ignored, err)
	}
}

func TestLoadKeepsTheOrderOfTheFile(t *testing.T) {
	c := loaded(t, map[string]string{"processes/sales.yaml": `process: sales
fields:
  zeta: {type: number}
  alpha: {type: money, currency: RUB, compute: deal.zeta * 2}
  mid: {type: choice, options: [да, нет]}
amount: alpha
qualification: {criteria: {second: {when: deal.zeta > 0}, first: {score: deal.zeta}}}
defaults: {owner: rep, timeout: 5 business days, escalation: ladder}
escalations:
  ladder: [{after: 0m, notify: owner}, {after: 1d, notify: [rep, owner], lose: zzz}]
stages:
  - id: talk
    probability: 20%
    timeout: {after: 7d, from: entry}
  - id: deal
    probability: 95
    won: true
    timeout: none
lost_reasons: {zzz: Last, aaa: First}
recycle: {reasons: [aaa], after: 90d}
`})
	p := c.Processes[0]
	if p.Fields[0].ID != "zeta" || p.Fields[1].ID != "alpha" || p.Fields[2].ID != "mid" {
		t.Errorf("fields = %+v", p.Fields)
	}
	if p.Qualification.Criteria[0].ID != "second" || p.LostReasons[0] != (Reason{"zzz", "Last"}) {
		t.Errorf("criteria = %+v, reasons = %+v", p.Qualification.Criteria, p.LostReasons)
	}
	if s := p.Stages[0]; *s.Probability != 20 || s.Timeout.From != "entry" || len(s.Escalation.Levels) != 2 || s.Escalation.Levels[0].Notify[0] != "owner" {
		t.Errorf("stage = %+v", s)
	}
	if s := p.Stages[1]; *s.Probability != 95 || !s.Timeout.None {
		t.Errorf("stage = %+v", s)
	}
}

// What people's editors leave in files is no fault.
func TestLoadTakesFilesAsEditorsSaveThem(t *testing.T) {
	tests := map[string]map[string]string{
		"byte order mark":    {"processes/sales.yaml": "\ufeff" + minimalProcess},
		"Windows line ends":  {"processes/sales.yaml": strings.ReplaceAll(minimalProcess, "\n", "\r\n")},
		"aliases":            {"processes/sales.yaml": "process: sales\ndefaults: {owner: rep}\nstages:\n  - {id: talk, next: &out [{to: won}]}\n  - {id: again, next: *out}\nrecycle: {reasons: [r], after: 1d, to: again}\nlost_reasons: {r: R}\n"},
		"swap and backup":    {"processes/.sales.yaml.swp": "\x00", "processes/sales.yaml~": "broken: [", "processes/.#sales.yaml": "x"},
		"letter of Windows":  {"letters/hello.md": "---\r\nsubject: Hello\r\n---\r\nHello!\r\n", "processes/sales.yaml": sendsHello, "company.yaml": withSMTP},
		"directive and dots": {"processes/sales.yaml": "---\n" + minimalProcess + "...\n"},
	}
	for name, files := range tests {
		t.Run(name, func(t *testing.T) { loaded(t, files) })
	}
}

const (
	sendsHello = `process: sales
defaults: {owner: rep}
stages:
  - id: talk
    sequence: {steps: [{after: 0m, send: hello}]}
    next: [{to: won}]
`
	withSMTP = minimalCompany + "smtp: {host: mail.acme.test}\nfrom: sales@acme.test\n"
)

func TestLoadAllFindsCompanies(t *testing.T) {
	root := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("good/company.yaml", minimalCompany)
	write("good/processes/sales.yaml", minimalProcess)
	write("twins/one/company.yaml", minimalCompany)
	write("twins/one/processes/sales.yaml", minimalProcess)
	write("twins/two/company.yaml", minimalCompany)
	write("twins/two/processes/sales.yaml", minimalProcess)
	write("twins/.git/company.yaml", minimalCompany)
	write("headless/acme/processes/sales.yaml", minimalProcess)
	write("bare/readme.txt", "nothing")

	tests := []struct {
		name, path string
		companies  int
		fault      string // in the only diagnostic; empty: none
	}{
		{"a company folder", "good", 1, ""},
		{"a file of a company", "good/processes/sales.yaml", 1, ""},
		{"company.yaml itself", "good/company.yaml", 1, ""},
		{"a folder of companies", "twins", 1, "the company \"acme\" is in"},
		{"a company without company.yaml", "headless", 0, "there is no file company.yaml"},
		{"a folder without companies", "bare", 0, "there is no company here"},
		{"a file of no company", "bare/readme.txt", 0, "belongs to no company"},
		{"nothing", "nowhere", 0, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			companies, found := LoadAll(filepath.Join(root, filepath.FromSlash(tt.path)))
			if len(companies) != tt.companies {
				t.Errorf("%d companies, want %d", len(companies), tt.companies)
			}
			switch {
			case tt.fault == "" && len(found) > 0:
				t.Errorf("diagnostics: %v", found)
			case tt.fault != "" && (len(found) != 1 || !strings.Contains(found[0].Message, tt.fault)):
				t.Errorf("diagnostics: %v, want one with %q", found, tt.fault)
			}
		})
	}
}

// A link cannot lead the loader out of the company's folder.
func TestLoadStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.md")
	for name, content := range map[string]string{
		outside:                            "secret",
		filepath.Join(dir, "company.yaml"): minimalCompany,
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"processes", "playbooks"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	process := strings.Replace(minimalProcess, "id: talk", "id: talk\n    playbook: playbooks/link.md", 1)
	if err := os.WriteFile(filepath.Join(dir, "processes", "sales.yaml"), []byte(process), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "playbooks", "link.md")); err != nil {
		t.Fatal(err)
	}
	company, found := Load(dir)
	if company != nil || !found.HasErrors() {
		t.Errorf("a playbook outside the folder was read; diagnostics: %v", found)
	}
}
