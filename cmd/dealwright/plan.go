package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/plan"
	"github.com/dealwright/dealwright/store"
)

func planCommand() *cobra.Command {
	var data, database string
	var verbose, asJSON bool
	c := &cobra.Command{
		Use:   "plan PATH",
		Short: "Say what an edit of a company's files would do to its open deals",
		Long: "Say what would become of the open deals if the files of PATH were live: which deals take up which version\n" +
			"and when, which stages are gone or have another name, whose tasks are dropped or handed over. Every deal\n" +
			"is tried on a copy of its state by the function that runs it; nothing is written, and nobody hears of it.\n" +
			"The exit status is 1 when a server would not take the edit.",
		Example: "  dealwright plan definitions/kuhni-dom --data data\n  dealwright plan -v definitions --database postgres://…",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			companies, found := definitions.LoadAll(args[0])
			if err := found.Print(cmd.ErrOrStderr()); err != nil {
				return err
			}
			if found.HasErrors() {
				return inputFault(errors.New("the definitions are at fault; a server would not take them"))
			}
			s, err := inspect(cmd.Context(), data, database)
			if err != nil {
				return err
			}
			defer s.Close()
			var reports []*plan.Report
			for _, c := range companies {
				report, err := planCompany(cmd.Context(), s, c)
				if err != nil {
					return err
				}
				reports = append(reports, report)
			}
			return printPlans(cmd, reports, verbose, asJSON)
		},
	}
	reading(c, &data, &database)
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "list every deal")
	c.Flags().BoolVar(&asJSON, "json", false, "print an array of reports with every deal, for programs")
	return c
}

func printPlans(cmd *cobra.Command, reports []*plan.Report, verbose, asJSON bool) error {
	refused := false
	for _, r := range reports {
		refused = refused || len(r.Refused) > 0
		if asJSON {
			continue
		}
		if err := r.Print(cmd.OutOrStdout(), verbose); err != nil {
			return err
		}
	}
	if asJSON {
		out := json.NewEncoder(cmd.OutOrStdout())
		out.SetIndent("", "  ")
		if err := out.Encode(reports); err != nil {
			return err
		}
	}
	if refused {
		return &exitError{status: exitInput}
	}
	return nil
}

// planCompany tries every open deal of a company.
func planCompany(ctx context.Context, s *store.Store, c *definitions.Company) (*plan.Report, error) {
	now, err := dealTime(ctx, s)
	if err != nil {
		return nil, err
	}
	catalogue := activities.NewCatalogue(s)
	var deals []plan.Deal
	for after := ""; ; {
		open, err := s.OpenDealsOf(ctx, c.ID, after, store.MaxLimit)
		if err != nil {
			return nil, err
		}
		if len(open) == 0 {
			break
		}
		for _, o := range open {
			row, err := s.Deal(ctx, o.ID)
			if err != nil {
				return nil, err
			}
			if row.State.Visit == 0 || row.State.Closed() {
				continue // about to be opened, or closed meanwhile
			}
			earlier, err := catalogue.Bind(ctx, c, row.State.Version)
			if err != nil && !errors.Is(err, activities.ErrMisfit) {
				return nil, err
			}
			d, err := plan.Of(c, row.State, earlier, now)
			if err != nil {
				return nil, err
			}
			deals = append(deals, d)
		}
		after = open[len(open)-1].ID
	}
	refused, err := live{Catalogue: catalogue, store: s}.Unfit(ctx, c)
	if err != nil {
		return nil, err
	}
	return plan.NewReport(c, deals, refused), nil
}

// dealTime is what the deals of a store take for now.
func dealTime(ctx context.Context, s *store.Store) (time.Time, error) {
	epoch, err := s.Epoch(ctx)
	if err != nil {
		return time.Time{}, err
	}
	c, err := clock.New(epoch.Wall, epoch.Deal, epoch.Speed)
	if err != nil {
		return time.Time{}, err
	}
	return c.Now().Truncate(time.Microsecond), nil
}
