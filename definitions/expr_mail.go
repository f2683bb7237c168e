package definitions

import (
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Mail is what a capture rule may know of a message.
type Mail struct {
	From            string   // bare, lower-case
	To              []string // bare, lower-case
	Subject         string
	Body            string            // text
	Headers         map[string]string // by lower-case name
	ListUnsubscribe bool              // the message has such a header
	Size            int               // bytes
	Attachments     []string          // file names
	Auth            map[string]string // spf, dkim, dmarc: pass, fail, none
}

// MailEnv is the environment of capture rules: mail.* and nothing of a deal.
var MailEnv = sync.OnceValue(func() *Env {
	e := &Env{zone: time.UTC, objects: map[string]object{"mail": {
		"from":             mailText(func(m *Mail) string { return m.From }),
		"to":               mailList(func(m *Mail) []string { return m.To }),
		"subject":          mailText(func(m *Mail) string { return m.Subject }),
		"body":             mailText(func(m *Mail) string { return m.Body }),
		"headers":          mailMap(func(m *Mail) map[string]string { return m.Headers }),
		"auth":             mailMap(func(m *Mail) map[string]string { return m.Auth }),
		"attachments":      mailList(func(m *Mail) []string { return m.Attachments }),
		"size":             mailFact(types.DoubleType, func(m *Mail) (any, bool) { return types.Double(m.Size), m.Size > 0 }),
		"list_unsubscribe": mailFact(types.BoolType, func(m *Mail) (any, bool) { return types.Bool(m.ListUnsubscribe), m.ListUnsubscribe }),
	}}}
	if err := e.build(); err != nil {
		panic(err) // it is built of constants only
	}
	return e
})

// mailFact is a fact of a message, with whether it is there.
func mailFact(t *types.Type, get func(*Mail) (any, bool)) *types.FieldType {
	return &types.FieldType{
		Type:    t,
		IsSet:   func(m any) bool { _, set := get(m.(*Mail)); return set },
		GetFrom: func(m any) (any, error) { v, _ := get(m.(*Mail)); return v, nil },
	}
}

func mailText(get func(*Mail) string) *types.FieldType {
	return mailFact(types.StringType, func(m *Mail) (any, bool) { s := get(m); return types.String(s), s != "" })
}

func mailList(get func(*Mail) []string) *types.FieldType {
	return mailFact(types.NewListType(types.StringType), func(m *Mail) (any, bool) {
		list := get(m)
		return types.NewStringList(types.DefaultTypeAdapter, list), len(list) > 0
	})
}

func mailMap(get func(*Mail) map[string]string) *types.FieldType {
	return mailFact(types.NewMapType(types.StringType, types.StringType), func(m *Mail) (any, bool) {
		entries := get(m)
		return lowerMap{types.NewStringStringMap(types.DefaultTypeAdapter, entries)}, len(entries) > 0
	})
}

// lowerMap finds its entries by names in any case, and reads "" for one that is
// not there, as an empty field does.
type lowerMap struct{ traits.Mapper }

func lowerKey(key ref.Val) ref.Val {
	if s, ok := key.(types.String); ok {
		return types.String(strings.ToLower(string(s)))
	}
	return key
}

func (m lowerMap) Contains(key ref.Val) ref.Val { return m.Mapper.Contains(lowerKey(key)) }

func (m lowerMap) Get(key ref.Val) ref.Val {
	v, _ := m.Find(key)
	return v
}

func (m lowerMap) Find(key ref.Val) (ref.Val, bool) {
	if v, found := m.Mapper.Find(lowerKey(key)); found {
		return v, true
	}
	return types.String(""), true
}
