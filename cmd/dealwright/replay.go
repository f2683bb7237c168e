package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// replayFlags are the flags of the command.
type replayFlags struct {
	data, database, definitions string
	apply, json                 bool
}

func replayMessageCommand() *cobra.Command {
	var f replayFlags
	c := &cobra.Command{
		Use:   "replay-message LEDGER_ID",
		Short: "Read a received message again by today's rules",
		Long: "Read the kept bytes of a message again by the rules of today and say what would change. With --apply it is\n" +
			"done: the ledger gets the new outcome, a lead that was passed over becomes a deal, a card gets what it lacks.\n" +
			"A deal that the message has made is never taken away. A running server takes up what is applied.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return replayMessage(cmd, args[0], f) },
	}
	c.Flags().StringVar(&f.data, "data", "data", "folder that holds the deals")
	c.Flags().StringVar(&f.database, "database", "", "postgres:// URL of the store, instead of --data")
	c.Flags().StringVar(&f.definitions, "definitions", "definitions", "folder of company folders, or one company folder")
	c.Flags().BoolVar(&f.apply, "apply", false, "do what follows, instead of only saying it")
	c.Flags().BoolVar(&f.json, "json", false, "print the answer as JSON")
	return c
}

func replayMessage(cmd *cobra.Command, id string, f replayFlags) error {
	companies, found := definitions.LoadAll(f.definitions)
	if err := found.Print(cmd.ErrOrStderr()); err != nil {
		return err
	}
	if found.HasErrors() {
		return inputFault(errors.New("the definitions are at fault; nothing was read"))
	}
	s, err := openExisting(cmd.Context(), f.data, f.database)
	if err != nil {
		return err
	}
	defer s.Close()
	epoch, err := s.Epoch(cmd.Context())
	if err != nil {
		return err
	}
	c, err := clock.New(epoch.Wall, epoch.Deal, epoch.Speed)
	if err != nil {
		return err
	}
	acts := &activities.Activities{Store: s, Clock: c, Log: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))}
	done, err := acts.ReplayMessage(cmd.Context(), companies, id, "", f.apply)
	if errors.Is(err, store.ErrNotFound) {
		return inputFault(err)
	}
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(cmd.OutOrStdout(), done)
	}
	printReplay(cmd.OutOrStdout(), done, f.apply)
	return nil
}

func printReplay(w io.Writer, r *activities.Replay, apply bool) {
	fmt.Fprintf(w, "%-12s %s: %s by rule %s\n", "in ledger", r.LedgerID, r.Outcome, r.Rule)
	printReading(w, r.Now)
	fmt.Fprintln(w)
	if len(r.Changes) == 0 {
		fmt.Fprintln(w, "Nothing changes.")
		return
	}
	for _, change := range r.Changes {
		fmt.Fprintln(w, "-", change)
	}
	switch {
	case r.Applied:
		fmt.Fprintln(w, "Done.")
	case !apply:
		fmt.Fprintln(w, "Nothing was done: add --apply to do it.")
	}
}
