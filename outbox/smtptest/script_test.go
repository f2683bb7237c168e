package smtptest

import (
	"slices"
	"testing"
)

func TestScriptChoosesTheOccasions(t *testing.T) {
	cases := []struct {
		name  string
		rules []Rule
		want  []int // answers to six recipients a@x.test, b@y.test in turn; 0 is yes
	}{
		{"no rule", nil, []int{0, 0, 0, 0, 0, 0}},
		{"always", []Rule{{At: AtRcpt, Code: 451}}, []int{451, 451, 451, 451, 451, 451}},
		{"another point", []Rule{{At: AtMail, Code: 451}}, []int{0, 0, 0, 0, 0, 0}},
		{"twice", []Rule{{At: AtRcpt, Code: 451, Times: 2}}, []int{451, 451, 0, 0, 0, 0}},
		{"after two", []Rule{{At: AtRcpt, Code: 451, Skip: 2, Times: 1}}, []int{0, 0, 451, 0, 0, 0}},
		{"each third", []Rule{{At: AtRcpt, Code: 451, Every: 3}}, []int{0, 0, 451, 0, 0, 451}},
		{"one recipient", []Rule{{At: AtRcpt, To: "B@y.test", Code: 550}}, []int{0, 550, 0, 550, 0, 550}},
		{"one domain", []Rule{{At: AtRcpt, To: "@x.test", Code: 550}}, []int{550, 0, 550, 0, 550, 0}},
		{"once for each", []Rule{{At: AtRcpt, Code: 451, Once: true}}, []int{451, 451, 0, 0, 0, 0}},
		{"the first that acts", []Rule{{At: AtRcpt, Code: 451, Times: 1}, {At: AtRcpt, Code: 550, Times: 2}}, []int{451, 550, 550, 0, 0, 0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			script := newScript(c.rules)
			var got []int
			for i := range 6 {
				to := []string{"a@x.test", "b@y.test"}[i%2]
				got = append(got, script.next(AtRcpt, []string{to}).Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestMalformedRuleIsRefused(t *testing.T) {
	server, err := Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	defer func() {
		if recover() == nil {
			t.Error("a rule with a broken code was taken")
		}
	}()
	server.Script(Rule{At: AtRcpt, Code: 550, Enhanced: "five"})
}
