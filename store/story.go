package store

import (
	"database/sql"
	"errors"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// How a visit to a stage ended, where it did not lead to another stage.
const (
	WentLost    = "=lost"
	WentWon     = "=won"
	WentEnded   = "=ended"   // merged, or closed without being won
	WentSkipped = "=skipped" // it was passed over
)

// story follows a deal's events and keeps what reports are made of: they would
// otherwise have to read every timeline.
type story struct {
	c                conn
	n                int64 // of the deal
	company, process string
	won              bool
	touched, decided int64 // as in the deal's row
	changed          bool  // touched or decided differ from the row

	left time.Time // of a visit that is over and not yet written; zero: none. What follows says where it led
	went string
}

// tell takes in the next events.
func (s *story) tell(entries []deal.Entry) error {
	for i := range entries {
		if err := s.take(&entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) take(e *deal.Entry) error {
	switch e.Type {
	case "stage_entered":
		to := textOf(e, "to")
		if err := s.settle(to); err != nil {
			return err
		}
		return s.visit(to, e.At, 0, "")
	case "stage_skipped":
		return s.visit(e.Stage, e.At, micros(e.At), WentSkipped)
	case "stage_left":
		s.left, s.went = e.At, textOf(e, "to")
	case "won":
		s.won = true
		s.decide(micros(e.At))
	case "lost":
		s.decide(micros(e.At))
		return s.settle(WentLost)
	case "closed":
		if s.won {
			return s.settle(WentWon)
		}
		return s.settle(WentEnded)
	case "reopened", "recycled":
		s.decide(0)
	case "mail_sent":
		if textOf(e, "by") == "mail_client" {
			s.touch(e.At)
		}
	case "task_done":
		return s.done(e)
	}
	return nil
}

func textOf(e *deal.Entry, key string) string {
	text, _ := e.Data[key].(string)
	return text
}

// settle writes how the visit that is over ended.
func (s *story) settle(went string) error {
	if s.left.IsZero() {
		return nil
	}
	if went == "" {
		went = WentEnded
	}
	left := s.left
	s.left, s.went = time.Time{}, ""
	var visit int64
	var stage string
	err := s.c.row(`SELECT v.n, p.stage FROM visits v JOIN passages p ON p.n = v.passage WHERE v.deal_n = ? AND v.left_at = 0 ORDER BY v.n DESC LIMIT 1`,
		[]any{s.n}, &visit, &stage)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	passage, err := s.passage(stage, went)
	if err != nil {
		return err
	}
	_, err = s.c.exec(`UPDATE visits SET left_at = ?, passage = ? WHERE n = ?`, left, passage, visit)
	return err
}

func (s *story) visit(stage string, entered time.Time, left int64, went string) error {
	passage, err := s.passage(stage, went)
	if err != nil {
		return err
	}
	_, err = s.c.exec(`INSERT INTO visits (deal_n, passage, entered_at, left_at) VALUES (?, ?, ?, ?)`, s.n, passage, entered, left)
	return err
}

// passage is the number of where visits to a stage led.
func (s *story) passage(stage, went string) (int64, error) {
	return s.number(`SELECT n FROM passages WHERE company = ? AND process = ? AND stage = ? AND went = ?`,
		`INSERT INTO passages (company, process, stage, went) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, s.company, s.process, stage, went)
}

// duty is the number of a person's tasks of a kind.
func (s *story) duty(person, kind string) (int64, error) {
	return s.number(`SELECT n FROM duties WHERE company = ? AND person = ? AND kind = ?`,
		`INSERT INTO duties (company, person, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, s.company, person, kind)
}

// number finds a number, or gives one.
func (s *story) number(find, give string, of ...any) (n int64, err error) {
	if err = s.c.row(find, of, &n); !errors.Is(err, sql.ErrNoRows) {
		return n, err
	}
	// Another transaction may be the first with it, too: then theirs is taken.
	if _, err := s.c.exec(give, of...); err != nil {
		return 0, err
	}
	return n, s.c.row(find, of, &n)
}

func (s *story) decide(at int64) {
	if at == 0 || s.decided == 0 {
		s.decided, s.changed = at, true
	}
}

func (s *story) touch(at time.Time) {
	if s.touched == 0 {
		s.touched, s.changed = micros(at), true
	}
}

// done counts a task that somebody has finished, not one that was waived.
func (s *story) done(e *deal.Entry) error {
	if waived, _ := e.Data["waived"].(bool); waived {
		return nil
	}
	kind := textOf(e, "kind")
	switch kind {
	case "call", "email", "meeting":
		s.touch(e.At)
	}
	duty, err := s.duty(textOf(e, "assignee"), kind)
	if err != nil {
		return err
	}
	_, err = s.c.exec(`INSERT INTO work (deal_n, duty, at) VALUES (?, ?, ?)`, s.n, duty, e.At)
	return err
}

// tellAll makes up for the timelines that were written before stories were.
func tellAll(c conn) error {
	type line struct {
		n                int64
		company, process string
		entry            deal.Entry
	}
	s := &story{c: c}
	for after, seq := int64(0), int64(0); ; {
		lines, err := collect(c, func(row scanner) (line, error) {
			var l line
			return l, row.Scan(&l.n, &seq, &l.company, &l.process, moment{&l.entry.At}, &l.entry.Type, &l.entry.Stage, document{&l.entry.Data})
		}, `SELECT e.deal_n, e.seq, d.company, d.process, e.at, e.type, e.stage, e.data FROM events e JOIN deals d ON d.n = e.deal_n
			WHERE (e.deal_n, e.seq) > (?, ?) ORDER BY e.deal_n, e.seq LIMIT 10000`, after, seq)
		if err != nil {
			return err
		}
		for i := range lines {
			l := &lines[i]
			if l.n != s.n {
				if err := s.finish(); err != nil {
					return err
				}
				s = &story{c: c, n: l.n, company: l.company, process: l.process}
			}
			if err := s.take(&l.entry); err != nil {
				return err
			}
		}
		if len(lines) == 0 {
			return s.finish()
		}
		after = lines[len(lines)-1].n
	}
}

// finish writes what is still held.
func (s *story) finish() error {
	if err := s.settle(s.went); err != nil || !s.changed {
		return err
	}
	_, err := s.c.exec(`UPDATE deals SET touched_at = ?, decided_at = ? WHERE n = ?`, s.touched, s.decided, s.n)
	return err
}
