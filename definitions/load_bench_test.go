package definitions

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoadThousandStages is the validation of a company with a process of
// a thousand stages on twenty thousand lines.
func BenchmarkLoadThousandStages(b *testing.B) {
	const stages = 1000
	var text strings.Builder
	text.WriteString(`process: sales
fields:
  budget: {type: money, currency: RUB}
  need: {type: text}
defaults: {owner: rep, timeout: 5 business days, escalation: ladder}
escalations:
  ladder:
    - {after: 0m, notify: owner}
    - {after: 3 business days, notify: rep}
stages:
`)
	for i := range stages {
		next := fmt.Sprintf("s%d", i+1)
		if i == stages-1 {
			next = "won"
		}
		fmt.Fprintf(&text, `  - id: s%d
    name: Этап %d
    exit:
      - require: deal.budget > %d
        message: Нужен бюджет
      - filled: [budget, need]
    tasks:
      - id: call
        name: Позвонить
        kind: call
        due: 1 business day
        required: true
        asks: [budget]
    sequence:
      steps:
        - {after: 0m, send: hello}
        - {after: 2 business days, send: hello}
    next:
      - {to: %s, on: tasks_done, when: deal.need != ""}
      - {to: %s, on: reply, when: deal.budget > 100}
`, i, i, i, next, next)
	}
	fsys := folder(map[string]string{
		"processes/sales.yaml": text.String(),
		"letters/hello.md":     "---\nsubject: Hello\n---\nHello {{.Contact.Name}}!\n",
		"company.yaml":         withSMTP,
	})
	if lines := strings.Count(text.String(), "\n"); lines < 20_000 {
		b.Fatalf("%d lines, want 20,000", lines)
	}
	b.ReportAllocs()
	for b.Loop() {
		if company, found := LoadFS(fsys, "acme"); company == nil {
			b.Fatal(found)
		}
	}
}
