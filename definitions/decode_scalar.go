package definitions

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// text reads a scalar that must be text. A number, a date or a truth value is
// refused, so that nobody has to know how YAML guesses.
func (d *decoder) text(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.wrongKind(n, "text")
		return "", false
	}
	if tag := n.ShortTag(); tag != "!!str" && tag != "!!merge" {
		d.report(n, CodeWrongKind, "text is expected here, got %s: put it in quotes, %q", kindOf(n), n.Value)
		return "", false
	}
	return n.Value, true
}

// literal reads any scalar as it is written: a duration, a date, an expression.
func (d *decoder) literal(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.wrongKind(n, what)
		return "", false
	}
	return n.Value, true
}

// boolean reads true or false, and nothing else that YAML has been known to
// take for it.
func (d *decoder) boolean(n *yaml.Node) (value, ok bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.wrongKind(n, "true or false")
		return false, false
	}
	if n.ShortTag() == "!!bool" {
		return strings.EqualFold(n.Value, "true"), true
	}
	meant := ""
	switch strings.ToLower(n.Value) {
	case "yes", "on", "y", "1", "true", "да":
		meant = ": write true"
	case "no", "off", "n", "0", "false", "нет":
		meant = ": write false"
	}
	d.report(n, CodeBoolean, "true or false is expected here, got %s%s", quote(n.Value), meant)
	return false, false
}

var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// number reads a plain decimal number. Octal, hexadecimal and exponents are
// refused: `010` is 8 to some readers and 10 to others.
func (d *decoder) number(n *yaml.Node) (float64, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.wrongKind(n, "a number")
		return 0, false
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && decimal.MatchString(n.Value) {
		d.report(n, CodeNumber, "a number is expected here, got text: remove the quotes")
		return 0, false
	}
	if !decimal.MatchString(n.Value) {
		d.report(n, CodeNumber, "a number is expected here, got %s%s", quote(n.Value), numberHint(n.Value))
		return 0, false
	}
	value, err := strconv.ParseFloat(n.Value, 64)
	if err != nil || value > 1e15 || value < -1e15 {
		d.report(n, CodeNumber, "the number %s is too large", quote(n.Value))
		return 0, false
	}
	return value, true
}

func numberHint(text string) string {
	trimmed := strings.TrimLeft(text, "0")
	switch {
	case trimmed != text && decimal.MatchString(trimmed):
		return ": a leading zero may mean an octal number, write " + trimmed
	case decimal.MatchString(strings.ReplaceAll(text, ",", ".")):
		return ": the decimal mark is a point, write " + strings.ReplaceAll(text, ",", ".")
	case decimal.MatchString(strings.NewReplacer("_", "", " ", "", "\u00a0", "").Replace(text)):
		return ": write it without separators"
	}
	return ""
}

// integer reads a whole number.
func (d *decoder) integer(n *yaml.Node) (int, bool) {
	value, ok := d.number(n)
	if !ok {
		return 0, false
	}
	if value != float64(int(value)) || value > 1e9 || value < -1e9 {
		d.report(n, CodeNumber, "a whole number of at most a thousand million is expected here, got %s", quote(n.Value))
		return 0, false
	}
	return int(value), true
}

// percent reads `20%` or `20`.
func (d *decoder) percent(n *yaml.Node) (float64, bool) {
	text, ok := d.literal(resolved(n), "a percentage")
	if !ok {
		return 0, false
	}
	digits := strings.TrimSpace(strings.TrimSuffix(text, "%"))
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil || !decimal.MatchString(digits) {
		d.report(n, CodePercent, "a percentage such as 20%% is expected here, got %s", quote(text))
		return 0, false
	}
	if value > 0 && value < 1 && !strings.HasSuffix(text, "%") {
		d.report(n, CodePercent, "%s is less than one percent: did you mean %s%%?", text, strconv.FormatFloat(value*100, 'f', -1, 64))
		return 0, false
	}
	if value < 0 || value > 100 {
		d.report(n, CodePercent, "a percentage is between 0%% and 100%%, got %s", quote(text))
		return 0, false
	}
	return value, true
}

// wrongKind reports that something else was expected.
func (d *decoder) wrongKind(n *yaml.Node, expected string) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		d.report(n, CodeWrongKind, "%s is expected here, but it is empty: fill it in or remove the key", expected)
		return
	}
	d.report(n, CodeWrongKind, "%s is expected here, got %s", expected, kindOf(n))
}

// kindOf says what a node is in the words of somebody who writes YAML.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a group of keys"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + quote(n.Value)
	case "!!bool":
		return "the truth value " + quote(n.Value)
	case "!!timestamp":
		return "the date " + quote(n.Value)
	}
	return "the text " + quote(n.Value)
}
