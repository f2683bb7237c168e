package inbox

import (
	"bytes"
	"strings"
)

// Limits of the MIME tree. What lies beyond is kept in the raw message and not read.
const (
	maxDepth  = 200  // of multiparts in multiparts
	maxParts  = 2000 // in one message
	maxNested = 8    // messages in messages
)

// part is a node of the MIME tree; a leaf has a body, a multipart has children.
type part struct {
	fields   []field
	kind     string // media type in lower case
	params   map[string]string
	body     []byte
	children []*part
}

// treeParser walks over a message once, line by line, with the boundaries that are open on a stack, so that deep nesting
// costs no more than a flat message of the same size.
type treeParser struct {
	raw   []byte
	parts int
	open  []*part // multiparts, outermost first
	names []string
	cut   bool // a limit was reached
}

// parseTree reads the part whose header and body are given.
func parseTree(fields []field, body []byte) (root *part, truncated bool) {
	p := &treeParser{raw: body}
	root = p.newPart(fields, body, "text/plain")
	if len(p.open) == 0 {
		root.body = body
		return root, false
	}
	p.walk()
	settle(root, body, 0)
	return root, p.cut
}

// wholeEncoded undoes what RFC 2045 forbids and gateways do: a multipart that was encoded with all its parts.
func wholeEncoded(fields []field, body []byte) []byte {
	encoding := transferName(string(first(fields, "Content-Transfer-Encoding")))
	if encoding != "base64" || !bytes.Contains(bytes.ToLower(first(fields, "Content-Type")), []byte("multipart/")) {
		return body
	}
	if encoded, tail := leadingBase64(body); len(encoded) > 0 && len(bytes.TrimSpace(tail)) == 0 {
		return decodeBase64(body)
	}
	return body
}

// newPart reads a part's own header, and opens it when it is a multipart.
func (p *treeParser) newPart(fields []field, body []byte, usual string) *part {
	p.parts++
	node := &part{fields: fields, kind: usual}
	if value := first(fields, "Content-Type"); len(value) > 0 {
		kind, params := parseParams(value, "")
		node.params = params
		if strings.Contains(kind, "/") {
			node.kind = kind
		}
	}
	if strings.HasPrefix(node.kind, "multipart/") {
		boundary := node.params["boundary"]
		if boundary == "" || !bytes.Contains(body[:min(len(body), 1<<20)], []byte("--"+boundary)) {
			boundary = guessBoundary(body)
		}
		if boundary == "" || len(p.open) >= maxDepth {
			node.kind = "text/plain" // no part can be found: what is there is all there is
			return node
		}
		p.open = append(p.open, node)
		p.names = append(p.names, boundary)
	}
	return node
}

// walk finds the delimiter lines and makes a part of what lies between them.
func (p *treeParser) walk() {
	var current *part // the leaf being read
	start := 0        // where its body began
	for pos := 0; pos < len(p.raw); {
		end := bytes.IndexByte(p.raw[pos:], '\n')
		next := len(p.raw)
		if end >= 0 {
			next = pos + end + 1
		}
		line := p.raw[pos:next]
		level, closing := p.delimiter(line)
		if level < 0 {
			pos = next
			continue
		}
		if current != nil {
			current.body = trimLastBreak(p.raw[start:pos])
			current = nil
		}
		p.open, p.names = p.open[:level+1], p.names[:level+1]
		pos = next
		if closing {
			if level == 0 {
				return // an epilogue follows
			}
			p.open, p.names = p.open[:level], p.names[:level]
			continue
		}
		if p.parts >= maxParts {
			p.cut = true
			return
		}
		parent := p.open[level]
		usual := "text/plain"
		if parent.kind == "multipart/digest" {
			usual = "message/rfc822"
		}
		fields, body := partHeader(p.raw[pos:], p.names[:level+1])
		depth := len(p.open)
		child := p.newPart(fields, body, usual)
		parent.children = append(parent.children, child)
		pos = len(p.raw) - len(body)
		if len(p.open) == depth {
			current, start = child, pos
		}
	}
	if current != nil {
		current.body = p.raw[start:]
	}
}

// partHeader is splitHeader for a part: a part with no header begins with its body, and one that lacks the blank
// line ends at the next delimiter.
func partHeader(raw []byte, boundaries []string) (fields []field, body []byte) {
	line, _ := cutLine(raw)
	for _, b := range boundaries {
		if bytes.HasPrefix(line, []byte("--"+b)) {
			return nil, raw
		}
	}
	if _, _, ok := headerLine(line); !ok && len(bytes.TrimSpace(line)) > 0 {
		return nil, raw
	}
	return splitHeader(raw)
}

// delimiter tells which open multipart a line delimits, innermost first, and whether it closes it; -1 for none.
func (p *treeParser) delimiter(line []byte) (level int, closing bool) {
	if !bytes.HasPrefix(line, []byte("--")) {
		return -1, false
	}
	text := string(bytes.TrimRight(line[2:], " \t\r\n"))
	for level = len(p.names) - 1; level >= 0; level-- {
		rest, ok := strings.CutPrefix(text, p.names[level])
		switch {
		case ok && rest == "":
			return level, false
		case ok && rest == "--":
			return level, true
		}
	}
	return -1, false
}

// guessBoundary finds the first line that looks like a delimiter and has a part's header after it.
func guessBoundary(body []byte) string {
	rest := body[:min(len(body), 64<<10)]
	for len(rest) > 0 {
		line, after := cutLine(rest)
		rest = after
		name, ok := bytes.CutPrefix(bytes.TrimRight(line, " \t"), []byte("--"))
		if !ok || len(name) == 0 || len(name) > 200 || bytes.HasPrefix(name, []byte(" ")) {
			continue
		}
		following, _ := cutLine(after)
		if key, _, ok := headerLine(following); ok && strings.HasPrefix(key, "Content-") {
			return string(name)
		}
	}
	return ""
}

// settle gives multiparts in which no part was found their body back, as text.
func settle(node *part, body []byte, depth int) {
	if strings.HasPrefix(node.kind, "multipart/") && len(node.children) == 0 {
		node.kind, node.body = "text/plain", nil
		if depth == 0 {
			node.body = body
		}
	}
	for _, child := range node.children {
		settle(child, nil, depth+1)
	}
}

func trimLastBreak(body []byte) []byte {
	body = bytes.TrimSuffix(body, []byte("\n"))
	return bytes.TrimSuffix(body, []byte("\r"))
}
