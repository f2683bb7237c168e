package inbox

import (
	"math"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// The charsets that Cyrillic mail without a good declaration turns out to be in, the likeliest first.
var cyrillicCharsets = []*charmap.Charmap{
	charmap.Windows1251, charmap.KOI8R, charmap.CodePage866, charmap.ISO8859_5, charmap.MacintoshCyrillic, charmap.KOI8U,
}

// letterWeight holds the natural logarithm of how much more often a letter stands in Russian, Ukrainian or Belarusian
// prose than one thirty-third. The shares per mille are rounded ones of large corpora.
var letterWeight = func() map[rune]float64 {
	shares := map[rune]float64{
		'о': 109, 'е': 84, 'а': 80, 'и': 74, 'н': 67, 'т': 63, 'с': 55, 'р': 47, 'в': 45, 'л': 44, 'к': 35, 'м': 32, 'д': 30,
		'п': 28, 'у': 26, 'я': 20, 'ы': 19, 'ь': 17, 'г': 17, 'з': 16, 'б': 16, 'ч': 14, 'й': 12, 'х': 10, 'ж': 9, 'ш': 7,
		'ю': 6, 'ц': 5, 'щ': 4, 'э': 3, 'ф': 3, 'ъ': 0.5, 'ё': 4, 'і': 6, 'ї': 3, 'є': 2, 'ґ': 0.3, 'ў': 2,
	}
	for r, share := range shares {
		shares[r] = math.Log(share / 30)
	}
	return shares
}()

const (
	strangeRune = -5.0 // a box drawing or a foreign letter amid Cyrillic
	brokenCase  = -3.0 // a capital after a small letter of the same word
	gluedSign   = -3.0 // a dash or another sign with a small letter right behind it
	rareCharset = 1.0  // off a charset that few have used, so that it needs some letters of proof
	shouting    = -0.5 // a capital after a capital: possible, and rarer than the other case
)

// surelyCyrillic is the score of plain Russian prose; no text of another script comes near it.
const surelyCyrillic = 0.2

// detectCyrillic finds the charset in which the bytes read best as Cyrillic prose. It is sure when that beats the
// declared charset clearly; declared may be nil.
func detectCyrillic(raw []byte, declared encoding.Encoding) (best encoding.Encoding, sure bool) {
	best, _, sure = scoreCyrillic(raw, declared)
	return best, sure
}

func scoreCyrillic(raw []byte, declared encoding.Encoding) (best encoding.Encoding, bestScore float64, sure bool) {
	if len(raw) > 8192 {
		raw = raw[:8192]
	}
	high, low := 0, 0
	for _, c := range raw {
		switch {
		case c >= 0x80:
			high++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			low++
		}
	}
	bestScore = math.Inf(-1)
	declaredScore := math.Inf(-1)
	for _, candidate := range cyrillicCharsets {
		score := cyrillicScore(raw, candidate)
		if candidate != charmap.Windows1251 && candidate != charmap.KOI8R {
			score -= rareCharset
		}
		score /= float64(max(high, 1))
		if score > bestScore {
			best, bestScore = candidate, score
		}
		if declared == encoding.Encoding(candidate) {
			declaredScore = score
		}
	}
	if bestScore < -0.6 {
		return nil, bestScore, false
	}
	switch {
	case declared == nil:
		return best, bestScore, true
	case !math.IsInf(declaredScore, -1):
		better := bestScore - declaredScore
		return best, bestScore, better > 1 || high >= 12 && better*float64(high) > 9
	case declared == encoding.Encoding(charmap.Windows1252) || declared == encoding.Encoding(charmap.ISO8859_1) ||
		declared == encoding.Encoding(charmap.ISO8859_15) || declared == encoding.Encoding(charmap.Windows1250):
		// Western text has an accent here and there; a text of accents only is something else.
		return best, bestScore, high >= 4 && high > low && bestScore > -0.2
	}
	return best, bestScore, false
}

func cyrillicScore(raw []byte, charset *charmap.Charmap) float64 {
	score, previous, letters := 0.0, rune(' '), 0
	for _, c := range raw {
		r := charset.DecodeByte(c)
		if c >= 0x80 {
			weight, letter := letterWeight[unicode.ToLower(r)]
			switch {
			case !letter && usualSign(r):
			case !letter:
				score += strangeRune
			default:
				letters++
				score += weight
				if unicode.IsUpper(r) && unicode.IsLetter(previous) {
					if unicode.IsLower(previous) {
						score += brokenCase
					} else {
						score += shouting
					}
				}
			}
		}
		if c|0x20 >= 'a' && c|0x20 <= 'z' && previous >= 0x80 && unicode.IsLetter(previous) ||
			c >= 0x80 && unicode.IsLetter(r) && previous < 0x80 && unicode.IsLetter(previous) {
			score += brokenCase // a word of two alphabets, as an accented one looks
		}
		if unicode.IsLower(r) && usualSign(previous) && previous != '«' && previous != '\u00a0' {
			score += gluedSign
		}
		previous = r
	}
	if letters == 0 {
		return strangeRune * float64(len(raw))
	}
	return score
}

// usualSign tells the signs that stand in Russian prose.
func usualSign(r rune) bool {
	switch r {
	case '«', '»', '—', '–', '№', '\u00a0', '…', '“', '”', '„', '’', '•', '°', '§', '©', '®', '™', '€', '‹', '›', '·', '±', '\u00ad':
		return true
	}
	return false
}
