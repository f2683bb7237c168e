package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// reconcileFlags are the flags of the command.
type reconcileFlags struct {
	data, database, definitions, export string
	json                                bool
}

func reconcileCommand() *cobra.Command {
	var f reconcileFlags
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Prove that no message of any mailbox was lost",
		Long: "Compare what each mailbox holds, its archive included, with the ledger, and the ledger with the deals. Every\n" +
			"message without an outcome and every deal without its message is printed, and the exit status is 3. Messages\n" +
			"from before a mailbox's since do not count. A running server is not disturbed.",
		Example: "  dealwright reconcile --data data --definitions definitions --export gaps.csv",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return reconcile(cmd, f) },
	}
	c.Flags().StringVar(&f.data, "data", "data", "folder that holds the deals")
	c.Flags().StringVar(&f.database, "database", "", "postgres:// URL of the store, instead of --data")
	c.Flags().StringVar(&f.definitions, "definitions", "definitions", "folder of company folders, or one company folder")
	c.Flags().StringVar(&f.export, "export", "", "file to write the gaps to: CSV where its name ends so, else JSON")
	c.Flags().BoolVar(&f.json, "json", false, "print the accounts as JSON")
	return c
}

func reconcile(cmd *cobra.Command, f reconcileFlags) error {
	companies, err := loadCompanies(f.definitions, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	s, err := openExisting(cmd.Context(), f.data, f.database)
	if err != nil {
		return err
	}
	defer s.Close()
	accounts, failed := checkAll(cmd.Context(), s, companies)
	if err := printAccounts(cmd.OutOrStdout(), accounts, f.json); err != nil {
		return err
	}
	gaps := gapsOf(accounts)
	if f.export != "" {
		if err := exportGaps(f.export, gaps); err != nil {
			return err
		}
	}
	if failed != nil {
		return failed
	}
	if len(gaps) > 0 {
		return &exitError{status: exitSystem}
	}
	return nil
}

// loadCompanies reads the definitions and the secrets that they refer to.
func loadCompanies(path string, stderr io.Writer) ([]*definitions.Company, error) {
	companies, found := definitions.LoadAll(path)
	if err := found.Print(stderr); err != nil {
		return nil, err
	}
	if found.HasErrors() {
		return nil, inputFault(errors.New("the definitions are at fault; nothing was done"))
	}
	var missing []error
	for _, c := range companies {
		missing = append(missing, c.ResolveSecrets()...)
	}
	if len(missing) > 0 {
		return nil, inputFault(errors.Join(missing...))
	}
	return companies, nil
}

// openExisting opens the store of a server that runs or has run; it makes none.
func openExisting(ctx context.Context, data, database string) (*store.Store, error) {
	if database != "" {
		return store.Open(ctx, database)
	}
	if _, err := os.Stat(filepath.Join(data, "dealwright.db")); err != nil {
		return nil, inputFault(fmt.Errorf("--data %q: there is no dealwright.db in it: name the folder that the server was started with", data))
	}
	return store.Open(ctx, data)
}

// auditor compares by the clock that the data was made with.
func auditor(ctx context.Context, s *store.Store) (activities.Auditor, error) {
	epoch, err := s.Epoch(ctx)
	if err != nil {
		return activities.Auditor{}, err
	}
	c, err := clock.New(epoch.Wall, epoch.Deal, epoch.Speed)
	if err != nil {
		return activities.Auditor{}, err
	}
	return activities.Auditor{Store: s, DealTime: c.At, WallTime: c.Wall}, nil
}

// checkAll compares every mailbox. One that cannot be reached does not keep
// the others from being compared.
func checkAll(ctx context.Context, s *store.Store, companies []*definitions.Company) ([]*activities.Account, error) {
	r, err := auditor(ctx, s)
	if err != nil {
		return nil, err
	}
	var accounts []*activities.Account
	var failed []error
	for _, company := range companies {
		for i := range company.Mailboxes {
			account, err := checkTwice(ctx, r, company, &company.Mailboxes[i])
			if err != nil {
				failed = append(failed, fmt.Errorf("company %q: mailbox %q: %w", company.ID, company.Mailboxes[i].ID, err))
				continue
			}
			accounts = append(accounts, account)
		}
	}
	return accounts, errors.Join(failed...)
}

// readSoon is how long a running server may take to read what has arrived.
const readSoon = 12 * time.Second

// checkTwice looks again where a running server has merely not read yet what
// is missing.
func checkTwice(ctx context.Context, r activities.Auditor, company *definitions.Company, box *definitions.Mailbox) (*activities.Account, error) {
	lister := activities.NewLister(r.Store, box)
	account, err := r.Check(ctx, company, box, lister)
	if err != nil || !slices.ContainsFunc(account.Gaps, func(g activities.Gap) bool { return g.Kind == activities.GapNotRead }) {
		return account, err
	}
	at, err := r.Store.Mailbox(ctx, store.MailboxKey{Company: company.ID, ID: box.ID})
	if err != nil || time.Since(at.LastContact) > 2*readSoon {
		return account, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(readSoon):
	}
	return r.Check(ctx, company, box, lister)
}

func gapsOf(accounts []*activities.Account) []activities.Gap {
	gaps := []activities.Gap{}
	for _, a := range accounts {
		gaps = append(gaps, a.Gaps...)
	}
	return gaps
}

func printAccounts(w io.Writer, accounts []*activities.Account, asJSON bool) error {
	if asJSON {
		return writeJSON(w, map[string]any{"mailboxes": accounts, "gaps": len(gapsOf(accounts))})
	}
	for _, a := range accounts {
		verdict := "every message is accounted for"
		if n := len(a.Gaps); n > 0 {
			verdict = fmt.Sprintf("%d GAPS", n)
		}
		fmt.Fprintf(w, "%s/%s: %d messages in the folder, %d in the archive, %d in the ledger: %s\n",
			a.Company, a.Mailbox, a.Held, a.Archived, a.Ledger, verdict)
		for _, note := range a.Notes {
			fmt.Fprintf(w, "  note: %s\n", note)
		}
		for _, g := range a.Gaps {
			fmt.Fprintf(w, "  %s: %s\n    %s\n", g.Kind, placeOf(g), g.Why)
		}
	}
	return nil
}

// placeOf says which message or deal a gap is about.
func placeOf(g activities.Gap) string {
	var parts []string
	add := func(name, value string) {
		if value != "" && value != "0" {
			parts = append(parts, name+" "+value)
		}
	}
	add("folder", g.Folder)
	add("UID", strconv.FormatUint(uint64(g.UID), 10))
	add("Message-ID", g.MessageID)
	add("ledger row", g.LedgerID)
	add("deal", g.DealID)
	if !g.At.IsZero() {
		add("of", g.At.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, ", ")
}

func exportGaps(file string, gaps []activities.Gap) error {
	out, err := os.Create(file)
	if err != nil {
		return inputFault(fmt.Errorf("--export: %w", err))
	}
	if strings.HasSuffix(strings.ToLower(file), ".csv") {
		err = writeGapsCSV(out, gaps)
	} else {
		err = writeJSON(out, gaps)
	}
	return errors.Join(err, out.Close())
}

func writeGapsCSV(w io.Writer, gaps []activities.Gap) error {
	rows := [][]string{{"company", "mailbox", "kind", "why", "folder", "uidvalidity", "uid", "message_id", "at", "size", "ledger_id", "deal_id"}}
	for _, g := range gaps {
		at := ""
		if !g.At.IsZero() {
			at = g.At.UTC().Format(time.RFC3339)
		}
		rows = append(rows, []string{
			g.Company, g.Mailbox, g.Kind, g.Why, g.Folder, fmt.Sprint(g.UIDValidity), fmt.Sprint(g.UID), g.MessageID, at, fmt.Sprint(g.Size), g.LedgerID, g.DealID,
		})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
