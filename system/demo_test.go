//go:build system

package system_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/system"
)

// The README's first command tells the story that it promises: a client who is
// answered and answers, and the dashboard's address, on a company with a past.
func TestTheDemonstration(t *testing.T) {
	t.Parallel()
	stdout, stderr, status := system.Run(t, "demo", "--listen", "127.0.0.1:0", "--exit-after", "30s")
	if status != 0 || stderr != "" {
		t.Errorf("the demonstration ends with status %d and says on stderr:\n%s", status, stderr)
	}
	for _, want := range []string{
		`Откройте http://127\.0\.0\.1:\d+/`,
		`За плечами у компании четыре месяца, сделок: 1\d\d`,
		`Мария Белова пишет`,
		`Мария Белова: лид стал сделкой`,
		`Мария Белова: отправлено письмо «Кухни Дом: получили ваше обращение»`,
		`Мария Белова отвечает`,
		`Мария Белова: пришло письмо «Re: Кухни Дом`,
		`Пётр Молчанов: лид стал сделкой`,
		`Время вышло`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("the demonstration does not tell %q", want)
		}
	}
	if t.Failed() || strings.Contains(stdout, "\n!") {
		t.Errorf("it tells:\n%s", stdout)
	}
}
