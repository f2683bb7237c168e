package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
)

func spec(t *testing.T, text string) *definitions.Spec {
	t.Helper()
	s, err := definitions.ParseSpec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDifferences(t *testing.T) {
	was := spec(t, `{"process": "sales", "upgrade": "next_stage", "fields": [{"id": "budget", "type": "money", "currency": "RUB"}, {"id": "old", "type": "text"}],
		"stages": [
			{"id": "talk", "name": "Talk", "target": "1d", "timeout": {"after": "5d"},
			 "tasks": [{"id": "call", "name": "Call", "due": "1h", "required": true}, {"id": "gone", "name": "Gone"}],
			 "sequence": {"steps": [{"id": "", "after": "0m", "send": "hello"}, {"id": "", "after": "2d", "send": "hello"}, {"id": "", "after": "3d", "send": "bye"}]},
			 "exit": [{"filled": ["budget"]}, {"require": "deal.budget > 1"}], "next": [{"to": "lost", "on": "field:x", "when": "deal.budget > 1", "reason": "a"}, {"to": "lost", "on": "field:x", "when": "deal.budget > 2", "reason": "b"}, {"to": "show", "on": "tasks_done"}]},
			{"id": "show", "name": "Show"}, {"id": "drop", "name": "Drop"}],
		"letters": {"hello": {"subject": "Hello", "body": "One\nTwo\n"}}}`)
	now := spec(t, `{"process": "sales", "upgrade": "now", "fields": [{"id": "budget", "type": "number"}, {"id": "new", "type": "text", "name": "New"}],
		"stages": [
			{"id": "talk", "name": "First talk", "target": "2d", "timeout": {"none": true, "after": "0m"},
			 "tasks": [{"id": "call", "name": "Call", "due": "2h"}],
			 "sequence": {"steps": [{"id": "", "after": "1h", "send": "hello"}, {"id": "", "after": "2d", "send": "hello"}, {"id": "", "after": "3d", "send": "bye"}]},
			 "exit": [{"filled": ["budget"], "message": "How much?"}], "next": [{"to": "lost", "on": "field:x", "when": "deal.budget > 1", "reason": "a"}, {"to": "lost", "on": "field:x", "when": "deal.budget > 3", "reason": "b"}, {"to": "demo", "on": "tasks_done"}]},
			{"id": "demo", "name": "Show", "was": ["show"]}, {"id": "pay", "name": "Pay"}],
		"letters": {"hello": {"subject": "Hello", "body": "One\nThree\n"}}}`)
	var got []string
	for _, c := range Differences(was, now) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s>%s", c.Stage, c.Kind, c.Name, c.Attr, c.Was, c.Now))
	}
	want := []string{
		"|field|old||old>",
		"|process|sales|upgrade|next_stage>now",
		"|process|sales|order|talk → show → drop>talk → demo → pay",
		"|field|budget|type|money>number",
		"|field|budget|currency|RUB>",
		"|field|New||>New",
		"|text|hello|body|One\nTwo\n>One\nThree\n",
		"talk|task|Gone||Gone>",
		"talk|exit|deal.budget > 1||deal.budget > 1>",
		"talk|move|Show (tasks_done)||Show (tasks_done)>",
		"talk|stage|Talk|name|Talk>First talk",
		"talk|stage|Talk|timeout|5d>none",
		"talk|stage|Talk|target|1d>2d",
		"talk|task|Call|required|true>",
		"talk|task|Call|due|1h>2h",
		"talk|letter|hello|after|0m>1h",
		"talk|exit|budget|message|>How much?",
		"talk|move|lost (field:x)|when|deal.budget > 2>deal.budget > 3",
		"talk|move|Show (tasks_done)||>Show (tasks_done)",
		"demo|stage|Show|id|show>demo",
		"drop|stage|Drop||Drop>",
		"pay|stage|Pay||>Pay",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if same := Differences(now, now); len(same) != 0 {
		t.Errorf("a version differs from itself: %v", same)
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct{ was, now, want string }{
		{"", "", ""},
		{"a\nb\nc\n", "a\nb\nc\n", " a b c"},
		{"a\nb\nc\n", "a\nx\nc\n", " a-b+x c"},
		{"a\nb\n", "b\nc\n", "-a b+c"},
		{"", "a\n", "+a"},
		{"a\nb\nc\nd", "d\na\nb\nc", "+d a b c-d"},
	} {
		var b strings.Builder
		for _, l := range Lines(c.was, c.now) {
			b.WriteByte(l.Op)
			b.WriteString(l.Text)
		}
		if b.String() != c.want {
			t.Errorf("%q to %q: %q, want %q", c.was, c.now, b.String(), c.want)
		}
	}
	long := strings.Repeat("x\n", mostLines+1) // nothing in common, and too long to look
	if got := Lines(long, strings.ReplaceAll(long, "x", "y")); len(got) != 2*(mostLines+1) {
		t.Errorf("%d lines", len(got))
	}
}
