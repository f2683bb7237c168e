package definitions

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// aliasBudget is how many values a file may take through its aliases. A file
// that people write needs some dozens; a billion laughs needs more.
const aliasBudget = 10_000

// faultBudget is how many faults of one file are looked for. A file with more
// is not one that somebody wrote by hand.
const faultBudget = 1_000

// decoder turns a tree of YAML into a Go value, driven by the value's type, and
// reports every fault it meets instead of stopping at the first.
//
// Beside `yaml`, it reads the tags `required:"true"`, `enum:"a,b"`,
// `format:"percent"` and `one:"true"` (a list that may be a single value).
type decoder struct {
	src     *source
	aliases int // values taken through aliases so far
	inAlias int // aliases that the walk is inside of
	faults  int
}

// spent reports whether the file has used up what may be spent on it.
func (d *decoder) spent() bool { return d.aliases > aliasBudget || d.faults >= faultBudget }

// decode fills out, a pointer, from the root of the source.
func (d *decoder) decode(out any) {
	d.value("", d.src.root, reflect.ValueOf(out).Elem())
}

// report reports a fault of a value, which from then on nothing else is said of.
func (d *decoder) report(n *yaml.Node, code Code, format string, args ...any) {
	d.reportKey(n, code, format, args...)
	d.src.broken[d.src.position(n)] = true
}

// reportKey reports a fault of a key, or of keys that are not there.
func (d *decoder) reportKey(n *yaml.Node, code Code, format string, args ...any) {
	d.faults++
	d.src.fault(d.src.position(n), code, format, args...)
}

// value decodes one node. Where the node is at fault, out is left as it was.
func (d *decoder) value(path string, n *yaml.Node, out reflect.Value) {
	if n.Kind == yaml.AliasNode {
		d.inAlias++
		defer func() { d.inAlias-- }()
		d.src.note(path, nil, n.Alias)
		n = n.Alias
	}
	if d.inAlias > 0 {
		if d.aliases++; d.aliases == aliasBudget+1 {
			d.report(n, CodeTooManyAliases, "the aliases of this file stand for more than %d values: write them out", aliasBudget)
		}
	}
	if d.spent() {
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		d.report(n, CodeTag, "the tag %s has no meaning here: remove it", quote(n.Tag))
		return
	}
	if custom, ok := customTypes[out.Type()]; ok {
		custom(d, path, n, out)
		return
	}
	switch out.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(out.Type().Elem())
		d.value(path, n, fresh.Elem())
		out.Set(fresh)
	case reflect.Struct:
		d.structure(path, n, out)
	case reflect.Slice:
		d.list(path, n, out)
	case reflect.Map:
		d.mapping(path, n, out)
	case reflect.String:
		if s, ok := d.text(n); ok {
			out.SetString(s)
		}
	case reflect.Bool:
		if b, ok := d.boolean(n); ok {
			out.SetBool(b)
		}
	case reflect.Int:
		if i, ok := d.integer(n); ok {
			out.SetInt(int64(i))
		}
	case reflect.Float64:
		if f, ok := d.number(n); ok {
			out.SetFloat(f)
		}
	default:
		panic(fmt.Sprintf("definitions: no way to decode into %s", out.Type()))
	}
}

