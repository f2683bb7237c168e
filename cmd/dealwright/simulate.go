package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/simulate"
)

// simulateFlags are the flags of the command.
type simulateFlags struct {
	config                 simulate.Config
	process, against, html string
	json                   bool
}

func simulateCommand() *cobra.Command {
	var f simulateFlags
	c := &cobra.Command{
		Use:   "simulate PATH",
		Short: "Live through a year of a process before one lead is touched",
		Long: "Simulate many deals of a process of a company folder on a virtual clock: leads that arrive, clients who\n" +
			"answer or do not, people who have so many hours. How they behave is written in simulation.yaml beside\n" +
			"company.yaml. The same seed gives the same report. With --against, the differences to another process\n" +
			"are shown with their confidence intervals.",
		Example: "  dealwright simulate definitions/kuhni-dom --html report.html\n  dealwright simulate new --against definitions/kuhni-dom",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runSimulation(cmd, args[0], f) },
	}
	c.Flags().Float64Var(&f.config.LeadsPerWeek, "leads-per-week", 0, "how many leads arrive in a week; what simulation.yaml says, or 10, unless given")
	c.Flags().IntVar(&f.config.Days, "days", 365, "how many days to live through")
	c.Flags().IntVar(&f.config.Runs, "runs", 20, "how often to live through them")
	c.Flags().Uint64Var(&f.config.Seed, "seed", 1, "of chance")
	c.Flags().StringVar(&f.process, "process", "", "which process, where the company has several")
	c.Flags().StringVar(&f.against, "against", "", "company folder or process file to compare with")
	c.Flags().StringVar(&f.html, "html", "", "file to write the report to as a page")
	c.Flags().BoolVar(&f.json, "json", false, "print the report as JSON")
	return c
}

// printer is a report or a comparison.
type printer interface {
	Print(io.Writer) error
	HTML(io.Writer) error
}

func runSimulation(cmd *cobra.Command, path string, f simulateFlags) error {
	report, err := simulatePath(cmd, path, f)
	if err != nil {
		return err
	}
	var shown printer = report
	if f.against != "" {
		base, err := simulatePath(cmd, f.against, f)
		if err != nil {
			return err
		}
		if shown, err = simulate.Compare(base, report); err != nil {
			return usageFault(err)
		}
	}
	if f.html != "" {
		if err := writePage(f.html, shown); err != nil {
			return err
		}
	}
	if f.json {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(shown)
	}
	return shown.Print(cmd.OutOrStdout())
}

// simulatePath simulates the process that a path stands for.
func simulatePath(cmd *cobra.Command, path string, f simulateFlags) (*simulate.Report, error) {
	p, err := loadProcess(cmd, path, f.process)
	if err != nil {
		return nil, err
	}
	settings, found := simulate.Load(p.Company)
	if err := found.Print(cmd.ErrOrStderr()); err != nil {
		return nil, err
	}
	if found.HasErrors() {
		return nil, &exitError{status: exitInput}
	}
	f.config.Label = path
	f.config.Progress = progressBar(cmd.ErrOrStderr(), path)
	report, err := simulate.Run(cmd.Context(), p, settings, f.config)
	if err != nil {
		return nil, usageFault(err)
	}
	return report, nil
}

// progressBar draws how far the simulation is, on a terminal only.
func progressBar(to io.Writer, what string) func(done, total int) {
	file, ok := to.(*os.File)
	if !ok {
		return nil
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	const width = 30
	return func(done, total int) {
		bar := make([]byte, width)
		for i := range bar {
			bar[i] = '.'
			if i*total < done*width {
				bar[i] = '#'
			}
		}
		fmt.Fprintf(file, "\r%s [%s] %d/%d", what, bar, done, total)
		if done == total {
			fmt.Fprint(file, "\r\033[K")
		}
	}
}

func writePage(name string, shown printer) error {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := shown.HTML(file); err != nil {
		file.Close()
		return fmt.Errorf("write the page %s: %w", name, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("write the page %s: %w", name, err)
	}
	return nil
}
