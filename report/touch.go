package report

import (
	"context"

	"github.com/dealwright/dealwright/calendar"
)

// FirstTouch is how long clients wait for a person.
type FirstTouch struct {
	Opened  int  `json:"opened" doc:"Deals opened in the period."`
	Touched int  `json:"touched" doc:"Of these: a person has been in touch with the client."`
	Time    Time `json:"time"`
}

// FirstTouches measures, of the deals opened in the period, from the opening
// to the first finished call, mail or meeting.
func (f *Facts) FirstTouches(ctx context.Context, cal *calendar.Calendar) (FirstTouch, error) {
	var v FirstTouch
	var err error
	if v.Opened, v.Touched, err = f.store.Touches(ctx, f.about); err != nil {
		return v, err
	}
	each := oneIn(v.Touched)
	waits, err := f.store.FirstTouches(ctx, f.about, each)
	if err != nil {
		return v, err
	}
	v.Time = timesOf(cal, nil, true, waits, each)
	return v, nil
}
