//go:build system

package server

import (
	"database/sql"
	"testing"

	"github.com/dealwright/dealwright/system"
)

func init() {
	benchDatabases = append(benchDatabases, benchDatabase{
		"postgres",
		func(t testing.TB) string { return system.StartPostgres(t) },
		func(t testing.TB, dsn string) *sql.DB { return opened(t, "pgx", dsn) },
		`VACUUM ANALYZE`, // as its autovacuum would in a minute
	})
}
