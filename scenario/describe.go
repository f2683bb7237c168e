package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// phrases word the usual entries of a timeline; {x} stands for a part of the
// entry's data.
var phrases = map[string]string{
	"opened":          "the deal is opened: {subject}",
	"mail_received":   "mail from the client: {subject}",
	"mail_sent":       "letter {letter} to {to}: {subject}",
	"mail_failed":     "a letter came back",
	"stage_entered":   "enters {to}, by {by}",
	"stage_left":      "leaves for {to}, by {by} {on}",
	"stage_skipped":   "is skipped",
	"task_opened":     "task {task} opens: {name}",
	"task_done":       "task {task} is done",
	"task_overdue":    "task {task} is overdue",
	"fields_changed":  "fields: {fields}{contact}",
	"document_added":  "document {document} is added",
	"note":            "note: {text}",
	"stalled":         "the deal is stalled",
	"progressed":      "the deal moves again",
	"escalated":       "escalation, level {level} {task}",
	"notified":        "notice to {to} about {about}",
	"assigned":        "{to} takes over {task}",
	"paused":          "the deal is paused",
	"resumed":         "the pause ends",
	"signalled":       "signal {name}",
	"won":             "the deal is won, amount {amount}",
	"lost":            "the deal is lost: {reason}",
	"reopened":        "the deal is reopened",
	"recycled":        "the deal comes back",
	"closed":          "the deal is closed",
	"process_changed": "the process has changed",
	"merged":          "merged into {into}",
}

// Describe words an entry of a timeline for a person, in one line.
func Describe(e deal.Entry) string {
	phrase, known := phrases[e.Type]
	if !known {
		return strings.TrimSpace(e.Type + " " + plain(e.Data))
	}
	for {
		before, rest, more := strings.Cut(phrase, "{")
		if !more {
			return strings.Join(strings.Fields(phrase), " ")
		}
		name, after, _ := strings.Cut(rest, "}")
		phrase = before + plain(e.Data[name]) + after
	}
}

// plain writes a value of an entry's data without Go's punctuation.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.NewReplacer("{", "(", "}", ")").Replace(v)
	case time.Time:
		return v.Format(momentForm)
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+" = "+plain(v[k]))
		}
		return strings.Join(parts, ", ")
	}
	return strings.NewReplacer("{", "", "}", "").Replace(fmt.Sprint(v))
}
