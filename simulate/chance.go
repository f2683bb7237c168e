package simulate

import "math"

// chance is a stream of random numbers (SplitMix64, Steele and others, 2014).
// Each deal and each decision has a stream of its own, forked from the seed, so
// that the same client meets two variants of a process with the same intentions.
type chance uint64

// fork makes the stream that belongs to a seed and a path of numbers below it.
func fork(seed uint64, path ...uint64) chance {
	c := chance(seed)
	for _, p := range path {
		c = chance(c.next() ^ p*0x9e3779b97f4a7c15)
	}
	return chance(c.next())
}

func (c *chance) next() uint64 {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is uniform in [0, 1).
func (c *chance) unit() float64 { return float64(c.next()>>11) / (1 << 53) }

// hits is true with a probability.
func (c *chance) hits(p float64) bool { return c.unit() < p }

// below is a whole number from 0 to n-1.
func (c *chance) below(n int) int { return int(c.unit() * float64(n)) }

// wait is exponential with a mean of 1: the time to the next of what happens
// at random.
func (c *chance) wait() float64 { return -math.Log(1 - c.unit()) }

// around is log-normal: half of it lies below the median.
func (c *chance) around(median, spread float64) float64 {
	// Box and Muller's transform of two uniform numbers into a normal one.
	normal := math.Sqrt(2*c.wait()) * math.Cos(2*math.Pi*c.unit())
	return median * math.Exp(spread*normal)
}

// lengths is the share of B2B sales that take so many months, for new clients
// and for those who bought before. Source: the survey that the project's digest
// of articles cites (001_7f04bf6ad8137999.txt).
var lengths = []struct {
	from, to    float64
	new, before float64
}{
	{0.25, 1, 5.1, 22},
	{1, 3.5, 20.3, 38.4},
	{3.5, 6.5, 28.2, 23.9},
	{6.5, 9.5, 15.2, 7},
	{9.5, 12.5, 13.1, 2.9},
	{12.5, 18, 18.1, 5.8},
}

// months draws the length of a sale from the table. The shares of the table are
// rounded, so they are taken in relation to their sum.
func (c *chance) months(returning bool) float64 {
	weight := func(i int) float64 {
		if returning {
			return lengths[i].before
		}
		return lengths[i].new
	}
	sum := 0.0
	for i := range lengths {
		sum += weight(i)
	}
	at := c.unit() * sum
	within := c.unit()
	for i, l := range lengths {
		if at -= weight(i); at < 0 || i == len(lengths)-1 {
			return l.from + within*(l.to-l.from)
		}
	}
	return 0
}
