package store

import "context"

// OpenVersion counts the deals of a company that go by a version of a process.
type OpenVersion struct {
	Process string
	Version string // empty: about to be opened
	Open    int    // not closed
	Waiting int    // closed, and due to come back
}

// OpenVersions lists the versions that deals to which something may still
// happen go by.
func (s *Store) OpenVersions(ctx context.Context, company string) ([]OpenVersion, error) {
	versions, err := collect(s.read(ctx), func(row scanner) (OpenVersion, error) {
		var v OpenVersion
		return v, row.Scan(&v.Process, &v.Version, &v.Open, &v.Waiting)
	}, `SELECT process, version, COUNT(CASE WHEN closed_at = 0 THEN 1 END), COUNT(CASE WHEN closed_at <> 0 THEN 1 END)
		FROM deals WHERE company = ? AND (closed_at = 0 OR next_wake <> ?)
		GROUP BY process, version ORDER BY process, version`, company, int64(never))
	return versions, wrap("versions of the open deals of "+company, err)
}

// OpenDeal is as much of a deal as it takes to see whether an edit of its
// company's files concerns it.
type OpenDeal struct {
	ID      string
	Process string
	Version string
	Owner   string
}

// OpenDealsOf lists a company's deals that are not closed, in the order of
// their ids from behind after.
func (s *Store) OpenDealsOf(ctx context.Context, company, after string, limit int) ([]OpenDeal, error) {
	deals, err := collect(s.read(ctx), func(row scanner) (OpenDeal, error) {
		var d OpenDeal
		return d, row.Scan(&d.ID, &d.Process, &d.Version, &d.Owner)
	}, `SELECT id, process, version, owner FROM deals WHERE company = ? AND id > ? AND closed_at = 0 ORDER BY id LIMIT ?`, company, after, limit)
	return deals, wrap("list the open deals of "+company, err)
}
