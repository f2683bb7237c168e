package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set by the linker for a release.
var version = "development"

// Exit statuses.
const (
	exitGood   = 0
	exitInput  = 1 // the input is at fault
	exitUsage  = 2 // the command line is
	exitSystem = 3 // the system is
)

// exitError carries an exit status; an error without one is the system's.
type exitError struct {
	status int
	err    error // nil: everything has been said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func inputFault(err error) error { return &exitError{exitInput, err} }
func usageFault(err error) error { return &exitError{exitUsage, err} }

// run executes a command line and answers its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := commands()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitGood
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitSystem, err}
	}
	if exit.err != nil {
		fmt.Fprintln(stderr, "dealwright:", exit.err)
		if exit.status == exitUsage {
			fmt.Fprintln(stderr, "Try 'dealwright --help'.")
		}
	}
	return exit.status
}

// commands is the whole command line.
func commands() *cobra.Command {
	root := &cobra.Command{
		Use:           "dealwright",
		Short:         "Runs a company's sales process from files",
		Long:          "Dealwright runs a company's sales process from YAML files: leads arrive by email and become deals, letters\nfollow up until the client replies, stalled deals climb an escalation ladder, and managers look on.",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageFault(err) })
	root.AddCommand(demoCommand(), serveCommand(), workerCommand(), apiCommand(), initCommand(), validateCommand(), testCommand(), reloadCommand(), planCommand(), exportCommand(), diagramCommand(), schemaCommand(), simulateCommand(), rehydrateCommand(), tokenCommand())
	root.AddCommand(explainMessageCommand(), reconcileCommand(), replayMessageCommand())
	for _, c := range root.Commands() {
		fromEnvironment(c)
	}
	return root
}

// fromEnvironment gives every flag its twin DEALWRIGHT_<FLAG>; the command
// line wins over it.
func fromEnvironment(c *cobra.Command) {
	names := map[string]string{}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		twin := "DEALWRIGHT_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		names[f.Name] = twin
		f.Usage += " [$" + twin + "]"
	})
	wrapArgs(c)
	c.PreRunE = func(cmd *cobra.Command, _ []string) error {
		var fault error
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			value, set := os.LookupEnv(names[f.Name])
			if f.Changed || !set || fault != nil {
				return
			}
			if err := cmd.Flags().Set(f.Name, value); err != nil {
				fault = usageFault(fmt.Errorf("%s: %w", names[f.Name], err))
			}
		})
		return fault
	}
}

// wrapArgs makes a wrong number of arguments the command line's fault.
func wrapArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		return
	}
	c.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageFault(err)
		}
		return nil
	}
}

// newLogger logs as JSON, or as text for people.
func newLogger(w io.Writer, format string) (*slog.Logger, error) {
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	}
	return nil, usageFault(fmt.Errorf("--log %q: want json or text", format))
}
