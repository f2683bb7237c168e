package inbox

import (
	"bytes"
	"regexp"
	"strings"
)

var uuBlock = regexp.MustCompile("(?ms)^begin [0-7]{3,4} ([^\\n]{1,200})\\n((?:[!-`][ -`]{1,61}\\n)+)(?:[` ]?\\n)*end$\\n?")

// takeUU takes the files out that old mailers wrote into the text itself.
func (b *builder) takeUU(text string) string {
	if !strings.Contains(text, "\nend") {
		return text
	}
	for _, found := range uuBlock.FindAllStringSubmatch(text, maxList) {
		b.attach(&part{kind: "application/octet-stream", body: []byte(found[0])}, baseName(found[1]), "x-uuencode", false)
	}
	return uuBlock.ReplaceAllString(text, "")
}

// decodeUU reads the lines between begin and end; without a begin line the text is returned as it is.
func decodeUU(raw []byte) []byte {
	var out []byte
	inside := false
	for line := range bytes.Lines(raw) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case !inside:
			inside = bytes.HasPrefix(line, []byte("begin "))
		case bytes.Equal(line, []byte("end")):
			return out
		case len(line) > 1:
			want := int(line[0]-' ') & 63
			for i := 1; i+3 < len(line) && want > 0; i += 4 {
				var v [4]byte
				for j := range v {
					v[j] = (line[i+j] - ' ') & 63
				}
				group := []byte{v[0]<<2 | v[1]>>4, v[1]<<4 | v[2]>>2, v[2]<<6 | v[3]}
				k := min(want, 3)
				out = append(out, group[:k]...)
				want -= k
			}
		}
	}
	if !inside {
		return raw
	}
	return out
}
