package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dealwright/dealwright/server"
	"github.com/dealwright/dealwright/store"
)

// tokenPlace is where tokens are kept.
type tokenPlace struct{ data, database, file string }

func (p *tokenPlace) flags(f *pflag.FlagSet) {
	f.StringVar(&p.data, "data", "data", "folder that holds deals and workflows")
	f.StringVar(&p.database, "database", "", "postgres:// URL of the store, in place of --data")
}

// with opens the store for one call. A server may run beside it.
func (p *tokenPlace) with(ctx context.Context, do func(*store.Store) error) error {
	dsn := p.database
	if dsn == "" {
		if _, err := os.Stat(p.data); err != nil {
			return inputFault(fmt.Errorf("--data: %w: name the folder that 'dealwright serve' uses", err))
		}
		dsn = p.data
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

func tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the API's tokens",
		Long:  "Make, list and revoke the API's tokens. They are kept in the store as hashes; a running server knows of a change at once.\nFrom the first token on the API asks everybody for one.",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	parts := []*cobra.Command{tokenCreateCommand(), tokenListCommand(), tokenRevokeCommand()}
	for _, part := range parts {
		fromEnvironment(part)
	}
	c.AddCommand(parts...)
	return c
}

func tokenCreateCommand() *cobra.Command {
	var (
		place   tokenPlace
		holder  server.Holder
		expires time.Duration
	)
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a token and print it, once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return createToken(cmd.Context(), place, holder, expires, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	place.flags(c.Flags())
	c.Flags().StringVar(&place.file, "file", "", "file of tokens to add a line to, in place of the store")
	c.Flags().StringVar(&holder.Name, "name", "", "who holds it, in one word; of a rep the address")
	c.Flags().StringVar(&holder.Role, "role", "", "viewer, rep, manager, admin or form")
	c.Flags().StringSliceVar(&holder.Companies, "company", nil, "company it is bound to, as often as wanted; all unless given")
	c.Flags().DurationVar(&expires, "expires", 0, "after how long it ends, such as 2160h; never unless given")
	return c
}

func createToken(ctx context.Context, place tokenPlace, holder server.Holder, expires time.Duration, stdout, stderr io.Writer) error {
	text, token, err := server.NewToken(holder)
	switch {
	case err != nil:
		return usageFault(err)
	case expires < 0:
		return usageFault(errors.New("--expires: a token ends later than now"))
	case place.file != "" && expires > 0:
		return usageFault(errors.New("--expires: a token of a file does not end by itself"))
	}
	if place.file != "" {
		err = addLine(place.file, token.Line())
	} else {
		row := &store.Token{Hash: hex.EncodeToString(token.Hash[:]), Name: token.Name, Role: token.Role, Companies: token.Companies}
		if expires > 0 {
			row.ExpiresAt = time.Now().Add(expires)
		}
		err = place.with(ctx, func(s *store.Store) error { return s.AddToken(ctx, row) })
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(stderr, "The token follows. It is shown this once; only its hash is kept.")
	fmt.Fprintln(stdout, text)
	return nil
}

// addLine adds a line to a file that only its owner reads.
func addLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return inputFault(fmt.Errorf("--file: %w", err))
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Close())
}

func tokenListCommand() *cobra.Command {
	var place tokenPlace
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tokens of the store",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return place.with(cmd.Context(), func(s *store.Store) error { return listTokens(cmd.Context(), s, cmd.OutOrStdout()) })
		},
	}
	place.flags(c.Flags())
	return c
}

func listTokens(ctx context.Context, s *store.Store, stdout io.Writer) error {
	tokens, err := s.Tokens(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tROLE\tNAME\tCOMPANIES\tMADE\tSTATE")
	for _, t := range tokens {
		companies := strings.Join(t.Companies, ",")
		if companies == "" {
			companies = "all"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Role, t.Name, companies, t.CreatedAt.Format(time.DateOnly), tokenState(t))
	}
	return table.Flush()
}

func tokenState(t store.Token) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked " + t.RevokedAt.Format(time.DateOnly)
	case t.ExpiresAt.IsZero():
		return "good"
	case t.ExpiresAt.Before(time.Now()):
		return "expired " + t.ExpiresAt.Format(time.DateOnly)
	}
	return "good until " + t.ExpiresAt.Format(time.DateOnly)
}

func tokenRevokeCommand() *cobra.Command {
	var place tokenPlace
	c := &cobra.Command{
		Use:   "revoke ID…",
		Short: "End tokens at once",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return place.with(cmd.Context(), func(s *store.Store) error { return revokeTokens(cmd.Context(), s, ids) })
		},
	}
	place.flags(c.Flags())
	return c
}

func revokeTokens(ctx context.Context, s *store.Store, ids []string) error {
	for _, id := range ids {
		err := s.RevokeToken(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return inputFault(fmt.Errorf("there is no token %q: 'dealwright token list' names them", id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
