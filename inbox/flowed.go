package inbox

import "strings"

// unflow joins the lines of a format=flowed text (RFC 3676): a line that ends in a blank goes on in the next one of the
// same quoting depth. With delsp the blank itself was added by the sender.
func unflow(text string, delsp bool) string {
	var out, paragraph strings.Builder
	depth, open := 0, false
	finish := func() {
		if !open {
			return
		}
		if depth > 0 {
			out.WriteString(strings.Repeat(">", depth) + " ")
		}
		out.WriteString(paragraph.String())
		out.WriteByte('\n')
		paragraph.Reset()
		open = false
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		level := 0
		for strings.HasPrefix(line, ">") {
			line, level = line[1:], level+1
		}
		line = strings.TrimPrefix(line, " ") // space-stuffing
		if level != depth {
			finish()
			depth = level
		}
		signature := line == "-- "
		if signature {
			finish()
		}
		open = true
		flowing := strings.HasSuffix(line, " ") && !signature
		if flowing && delsp {
			line = line[:len(line)-1]
		}
		paragraph.WriteString(line)
		if !flowing {
			finish()
		}
	}
	finish()
	return out.String()
}
