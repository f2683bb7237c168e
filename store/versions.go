package store

import (
	"context"
	"time"
)

// VersionRow is a version of a process that is or was live.
type VersionRow struct {
	Company   string
	Process   string
	Hash      string
	Spec      []byte    // JSON
	FirstLive time.Time // deal time
	Deals     int       // that are not closed and follow it; only in Versions
}

// PutVersion keeps a version for good; one that is there keeps its first
// moment.
func (s *Store) PutVersion(ctx context.Context, company, process, hash string, spec []byte, at time.Time) error {
	_, err := s.write(ctx).exec(`INSERT INTO versions (company, process, hash, spec, first_live) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		company, process, hash, string(spec), at)
	return wrap("version "+hash, err)
}

// Version reads a version by its hash.
func (s *Store) Version(ctx context.Context, hash string) (*VersionRow, error) {
	v := VersionRow{Hash: hash}
	err := s.read(ctx).row(`SELECT company, process, spec, first_live FROM versions WHERE hash = ? ORDER BY first_live LIMIT 1`, []any{hash},
		&v.Company, &v.Process, &v.Spec, moment{&v.FirstLive})
	if err != nil {
		return nil, wrap("version "+hash, err)
	}
	return &v, nil
}

// Versions lists a process's versions, newest first.
func (s *Store) Versions(ctx context.Context, company, process string) ([]VersionRow, error) {
	rows, err := collect(s.read(ctx), func(row scanner) (VersionRow, error) {
		v := VersionRow{Company: company, Process: process}
		return v, row.Scan(&v.Hash, &v.Spec, moment{&v.FirstLive}, &v.Deals)
	}, `SELECT v.hash, v.spec, v.first_live,
			(SELECT COUNT(*) FROM deals d WHERE d.company = v.company AND d.process = v.process AND d.version = v.hash AND d.closed_at = 0)
		FROM versions v WHERE v.company = ? AND v.process = ? ORDER BY v.first_live DESC, v.hash`, company, process)
	return rows, wrap("versions of "+company+"/"+process, err)
}

// VersionMoments lists a process's versions without what is in them and who
// follows them, newest first.
func (s *Store) VersionMoments(ctx context.Context, company, process string) ([]VersionRow, error) {
	rows, err := collect(s.read(ctx), func(row scanner) (VersionRow, error) {
		v := VersionRow{Company: company, Process: process}
		return v, row.Scan(&v.Hash, moment{&v.FirstLive})
	}, `SELECT hash, first_live FROM versions WHERE company = ? AND process = ? ORDER BY first_live DESC, hash`, company, process)
	return rows, wrap("versions of "+company+"/"+process, err)
}