// structure decodes a mapping whose keys are fixed.
func (d *decoder) structure(path string, n *yaml.Node, out reflect.Value) {
	keys := keysOf(out.Type())
	names := namesOf(keys)
	misspelt := map[string]bool{}
	refused := unsupported[out.Type()]
	d.entries(path, n, "a group of keys", func(key, value *yaml.Node) {
		if instead, ok := refused[key.Value]; ok {
			d.src.note(join(path, key.Value), key, value)
			d.reportKey(key, CodeNotSupported, "%s", instead)
			return
		}
		i := slices.IndexFunc(keys, func(k keyInfo) bool { return k.name == key.Value })
		if i < 0 {
			d.reportKey(key, CodeUnknownKey, "unknown key %s%s%s", quote(key.Value), oneOf(key.Value, names), commaHint(n, key, value))
			if meant, ok := closest(key.Value, names); ok {
				misspelt[meant] = true
			}
			return
		}
		at := join(path, key.Value)
		d.src.note(at, key, value)
		d.field(at, value, keys[i], out.Field(keys[i].index))
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, k := range keys {
		if k.required && !hasKey(n, k.name) && !misspelt[k.name] {
			d.reportKey(n, CodeMissingKey, "the key %s is missing", quote(k.name))
		}
	}
}

// commaHint recognises a text with a comma in { }, whose second half YAML takes
// for a key.
func commaHint(mapping, key, value *yaml.Node) string {
	if mapping.Style&yaml.FlowStyle != 0 && value.ShortTag() == "!!null" && strings.Contains(key.Value, " ") {
		return ": in { } a comma ends the text before it, so put that text in quotes"
	}
	return ""
}

// field decodes the value of one key of a structure, by the key's tags.
func (d *decoder) field(path string, n *yaml.Node, k keyInfo, out reflect.Value) {
	switch {
	case k.percent:
		if p, ok := d.percent(n); ok {
			out.Set(reflect.ValueOf(&p))
		}
	case k.one && resolved(n).Kind == yaml.ScalarNode:
		if s, ok := d.text(resolved(n)); ok {
			d.src.note(path+"[0]", nil, resolved(n))
			out.Set(reflect.ValueOf([]string{s}))
		}
	default:
		d.value(path, n, out)
	}
	if len(k.enum) > 0 {
		d.choice(resolved(n), k.enum, out)
	}
}

// choice checks that text, or each text of a list, is one of the values allowed.
func (d *decoder) choice(n *yaml.Node, allowed []string, out reflect.Value) {
	if out.Kind() == reflect.Slice {
		for i := range out.Len() {
			at := n
			if n.Kind == yaml.SequenceNode {
				at = resolved(n.Content[i])
			}
			d.choice(at, allowed, out.Index(i))
		}
		return
	}
	if got := out.String(); n.Kind == yaml.ScalarNode && n.Value == got && !slices.Contains(allowed, got) {
		d.report(n, CodeUnknownValue, "unknown value %s%s", quote(got), oneOf(got, allowed))
	}
}

// list decodes a sequence.
func (d *decoder) list(path string, n *yaml.Node, out reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.wrongKind(n, "a list")
		return
	}
	items := reflect.MakeSlice(out.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		if d.spent() {
			break
		}
		at := path + "[" + strconv.Itoa(i) + "]"
		d.src.note(at, nil, item)
		d.value(at, item, items.Index(i))
	}
	out.Set(items)
}

// mapping decodes a mapping whose keys are the user's own.
func (d *decoder) mapping(path string, n *yaml.Node, out reflect.Value) {
	made := reflect.MakeMap(out.Type())
	d.entries(path, n, "a group of names", func(key, value *yaml.Node) {
		at := join(path, key.Value)
		d.src.note(at, key, value)
		item := reflect.New(out.Type().Elem()).Elem()
		d.value(at, value, item)
		made.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
	out.Set(made)
}

// entries walks the keys of a mapping in the order of the file, and refuses
// keys that come twice, that are no text, and the merge key.
func (d *decoder) entries(path string, n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.wrongKind(n, what)
		return
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && !d.spent(); i += 2 {
		key, value := resolved(n.Content[i]), n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.report(key, CodeWrongKind, "a key is expected here, got %s", kindOf(key))
			continue
		}
		if key.Tag == "!!merge" {
			d.reportKey(key, CodeMergeKey, "the merge key << is not read here: write the keys out, or use `defaults`")
			continue
		}
		if line, twice := seen[key.Value]; twice {
			d.reportKey(key, CodeDuplicateKey, "the key %s is here already, on line %d: keep one of them", quote(key.Value), line)
			continue
		}
		seen[key.Value] = key.Line + d.src.offset
		each(key, value)
	}
}

// keyInfo is what the tags of a struct's field say.
type keyInfo struct {
	name     string
	index    int
	required bool
	percent  bool
	one      bool
	enum     []string
}

// keysOf lists the keys of a type in the order of its declaration.
func keysOf(t reflect.Type) []keyInfo {
	var keys []keyInfo
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name := tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		k := keyInfo{name: name, index: i, required: tag.Get("required") == "true", percent: tag.Get("format") == "percent", one: tag.Get("one") == "true"}
		if enum := tag.Get("enum"); enum != "" {
			k.enum = strings.Split(enum, ",")
		}
		keys = append(keys, k)
	}
	return keys
}

func namesOf(keys []keyInfo) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

func hasKey(n *yaml.Node, name string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if resolved(n.Content[i]).Value == name {
			return true
		}
	}
	return false
}

// resolved follows an alias to what it stands for.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
