package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/definitions"
)

// explainFlags are the flags of the command.
type explainFlags struct {
	definitions, company, mailbox string
	json                          bool
}

func explainMessageCommand() *cobra.Command {
	var f explainFlags
	c := &cobra.Command{
		Use:   "explain-message FILE",
		Short: "Show which rule decides a message and what is read from it",
		Long: "Read a message from a file, or from standard input where FILE is -, and show what the rules make of it: the\n" +
			"outcome, the rule that decides, the contact, and the fields as the deal's card will hold them. Nothing of the\n" +
			"past is known here: an answer in a known thread and a second copy look like first letters.",
		Example: "  dealwright explain-message letter.eml --definitions definitions/kuhni-dom",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return explainMessage(cmd, args[0], f) },
	}
	c.Flags().StringVar(&f.definitions, "definitions", "definitions", "folder of company folders, or one company folder")
	c.Flags().StringVar(&f.company, "company", "", "which company, where there are several")
	c.Flags().StringVar(&f.mailbox, "mailbox", "", "which mailbox, the first unless given")
	c.Flags().BoolVar(&f.json, "json", false, "print the reading as JSON")
	return c
}

func explainMessage(cmd *cobra.Command, file string, f explainFlags) error {
	raw, err := readMessage(cmd.InOrStdin(), file)
	if err != nil {
		return inputFault(err)
	}
	companies, found := definitions.LoadAll(f.definitions)
	if err := found.Print(cmd.ErrOrStderr()); err != nil {
		return err
	}
	if found.HasErrors() {
		return inputFault(errors.New("the definitions are at fault; nothing was read"))
	}
	company, err := chooseCompany(companies, f.company)
	if err != nil {
		return usageFault(err)
	}
	box, err := chooseMailbox(company, f.mailbox)
	if err != nil {
		return usageFault(err)
	}
	reading, err := activities.Explain(cmd.Context(), company, box, raw, time.Now())
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(cmd.OutOrStdout(), reading)
	}
	printReading(cmd.OutOrStdout(), reading)
	return nil
}

// maxMessage bounds what is read of a message, as the server's reader does.
const maxMessage = 64 << 20

func readMessage(stdin io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(stdin, maxMessage))
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("message: %w", err)
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, maxMessage))
	if err != nil {
		return nil, fmt.Errorf("message: %w", err)
	}
	return raw, nil
}

func chooseCompany(companies []*definitions.Company, id string) (*definitions.Company, error) {
	var ids []string
	for _, c := range companies {
		if c.ID == id || (id == "" && len(companies) == 1) {
			return c, nil
		}
		ids = append(ids, c.ID)
	}
	return nil, fmt.Errorf("--company: name one of %s", strings.Join(ids, ", "))
}

// chooseMailbox takes a mailbox of the company; one without any is read as if
// its leads entered its first process.
func chooseMailbox(company *definitions.Company, id string) (*definitions.Mailbox, error) {
	var ids []string
	for i := range company.Mailboxes {
		if box := &company.Mailboxes[i]; box.ID == id || id == "" {
			return box, nil
		}
		ids = append(ids, company.Mailboxes[i].ID)
	}
	if id == "" && len(company.Processes) > 0 {
		return &definitions.Mailbox{Process: company.Processes[0].Process}, nil
	}
	return nil, fmt.Errorf("--mailbox: company %q has %s", company.ID, strings.Join(ids, ", "))
}

func printReading(w io.Writer, r *activities.Reading) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-12s %s\n", name, value)
		}
	}
	line("outcome", r.Outcome)
	line("rule", r.Rule)
	line("when", r.When)
	line("why", r.Why)
	line("process", r.Process)
	line("deal", r.DealID)
	line("linked", r.LinkedDeal)
	line("Message-ID", r.MessageID)
	line("from", r.From)
	line("to", strings.Join(r.To, ", "))
	line("subject", r.Subject)
	line("name", r.Contact.Name)
	line("email", r.Contact.Email)
	line("phone", r.Contact.Phone)
	for _, f := range r.Fields {
		if f.Fault != "" {
			line("field", fmt.Sprintf("%s is left empty: %s", f.ID, strings.TrimPrefix(f.Fault, fmt.Sprintf("field %q: ", f.ID))))
			continue
		}
		line("field", fmt.Sprintf("%s = %s (read %q)", f.ID, showValue(f.Value), f.Read))
	}
	for _, a := range r.Attachments {
		line("attachment", fmt.Sprintf("%s, %s, %d bytes", a.Name, a.Type, a.Size))
	}
	if b := r.Bounce; b != nil {
		line("bounce", strings.Join(slices.DeleteFunc([]string{b.Recipient, b.Status, b.Diagnostic}, func(s string) bool { return s == "" }), ", "))
	}
	line("follows", follows(r))
	for _, warning := range r.Warnings {
		line("warning", warning)
	}
	if text := strings.TrimSpace(r.Text); text != "" {
		fmt.Fprintf(w, "\n%s\n", text)
	}
}

// showValue writes a number as people do, not as 1.5e+06.
func showValue(v any) string {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprintf("%v", v)
}

// follows says what a server does with the message.
func follows(r *activities.Reading) string {
	joined := "the deal has it in its timeline"
	if r.DealID == "" {
		joined = "the ledger has it, and no deal is known that it belongs to"
	}
	switch {
	case r.Unsubscribe:
		return joined + "; its sender gets no more letters"
	case r.Outcome == "lead" && r.Answer:
		return "a deal is opened, and its letters go to " + r.Contact.Email
	case r.Outcome == "lead":
		return "a deal is opened, and nothing is answered by itself: " + r.Silence
	case r.Rule == "reply.outbound":
		return joined + ", as sent by a colleague"
	case r.Outcome == "reply":
		return joined + "; letters that wait for an answer stop"
	case r.Bounce != nil && r.Bounce.Permanent && r.DealID != "":
		return joined + "; no more letters go to " + r.Bounce.Recipient
	case r.Bounce != nil && r.Bounce.Delayed:
		return joined + "; nothing else, the letter is still under way"
	case r.Outcome == "bounce" && r.DealID != "":
		return joined + "; the letter counts as lost, the address stays good"
	case r.Outcome == "bounce":
		return joined + "; where one is, its address gets no more letters if it failed for good"
	case r.Outcome == "auto_reply":
		return joined + "; it counts as no answer and is not answered"
	case r.Outcome == "quarantined":
		return "its bytes are kept, and the people whom notices name are told"
	}
	return "the ledger has it, and nothing else"
}
