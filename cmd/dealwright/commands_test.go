package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const commandsManual = "../../docs/commands.md"

// manualOf writes the manual of all commands, as they describe themselves.
func manualOf(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nThis page is made from the program's own `--help`.\n\n" +
		"Every flag has a twin in the environment, `DEALWRIGHT_` and its name in capitals; the command line wins over it. A command ends with\n" +
		"status 0 when all is good, 1 when its input is at fault, 2 when the command line is, and 3 when the system is.\n")
	b.WriteString("\n| command | |\n| --- | --- |\n")
	for _, c := range shown(root) {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", path(c), strings.NewReplacer(" ", "-").Replace(path(c)), c.Short)
	}
	for _, c := range shown(root) {
		describe(&b, c)
	}
	return b.String()
}

// shown lists every command that does something, those within others after them.
func shown(parent *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range parent.Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		all = append(all, c)
		all = append(all, shown(c)...)
	}
	return all
}

func path(c *cobra.Command) string { return strings.TrimPrefix(c.CommandPath(), "dealwright ") }

func describe(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n", path(c), c.Long)
	if c.Long == "" {
		fmt.Fprintf(b, "%s.\n", c.Short)
	}
	fmt.Fprintf(b, "\n```\n%s\n", c.UseLine())
	if c.Example != "" {
		fmt.Fprintf(b, "\n%s\n", c.Example)
	}
	b.WriteString("```\n")
	if !c.LocalFlags().HasAvailableFlags() {
		return
	}
	b.WriteString("\n| flag | unless given | |\n| --- | --- | --- |\n")
	twin := regexp.MustCompile(` \[\$DEALWRIGHT_\w+\]$`)
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		name := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		value := ""
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			value = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, value, strings.ReplaceAll(twin.ReplaceAllString(f.Usage, ""), "|", `\|`))
	})
}

// The manual is what the commands say of themselves.
func TestManualOfCommands(t *testing.T) {
	got := manualOf(commands())
	if *update {
		if err := os.WriteFile(commandsManual, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(commandsManual)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("docs/commands.md is not what --help says: run go test ./cmd/dealwright -run TestManualOfCommands -update")
	}
}

// Every command says what it does, and each of its flags has its twin.
func TestCommandsDescribeThemselves(t *testing.T) {
	for _, c := range shown(commands()) {
		status, out, stderr := command(t, append(strings.Fields(path(c)), "--help")...)
		if status != exitGood || stderr != "" || !strings.Contains(out, "Usage:") {
			t.Errorf("%s --help: status %d\n%s%s", path(c), status, out, stderr)
		}
		if c.Short == "" || (c.Long == "" && c.Parent() == c.Root()) {
			t.Errorf("%s says too little of itself", path(c))
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !strings.Contains(f.Usage, "[$DEALWRIGHT_") {
				t.Errorf("%s --%s has no twin in the environment", path(c), f.Name)
			}
		})
	}
}
