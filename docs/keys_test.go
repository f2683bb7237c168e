package docs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tables of keys say what the program's types say.
func TestTablesOfKeysAreThoseOfTheProgram(t *testing.T) {
	content, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	table := regexp.MustCompile(`(?s)(<!-- keys (\w+) ?(\w*) -->\n).*?(<!-- /keys -->)`)
	made := table.ReplaceAllFunc(content, func(block []byte) []byte {
		m := table.FindSubmatch(block)
		kind, name := string(m[2]), string(m[3])
		told[kind+" "+name] = true
		return slices.Concat(m[1], []byte(tableOf(t, kind, name)), m[4])
	})
	if *update {
		if err := os.WriteFile(manual, made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(made, content) {
		t.Errorf("%s: the tables of keys are not those of the program: run go test ./docs -update", manual)
	}
	for kind := range kinds {
		schema := schemaOf(t, kind)
		for name, def := range schema.Defs {
			if def.object(nil) != nil && !told[kind+" "+name] {
				t.Errorf("%s has no table of the keys of %s %s: write <!-- keys %s %s --> and <!-- /keys -->", manual, kind, name, kind, name)
			}
		}
	}
}

var (
	unlessGiven = regexp.MustCompile(`[;.] (?:Unless given,? it is )?((?:[^;.]|\.\d)+?) unless given`)
	theDefault  = regexp.MustCompile(`(?i)([\w\[\]]+) \(the default`)
)

// defaults are those that the comments of the types do not say.
var defaults = map[string]string{
	"company Capture.known_sender":  "attach",
	"company Capture.reply_to_lost": "reopen",
	"company Notices.tell":          "`manager` gets the last three, `owner` the others",
	"company Role.assign":           "round_robin",
	"company Server.tls":            "`implicit` for IMAP, `starttls` for SMTP",
	"process .name":                 "its id",
	"process .upgrade":              "next_stage",
	"process Stage.escalation":      "that of `defaults`",
	"process Stage.owner":           "that of `defaults`",
	"process Stage.timeout":         "that of `defaults`, else `none`",
	"process Field.options":         "**required** for a choice",
	"process Criterion.name":        "its id",
	"process Qualification.combine": "sum",
	"process Timeout.from":          "progress",
	"process Task.when":             "it opens at once",
	"process Task.due":              "it is never due",
	"process Step.when":             "always",
	"process Move.on":               "a person, or `after` or `when`",
	"scenario Bounce.permanent":     "true",
	"scenario Step.at":              "the moment of the step before",
	"scenario Step.after":           "the moment of the step before",
	"scenario Pause.until":          "a reply",
	"scenario Reopen.to":            "the stage it was lost in",
	"simulation Passage.pass":       "as the probabilities of the process say, or 80%",
	"simulation Passage.share":      "the stage's target, or equal",
	"simulation Length.median":      "the table of B2B sales",
	"simulation Values.options":     "all alike",
	"simulation .process":           "the company's only one",
	"simulation Client.reply_after": "1d",
	"simulation Client.unsubscribe": "0.5%",
	"simulation Values.spread":      "0.6",
	"simulation Length.spread":      "0.6",
}

// tableOf writes the table of the keys of a type.
func tableOf(t *testing.T, kind, name string) string {
	t.Helper()
	schema := schemaOf(t, kind)
	from := schema
	if name != "" {
		def, known := schema.Defs[name]
		if !known {
			t.Fatalf("%s: schema %s has no %s", manual, kind, name)
		}
		from = &def
	}
	o := from.object(schema.Defs)
	if o == nil {
		t.Fatalf("%s: %s %s has no keys", manual, kind, name)
	}
	var b strings.Builder
	if name != "" {
		fmt.Fprintf(&b, "<a id=\"%s-%s\"></a>\n\n", kind, strings.ToLower(name))
	}
	b.WriteString("| key | type | unless given | |\n| --- | --- | --- | --- |\n")
	for _, key := range slices.Sorted(maps.Keys(o.Properties)) {
		property := o.Properties[key]
		what, unless := property.Description, ""
		if m := unlessGiven.FindStringSubmatchIndex(what); m != nil {
			unless = what[m[2]:m[3]]
			what = what[:m[0]] + what[m[1]:]
		} else if m := theDefault.FindStringSubmatch(what); m != nil {
			unless = m[1]
		}
		switch said := defaults[kind+" "+name+"."+key]; {
		case slices.Contains(o.Required, key):
			unless = "**required**"
		case said != "":
			unless = said
		case unless == "" && property.Type == "boolean":
			unless = "false"
		case unless == "":
			unless = "none"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", key, typeName(kind, &property), unless, strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(what))
	}
	return b.String()
}

// typeName says what a value is in the words of the manual.
func typeName(kind string, n *node) string {
	switch {
	case n.Ref != "":
		name := strings.TrimPrefix(n.Ref, "#/$defs/")
		if word := map[string]string{
			"Duration": "duration", "Expr": "expression", "SecretText": "`${NAME}`", "Spans": "hours", "Dates": "dates", "Moment": "day or moment",
			"QuietHours": "hours", "Text": "text", "Scalar": "value", "Flag": "true", "Day": "day", "Refused": "true, or text", "Webhook": "webhook",
			"Ladder": "name of a ladder, or list of [levels](#process-level)", "Tasks": "list, or task: status",
		}[name]; word != "" {
			return word
		}
		return "[" + strings.ToLower(name) + "](#" + kind + "-" + strings.ToLower(name) + ")"
	case len(n.Enum) > 0:
		return "`" + strings.Join(n.Enum, "`, `") + "`"
	case n.Items != nil:
		return "list of " + typeName(kind, n.Items)
	case len(n.Additional) > 0 && n.Additional[0] == '{':
		var of node
		if err := json.Unmarshal(n.Additional, &of); err != nil {
			return "mapping"
		}
		return "mapping to " + typeName(kind, &of)
	case len(n.AnyOf) > 0 && strings.Contains(n.AnyOf[0].Pattern, "%"):
		return "percentage"
	case len(n.AnyOf) > 0:
		var forms []string
		for _, form := range n.AnyOf {
			if name := typeName(kind, &form); !slices.Contains(forms, name) {
				forms = append(forms, name)
			}
		}
		return strings.Join(forms, ", or ")
	}
	switch n.Type {
	case "boolean":
		return "true or false"
	case "integer":
		return "whole number"
	case "string":
		return "text"
	case "number":
		return "number"
	case "object":
		return "mapping"
	}
	if n.Const != nil {
		return fmt.Sprint(n.Const)
	}
	return "value"
}
