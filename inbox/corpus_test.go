package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// truth is what truth.json says of a message.
type truth struct {
	File          string   `json:"file"`
	Case          string   `json:"case"`
	Class         string   `json:"class"`
	RelatesTo     string   `json:"relates_to"`
	LinkedTo      string   `json:"linked_to"`
	MessageID     string   `json:"message_id"`
	Name          string   `json:"name"`
	Email         string   `json:"email"`
	Phone         string   `json:"phone"`
	Budget        string   `json:"budget"`
	Subject       string   `json:"subject"`
	BodyFirstLine string   `json:"body_first_line"`
	Attachments   []string `json:"attachments"`
	Ack           bool     `json:"ack"`
	Note          string   `json:"note"`
}

// The outcomes that a class allows. The same enquiry sent twice may be merged or become a deal of its own.
var classes = map[string]Outcome{
	"new_lead": Lead, "reply": Reply, "auto_reply": AutoReply, "bounce": BounceMail, "duplicate": Duplicate, "ignore": Ignored, "quarantined": Quarantined,
}

func corpusConfig() Config {
	return Config{Own: []string{"sales@crm.test"}, Country: "RU", Secret: []byte("corpus"), Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

func TestOwnCorpus(t *testing.T) { runCorpus(t, filepath.Join("testdata", "mail"), 45) }

func TestSharedCorpus(t *testing.T) {
	dir := sharedCorpus()
	if dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("the shared corpus is not there: set DEALWRIGHT_MAIL_CORPUS to its folder, or put it at shared/mail beside the repository")
		}
		t.Log("the shared corpus is not there (DEALWRIGHT_MAIL_CORPUS names it); testdata/mail was tried by TestOwnCorpus")
		return
	}
	runCorpus(t, dir, 1)
}

// sharedCorpus looks for shared/mail beside this folder and beside every folder above it.
func sharedCorpus() string {
	if dir := os.Getenv("DEALWRIGHT_MAIL_CORPUS"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		candidate := filepath.Join(dir, "shared", "mail")
		if _, err := os.Stat(filepath.Join(candidate, "truth.json")); err == nil {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func loadTruth(t testing.TB, dir string) []truth {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []truth
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return list
}

// runCorpus reads the messages in mailbox order into one memory, so that what one answers or repeats is there.
func runCorpus(t *testing.T, dir string, atLeast int) {
	list := loadTruth(t, dir)
	if len(list) < atLeast {
		t.Fatalf("%s: %d messages; want at least %d", dir, len(list), atLeast)
	}
	index := newMemory()
	for _, want := range list {
		t.Run(strings.TrimSuffix(want.File, ".eml"), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, want.File))
			if err != nil {
				t.Fatal(err)
			}
			m, err := Parse(raw)
			if err != nil {
				if want.Class != "quarantined" {
					t.Fatal(err)
				}
				return
			}
			cfg := corpusConfig()
			v, err := Classify(context.Background(), m, cfg, index)
			if err != nil {
				t.Fatal(err)
			}
			index.record(want.Case, m, v, cfg.Now)
			for _, fault := range compare(want, m, v, index) {
				t.Errorf("%s (rule %s: %s)", fault, v.Rule, v.Why)
			}
		})
	}
}

func compare(want truth, m *Message, v Verdict, index *memory) (faults []string) {
	differ := func(what, got, want string) {
		if got != want {
			faults = append(faults, fmt.Sprintf("%s is %q; want %q", what, got, want))
		}
	}
	merged := v.Outcome == Duplicate && want.Class == "new_lead" && want.RelatesTo != ""
	if !merged {
		differ("outcome", string(v.Outcome), string(classes[want.Class]))
		if v.Answer != want.Ack {
			faults = append(faults, fmt.Sprintf("answer is %v; want %v", v.Answer, want.Ack))
		}
	}
	differ("subject", v.Subject, cmp.Or(want.Subject, v.Subject))
	if want.Class == "new_lead" {
		differ("email", v.Contact.Email, want.Email)
		differ("name", v.Contact.Name, want.Name)
		differ("phone", v.Contact.Phone, want.Phone)
	} else {
		differ("sender", v.Contact.Email, cmp.Or(want.Email, v.Contact.Email))
		differ("sender's name", v.Contact.Name, cmp.Or(want.Name, v.Contact.Name))
	}
	if want.Budget != "" {
		amount, currency, _ := Money(v.Fields["budget"])
		differ("budget", strconv.FormatFloat(amount, 'f', -1, 64)+" "+cmp.Or(currency, "RUB"), want.Budget)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(v.Text), "\n")
	differ("first line", first, cmp.Or(want.BodyFirstLine, first))
	var names []string
	for _, a := range m.Attachments {
		names = append(names, a.Name)
	}
	if want.Attachments != nil && !slices.Equal(names, want.Attachments) {
		faults = append(faults, fmt.Sprintf("attachments are %q; want %q", names, want.Attachments))
	}
	if want.MessageID != "" && v.Lead == nil {
		differ("message id", m.MessageIDRaw, want.MessageID)
	}
	if want.RelatesTo != "" && v.Outcome != Lead {
		deal := ""
		for _, l := range index.letters {
			if l.id == want.RelatesTo {
				deal = l.deal
			}
		}
		differ("deal", v.DealID, deal)
	}
	if want.LinkedTo != "" {
		differ("linked deal", v.LinkedDeal, "deal-"+want.LinkedTo)
	}
	return faults
}
