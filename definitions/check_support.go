package definitions

import "reflect"

// unsupported are the keys that the language shows and the product does nothing
// with yet, by the type they stand in, with what to do instead. They are
// refused, because nothing in a file may be silently without effect.
var unsupported = map[reflect.Type]map[string]string{
	reflect.TypeFor[Stage](): {"quiz": "quizzes are not supported yet: put the questions into the playbook"},
}
