package definitions

import (
	"slices"
	"strings"
)

// didYouMean returns `; did you mean "x"?` for the name that is closest, or
// nothing where none is close.
func didYouMean(got string, names []string) string {
	if name, ok := closest(got, names); ok {
		return "; did you mean " + quote(name) + "?"
	}
	return ""
}

// oneOf returns the suggestion, then the names that would have been right.
func oneOf(got string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	const most = 30
	shown, more := names, ""
	if len(shown) > most {
		shown, more = shown[:most], ", …"
	}
	expected := "expected one of: " + strings.Join(shown, ", ") + more
	if hint := didYouMean(got, names); hint != "" {
		return hint + " (" + expected + ")"
	}
	return "; " + expected
}

// closest finds the name that takes the fewest slips of the keyboard to
// become got: one slip for each three letters at most.
func closest(got string, names []string) (string, bool) {
	got = strings.ToLower(got)
	best, found := len([]rune(got))/3+1, ""
	if len(got) < 2 {
		best = 1
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if distance := slips(got, strings.ToLower(name)); distance < best || (distance == 0 && found == "") {
			best, found = distance, name
		}
	}
	return found, found != ""
}

// slips is the number of letters to insert, remove, replace or swap with their
// neighbour to turn a into b: the optimal string alignment distance.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) > 8 || len(x) > 64 || len(y) > 64 {
		return len(x) + len(y)
	}
	before, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	var earlier []int
	for i := 1; i <= len(x); i++ {
		earlier, before, row = before, row, make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			same := 1
			if x[i-1] == y[j-1] {
				same = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+same)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], earlier[j-2]+1)
			}
		}
	}
	return row[len(y)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// quote puts a name from a file between quotation marks, shortened, on one line.
func quote(s string) string {
	const most = 60
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > most {
		runes = append(slices.Clone(runes[:most]), '…')
	}
	return `"` + string(runes) + `"`
}
