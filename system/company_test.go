//go:build system

package system_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/system"
)

// mailPassword is of every mailbox of the tests.
const mailPassword = "secret-of-the-tests"

func TestMain(m *testing.M) {
	// Set once for all, so that tests that wait much can do so at the same time.
	if err := os.Setenv("CRM_PASSWORD", mailPassword); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// files of the company that the system tests run: an English shop whose
// calendar is always open, so that business time is all time.
var companyFiles = map[string]string{
	"company.yaml": `company: crm
name: CRM Shop
language: en
timezone: UTC
country: GB
team:
  rep:      {members: [{name: Rose, email: rose@crm.test}, {name: Sam, email: sam@crm.test}], assign: round_robin}
  manager:  {members: [anna@crm.test]}
mailboxes:
  - id: sales
    imap: {host: localhost, port: IMAPPORT, tls: IMAPTLS, username: sales@crm.test, password: "${CRM_PASSWORD}"}
    process: sales
smtp: {host: localhost, port: SMTPPORT, tls: SMTPTLS, username: sales@crm.test, password: "${CRM_PASSWORD}"}
from: CRM Shop <sales@crm.test>
`,
	"processes/sales.yaml": `process: sales
name: Sales
fields:
  need: {type: text, name: Need}
defaults: {owner: rep, timeout: 2d, escalation: ladder}
escalations:
  ladder:
    - {after: 0m, notify: owner}
    - {after: 1d, notify: manager}
    - {after: 3d, lose: no_response}
stages:
  - id: qualification
    tasks:
      - {id: first-call, name: Call the client, kind: call, due: 1d, required: true, asks: [need]}
    sequence:
      steps:
        - {after: 0m, send: acknowledgement, once: true}
        - {after: 1d, send: reminder}
    exit:
      - {filled: [need]}
    next:
      - {to: offer, on: tasks_done}
      - {to: lost, on: bounce, reason: bad_address}
  - id: offer
    timeout: none
    tasks:
      - {id: agree, name: Agree on the offer, kind: meeting, required: true}
    next: [{to: won, on: tasks_done}]
lost_reasons: {no_response: No response, bad_address: Bad address}
`,
	"letters/acknowledgement.md": "---\nsubject: \"We got your letter\"\n---\nHello{{with .Contact.Name}}, {{.}}{{end}}!\n\nThank you for **{{.Lead.Subject}}**. {{.Owner.Name}} will answer you.\n",
	"letters/reminder.md":        "---\nsubject: \"Still there?\"\n---\nHello! Shall we go on?\n",
}

// company writes the company's folder for the mail server and makes its
// mailboxes. Edits are pairs of old and new text in any of its files.
func company(t *testing.T, m *system.Mail, tls string, edits ...string) (dir string) {
	t.Helper()
	for _, addr := range []string{"sales@crm.test", "rose@crm.test", "sam@crm.test", "anna@crm.test"} {
		m.AddUser(addr, mailPassword)
	}
	if tls != "none" {
		t.Setenv("SSL_CERT_FILE", m.CAFile())
	}
	return writeCompany(t, m.IMAPAddr(tls), m.SMTPAddr(tls), tls, edits...)
}

func writeCompany(t testing.TB, imapAddr, smtpAddr, tls string, edits ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	_, imapPort, err := net.SplitHostPort(imapAddr)
	if err != nil {
		t.Fatal(err)
	}
	_, smtpPort, err := net.SplitHostPort(smtpAddr)
	if err != nil {
		t.Fatal(err)
	}
	replace := strings.NewReplacer("IMAPPORT", imapPort, "SMTPPORT", smtpPort, "IMAPTLS", tls, "SMTPTLS", tls)
	edit := strings.NewReplacer(edits...)
	for name, text := range companyFiles {
		path := filepath.Join(dir, "definitions", "crm", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(edit.Replace(replace.Replace(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
