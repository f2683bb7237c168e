package report

import (
	"context"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/store"
)

// FirstTouch is how long clients wait for a person.
type FirstTouch struct {
	Opened  int  `json:"opened" doc:"Deals opened in the period."`
	Touched int  `json:"touched" doc:"Of these: a person has been in touch with the client."`
	Time    Time `json:"time"`
}

// FirstTouches measures, of the deals opened in the period, from the opening
// to the first finished call, mail or meeting.
func FirstTouches(ctx context.Context, s *store.Store, cal *calendar.Calendar, r store.Report) (FirstTouch, error) {
	var v FirstTouch
	var err error
	if v.Opened, v.Touched, err = s.Touches(ctx, r); err != nil {
		return v, err
	}
	each := oneIn(v.Touched)
	waits, err := s.FirstTouches(ctx, r, each)
	if err != nil {
		return v, err
	}
	v.Time = timesOf(cal, nil, true, waits, each)
	return v, nil
}
