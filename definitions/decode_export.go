package definitions

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// File is a file of YAML in a company's folder that another package gives its
// meaning to, such as a scenario. It is read as strictly as the company's own
// files, and collects its faults in the same way.
type File struct {
	loader loader
	src    *source // nil when nothing of it could be read
}

// ReadFile reads a file of a company's folder into out, a pointer to a
// structure whose tags are those of the process language. dir is how
// diagnostics call the folder.
func ReadFile(fsys fs.FS, dir, name string, out any) *File {
	f := &File{loader: loader{fsys: fsys, dir: dir, limit: maxFileBytes}}
	f.src = f.loader.yaml(name, out)
	return f
}

// Fault adds a fault of the value at a path, such as steps[2].expect.stage.
func (f *File) Fault(path string, code Code, format string, args ...any) {
	if f.src != nil {
		f.src.at(path, code, format, args...)
	}
}

// KeyFault adds a fault of the key of the value at a path.
func (f *File) KeyFault(path string, code Code, format string, args ...any) {
	if f.src != nil {
		f.src.atKey(path, code, format, args...)
	}
}

// Faults are all faults of the file, sorted.
func (f *File) Faults() Diagnostics { return f.loader.diags.sorted() }

// Place is where the key of the value at a path stands, or the value where it
// has no key; line and column count from 1.
func (f *File) Place(path string) (line, col int) {
	if f.src == nil {
		return 1, 1
	}
	found, _ := f.src.lookup(path)
	if found.key == nil {
		found.key = found.value
	}
	at := f.src.position(found.key)
	return at.line, at.col
}

// Has reports whether the file gives a value for the path.
func (f *File) Has(path string) bool { return f.src != nil && f.src.has(path) }

// OneOf is `; did you mean "x"?` where a name is close, and the names that
// would have been right.
func OneOf(got string, names []string) string { return oneOf(got, names) }

// Value is a value of YAML on its way into a type of another package.
type Value struct {
	d    *decoder
	path string
	node *yaml.Node
}

// ReadAs makes the decoder read values of type T through read instead of by
// their Go kind. It is called from the init of the package that declares T.
func ReadAs[T any](read func(v Value, out *T)) {
	customTypes[reflect.TypeFor[T]()] = func(d *decoder, path string, n *yaml.Node, out reflect.Value) {
		var made T
		read(Value{d, path, n}, &made)
		out.Set(reflect.ValueOf(made))
	}
}

// Path is where the value stands in the file.
func (v Value) Path() string { return v.path }

// IsScalar reports whether the value is a single one, empty or not.
func (v Value) IsScalar() bool { return v.node.Kind == yaml.ScalarNode }

// IsList reports whether the value is a list.
func (v Value) IsList() bool { return v.node.Kind == yaml.SequenceNode }

// IsEmpty reports whether nothing is written for the value.
func (v Value) IsEmpty() bool { return v.IsScalar() && v.node.ShortTag() == "!!null" }

// Bool is the value as true or false; ok is false when it is neither.
func (v Value) Bool() (value, ok bool) {
	return v.IsScalar() && strings.EqualFold(v.node.Value, "true"), v.IsScalar() && v.node.ShortTag() == "!!bool"
}

// Text is a single value as it is written.
func (v Value) Text(what string) (string, bool) { return v.d.literal(v.node, what) }

// Has reports whether the value is a mapping that has all its keys among the
// names given.
func (v Value) Has(names ...string) bool {
	if v.node.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(v.node.Content); i += 2 {
		if !slices.Contains(names, resolved(v.node.Content[i]).Value) {
			return false
		}
	}
	return true
}

// Decode reads the value into out by the Go kind that out points to, even if
// out's type has a reader of its own.
func (v Value) Decode(out any) {
	target := reflect.ValueOf(out).Elem()
	switch target.Kind() {
	case reflect.Struct:
		v.d.structure(v.path, v.node, target)
	case reflect.Map:
		v.d.mapping(v.path, v.node, target)
	case reflect.Slice:
		v.d.list(v.path, v.node, target)
	default:
		v.d.value(v.path, v.node, target)
	}
}

// Fault reports that something else was expected.
func (v Value) Fault(code Code, format string, args ...any) {
	v.d.report(v.node, code, "%s", fmt.Sprintf(format, args...))
}
