package definitions

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/dealwright/dealwright/calendar"
)

// QuietHours are hours of every day, in minutes since midnight; they may run
// past midnight. None when both are 0.
type QuietHours struct{ From, To int }

// quietHours is QuietHours as they are written, such as 21:00-09:00.
type quietHours QuietHours

func (d *decoder) quiet(_ string, n *yaml.Node, out reflect.Value) {
	text, ok := d.literal(n, `hours such as "21:00-09:00"`)
	if !ok {
		return
	}
	quiet, err := parseQuiet(text)
	if err != nil {
		d.report(n, CodeHours, "%v", err)
		return
	}
	out.Set(reflect.ValueOf(quietHours(quiet)))
}

// parseQuiet reads a span of a day, or one that runs past midnight.
func parseQuiet(text string) (QuietHours, error) {
	bad := fmt.Errorf("the quiet hours %s are not understood: write them as \"21:00-09:00\"", quote(text))
	from, to, found := strings.Cut(text, "-")
	if !found {
		return QuietHours{}, bad
	}
	if spans, err := calendar.ParseHours(text); err == nil && len(spans) == 1 {
		if spans[0] == (calendar.Span{From: 0, To: 24 * 60}) {
			return QuietHours{}, fmt.Errorf("the quiet hours %s are the whole day, so no letter would ever go out", quote(text))
		}
		return QuietHours(spans[0]), nil
	}
	evening, err := calendar.ParseHours(from + "-24:00")
	if err != nil || len(evening) != 1 {
		return QuietHours{}, bad
	}
	if strings.TrimSpace(to) == "00:00" {
		return QuietHours{evening[0].From, 24 * 60}, nil
	}
	morning, err := calendar.ParseHours("00:00-" + to)
	if err != nil || len(morning) != 1 || morning[0].To >= evening[0].From {
		return QuietHours{}, bad
	}
	return QuietHours{evening[0].From, morning[0].To}, nil
}

// End is the moment at which the quiet hours that t lies in end, on t's own
// clock; t itself outside of them.
func (q QuietHours) End(t time.Time) time.Time {
	minute := t.Hour()*60 + t.Minute()
	day := t.Day()
	switch {
	case q.From < q.To && (minute < q.From || minute >= q.To):
		return t
	case q.From >= q.To && minute >= q.To && minute < q.From, q == QuietHours{}:
		return t
	case q.From >= q.To && minute >= q.From:
		day++
	}
	end := time.Date(t.Year(), t.Month(), day, 0, q.To, 0, 0, t.Location())
	if end.Before(t) {
		return t // the clock was set forward over the end
	}
	return end
}
