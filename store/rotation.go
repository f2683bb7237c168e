package store

// Turn is how many turns the role's rotation has had before this one.
func (d *DealTx) Turn(company, role string) (int, error) {
	var turn int
	err := d.c.row(`INSERT INTO rotations (company, role, turn) VALUES (?, ?, 1)
		ON CONFLICT (company, role) DO UPDATE SET turn = rotations.turn + 1 RETURNING turn`, []any{company, role}, &turn)
	return turn - 1, err
}
