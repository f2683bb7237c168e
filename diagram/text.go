package diagram

import (
	"strings"
	"unicode/utf8"
)

// widths gives how wide characters are in a sans-serif type, in hundredths of
// its size. They are those of DejaVu Sans, which is wider than the other usual
// ones, so that a text measured here fits whatever type is at hand.
var widths = runeWidths(map[int]string{
	30:  "' ,.IJijl·",
	38:  "-/:;\\f|!()[]rt²",
	50:  "\"*_`sz–",
	58:  "?Lcгзсэ",
	63:  "FPTYaekovxyГРТУабвекотухчьяё«»•“”",
	66:  "$0123456789EKSbdghnpqu{}ЕЗийлнпрЁ₽",
	71:  "ABCRVXZАБВКСХЧЬЭЯдцъ",
	77:  "DGHNUИЙЛНПм",
	82:  "&OQwДОЦы",
	88:  "#+<=>M^~МФЪфю→←×≥≤",
	93:  "Ыжш",
	100: "%mщ@W—…",
	110: "Ш№ЖЩЮ",
})

// otherWidth is that of a character outside the table: wide enough for most
// scripts; ideographs are as wide as they are high.
const otherWidth = 100

// boldness is how much wider bold type runs.
const boldness = 1.13

func runeWidths(classes map[int]string) map[rune]int {
	made := map[rune]int{}
	for width, runes := range classes {
		for _, r := range runes {
			made[r] = width
		}
	}
	return made
}

// font is a size of type in pixels.
type font struct {
	size int
	bold bool
}

// lineHeight is the distance of two lines.
func (f font) lineHeight() int { return f.size * 4 / 3 }

// width measures a line in pixels, rounded up.
func (f font) width(line string) int {
	sum := 0
	for _, r := range line {
		if w, known := widths[r]; known {
			sum += w
		} else {
			sum += otherWidth
		}
	}
	pixels := float64(sum*f.size) / 100
	if f.bold {
		pixels *= boldness
	}
	return int(pixels) + 1
}

// wrap breaks a text into lines that are at most so wide. A word that is wider
// breaks inside, so nothing is ever cut off.
func (f font) wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(strings.ToValidUTF8(text, "�")) {
		switch with := strings.TrimLeft(line+" "+word, " "); {
		case f.width(with) <= width:
			line = with
			continue
		case line != "":
			lines = append(lines, line)
		}
		for f.width(word) > width {
			cut := f.fit(word, width)
			lines = append(lines, word[:cut])
			word = word[cut:]
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fit is how many bytes of a word go on one line: at least one character, and
// up to a joint of the word where there is one.
func (f font) fit(word string, width int) int {
	end, joint := 0, 0
	for i, r := range word {
		after := i + utf8.RuneLen(r)
		if i > 0 && f.width(word[:after]) > width {
			break
		}
		end = after
		if strings.ContainsRune("-._/()&|=", r) {
			joint = after
		}
	}
	if joint > end/2 {
		return joint
	}
	return end
}
