package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var example = regexp.MustCompile("(?s)```http\n(.*?)```\n\n```http\n(.*?)```")

// TestExamplesOfTheManual sends each request of docs/api.md in turn and checks
// that the answer has all that the manual shows of it.
func TestExamplesOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	id := ""
	examples := example.FindAllStringSubmatch(string(manual), -1)
	if n := strings.Count(string(manual), "```http"); len(examples) == 0 || n != 2*len(examples) {
		t.Fatalf("%d requests with their answers among %d blocks", len(examples), n)
	}
	for _, e := range examples {
		line, headers, body := parts(t, strings.ReplaceAll(e[1], "{id}", id))
		var method, path string
		if _, err := fmt.Sscan(line, &method, &path); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		var pairs []string
		for name := range headers {
			pairs = append(pairs, name, headers.Get(name))
		}
		got := w.send(method, path, body, pairs...)
		if got.status == http.StatusCreated && id == "" {
			id = got.at("id").(string)
		}
		line, headers, body = parts(t, strings.ReplaceAll(e[2], "{id}", id))
		if want := strings.TrimPrefix(line, "HTTP/1.1 "); want != fmt.Sprint(got.status, " ", http.StatusText(got.status)) {
			t.Errorf("%s: status %d, the manual says %s: %s", got.what, got.status, want, got.body)
		}
		for name := range headers {
			if g, want := got.header.Get(name), headers.Get(name); g != want {
				t.Errorf("%s: %s is %s, the manual says %s", got.what, name, g, want)
			}
		}
		var want, answer any
		if err := json.Unmarshal([]byte(body), &want); err != nil {
			t.Fatalf("%s: the manual's answer: %v", got.what, err)
		}
		if err := json.Unmarshal(got.body, &answer); err != nil {
			t.Fatalf("%s: %v", got.what, err)
		}
		for _, fault := range shows(want, answer, "") {
			t.Errorf("%s: %s", got.what, fault)
		}
	}
}

// parts takes a message of HTTP apart.
func parts(t *testing.T, text string) (line string, headers http.Header, body string) {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	scanner := bufio.NewScanner(strings.NewReader(head))
	headers = http.Header{}
	for scanner.Scan() {
		if line == "" {
			line = scanner.Text()
			continue
		}
		name, value, ok := strings.Cut(scanner.Text(), ": ")
		if !ok {
			t.Fatalf("not a header: %q", scanner.Text())
		}
		headers.Set(name, value)
	}
	return line, headers, strings.TrimSpace(body)
}

// shows lists where an answer does not have what is wanted of it.
func shows(want, got any, at string) []string {
	var faults []string
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return []string{at + " is no object"}
		}
		for key, v := range want {
			faults = append(faults, shows(v, object[key], at+"."+key)...)
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) < len(want) {
			return []string{fmt.Sprintf("%s is %v", at, got)}
		}
		for i, v := range want {
			faults = append(faults, shows(v, list[i], fmt.Sprintf("%s[%d]", at, i))...)
		}
	default:
		if !reflect.DeepEqual(want, got) {
			faults = append(faults, fmt.Sprintf("%s is %v, the manual says %v", at, got, want))
		}
	}
	return faults
}

// TestManualListsTheProblems holds the manual's table to the kinds there are.
func TestManualListsTheProblems(t *testing.T) {
	manual, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed, known []string
	for _, row := range regexp.MustCompile("(?m)^\\| (\\d+) \\| `([a-z-]+)` \\|").FindAllStringSubmatch(string(manual), -1) {
		listed = append(listed, row[1]+" "+row[2])
	}
	for _, k := range append(kinds, keyReused) {
		known = append(known, fmt.Sprint(k.status, " ", k.slug))
	}
	slices.Sort(listed)
	slices.Sort(known)
	if !slices.Equal(listed, known) {
		t.Errorf("the manual lists %v, the server has %v", listed, known)
	}
}

// TestManualListsTheEvents holds the manual's table to the types there are.
func TestManualListsTheEvents(t *testing.T) {
	manual, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(manual), "The types of events")
	table, _, _ = strings.Cut(table, "`actor` is")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(table, -1) {
		for kind := range strings.SplitSeq(row[1], ", ") {
			listed = append(listed, strings.Trim(kind, "`"))
		}
	}
	slices.Sort(listed)
	if want := slices.Sorted(slices.Values(eventTypes)); !slices.Equal(listed, want) {
		t.Errorf("the manual lists %v, there are %v", listed, want)
	}
}
