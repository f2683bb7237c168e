package plan

import (
	"slices"
	"strings"
)

// Line is one line of two texts laid over each other.
type Line struct {
	Op   byte // ' ' in both, '-' in the earlier only, '+' in the later only
	Text string
}

// mostLines bounds what is compared line by line; a longer text is shown as
// wholly replaced.
const mostLines = 2000

// Lines lays two texts over each other, with as many lines in common as can be.
func Lines(was, now string) []Line {
	a, b := split(was), split(now)
	var all []Line
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		all = append(all, Line{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	end := 0
	for end < len(a) && end < len(b) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	tail := a[len(a)-end:]
	all = append(all, between(a[:len(a)-end], b[:len(b)-end])...)
	for _, text := range tail {
		all = append(all, Line{' ', text})
	}
	return all
}

func split(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// between compares texts that neither begin nor end alike, by the longest
// common subsequence of their lines.
func between(a, b []string) []Line {
	var all []Line
	if len(a) > mostLines || len(b) > mostLines {
		for _, text := range a {
			all = append(all, Line{'-', text})
		}
		for _, text := range b {
			all = append(all, Line{'+', text})
		}
		return all
	}
	// common[i][j] is how many lines a[i:] and b[j:] have in common.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i, was := range slices.Backward(a) {
		for j, now := range slices.Backward(b) {
			if was == now {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, Line{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || (i < len(a) && common[i+1][j] >= common[i][j+1]):
			all = append(all, Line{'-', a[i]})
			i++
		default:
			all = append(all, Line{'+', b[j]})
			j++
		}
	}
	return all
}
