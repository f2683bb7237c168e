package report

import (
	"math"
	"sort"
)

// Bucket is how many of the deals won took from so many days up to, not
// including, so many.
type Bucket struct {
	From, To      float64 // To is 0 in the last one: and more
	Deals         int     // won in the period
	Share, Before float64 // of the deals won in the period, and of those won before it
}

// steps are how wide a bucket may be, in days.
var steps = []float64{1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365}

// mostBuckets are as many as fit on a phone.
const mostBuckets = 10

// Histogram is how the cycles are distributed, up to nine tenths of them one by
// one and the longest together. It is empty where no deal was won.
func (c Cycle) Histogram() []Bucket {
	if c.Won == 0 {
		return nil
	}
	longest := *c.P90
	if c.Before.P90 != nil {
		longest = max(longest, *c.Before.P90)
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if longest < s*mostBuckets {
			step = s
			break
		}
	}
	n := min(int(longest/step)+1, mostBuckets)
	buckets := make([]Bucket, 0, n+1)
	for i := range n {
		buckets = append(buckets, c.bucket(float64(i)*step, float64(i+1)*step))
	}
	if rest := c.bucket(float64(n)*step, math.Inf(1)); rest.Share > 0 || rest.Before > 0 {
		rest.To = 0
		buckets = append(buckets, rest)
	}
	return buckets
}

func (c Cycle) bucket(from, to float64) Bucket {
	b := Bucket{From: from, To: to, Share: share(c.Days, from, to), Before: share(c.Before.Days, from, to)}
	b.Deals = int(math.Round(b.Share * float64(c.Won)))
	return b
}

// share is the part of sorted numbers from one up to another.
func share(sorted []float64, from, to float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sort.SearchFloat64s(sorted, to)-sort.SearchFloat64s(sorted, from)) / float64(len(sorted))
}
