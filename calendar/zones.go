package calendar

import (
	"math"
	"time"
)

// zone is a stretch of time, [from, to) in Unix seconds, in which the local clock is offset seconds ahead of UTC.
type zone struct {
	from, to, offset int64
}

// zones answers for one location which zone holds when. Looking that up in package time costs more than the rest of a sum on the
// calendar, so the years in which deals live are laid out beforehand.
type zones struct {
	loc   *time.Location
	table []zone
}

const (
	tableFrom = 0          // 1970-01-01
	tableTo   = 4102444800 // 2100-01-01

	// farthestOffset is more than any place on earth was ever ahead of UTC.
	farthestOffset = 16 * 3600
)

func newZones(loc *time.Location) zones {
	z := zones{loc: loc}
	next := lookupZone(loc, tableFrom)
	z.table = append(z.table, next)
	for next.to < tableTo {
		next = lookupZone(loc, next.to)
		if last := &z.table[len(z.table)-1]; last.offset == next.offset {
			last.to = next.to
		} else {
			z.table = append(z.table, next)
		}
	}
	return z
}

// lookupZone asks package time.
func lookupZone(loc *time.Location, unix int64) zone {
	t := time.Unix(unix, 0).In(loc)
	_, offset := t.Zone()
	z := zone{from: math.MinInt64, to: math.MaxInt64, offset: int64(offset)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		z.from = from.Unix()
	}
	if !to.IsZero() {
		z.to = to.Unix()
	}
	if z.to <= unix {
		// On the last day of a leap year package time gives the midnight before as the end of a zone that goes on.
		z.to = (floorDiv(unix, daySeconds) + 1) * daySeconds
	}
	return z
}

// at is the zone that holds at a moment.
func (z *zones) at(unix int64) zone {
	low, high := 0, len(z.table)-1
	if unix < z.table[low].from || unix >= z.table[high].to {
		return lookupZone(z.loc, unix)
	}
	for low < high {
		middle := (low + high) / 2
		if unix < z.table[middle].to {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return z.table[low]
}

// reading turns local times of one stretch of days into moments; it remembers the zone it used last.
type reading struct {
	zones *zones
	zone  zone
}

// moment is the first moment at which the local clock reads local or later, where local counts seconds as if the local clock were
// UTC. So a time that the clocks skip is the moment they skipped it, one that they repeat is its first occurrence, and a later
// local time is never an earlier moment.
func (r *reading) moment(local int64) int64 {
	// Within a day of a change the zone before it may have shown the same time already.
	if m := local - r.zone.offset; m < r.zone.to && m-daySeconds >= r.zone.from {
		return m
	}
	z := r.zones.at(local - farthestOffset)
	for {
		m := max(local-z.offset, z.from)
		if m < z.to {
			r.zone = z
			return m
		}
		z = r.zones.at(z.to)
	}
}

// floorDiv divides and rounds towards the past.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
