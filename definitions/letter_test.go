package definitions

import (
	"strings"
	"testing"
	"time"
)

// lettered compiles a process with one letter.
func lettered(t testing.TB, subject, body string) *Process {
	t.Helper()
	p, faults := Compile(letterSpec(subject, body), kitchen(t))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return p
}

func letterSpec(subject, body string) *Spec {
	return &Spec{
		Process: "sales", Fields: cardFields(), Amount: "total", Letters: map[string]*Letter{"hello": {Subject: subject, Body: body}},
		Stages: []Stage{{ID: "offer", Name: "Предложение", Goal: "Согласовать", Documents: []Document{{ID: "quote", Template: "documents/quote.md"}}}},
	}
}

func letterFacts() LetterData {
	f := filledFacts()
	f.Owner = "olga@kuhni-dom.test"
	f.Fields["total"], f.Amount = 4501.5, 4501.5
	return LetterData{Facts: f, Subject: "Нужна *кухня*", Text: "Хочу\nкухню", OpenedAt: time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)}
}

func TestRenderLetter(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"greeting with a name", "{{with .Contact.Name}}{{.}}, {{end}}здравствуйте!", "Пётр, здравствуйте!"},
		{"escaped", "«{{.Lead.Subject}}»: {{.Lead.Text}}", `«Нужна \*кухня\*»: Хочу кухню`},
		{"owner", "Ваш {{.Owner.Name}}, {{.Owner.Email}}", `Ваш Ольга, olga\@kuhni\-dom\.test`},
		{"company and stage", "{{.Company.Name}} — {{.Stage.Name}} ({{.Stage.ID}}): {{.Stage.Goal}}", "Кухни Дом — Предложение (offer): Согласовать"},
		{"money in Russian", "Бюджет {{.Deal.budget}}, итого {{.Deal.Amount}}", "Бюджет 150\u00a0000\u00a0₽, итого 4501,50\u00a0₽"},
		{"money in English", "Budget {{.Deal.budget}}, total {{.Deal.Amount}}", `Budget ₽150,000, total ₽4,501\.50`},
		{"numbers and yes", "{{.Deal.quantity}} шт., срочно: {{.Deal.urgent}}", "3 шт., срочно: да"},
		{"dates in Russian", "{{.Deal.timeline}}, письмо от {{.Lead.Date}}", "2\u00a0марта 2026, письмо от 2\u00a0марта 2026"},
		{"dates in English", "by {{.Deal.timeline}}", "by 2 March 2026"},
		{"values compare as they are", `{{if eq .Deal.authority "решает сам"}}да{{end}}{{if gt .Deal.budget 1000}}много{{end}}`, "дамного"},
		{"a number is a number", "{{if eq .Deal.quantity 3}}a{{end}}{{if eq .Deal.quantity 3.0}}b{{end}}{{if lt 2 .Deal.quantity}}c{{end}}", "abc"},
		{"dates compare", `{{if lt .Deal.timeline "2026-04-01"}}скоро{{end}}`, "скоро"},
		{"variables", "{{$n := .Contact.Name}}{{with .Contact}}{{$n}}={{.Name}} {{$.Stage.ID}}{{end}}", "Пётр=Пётр offer"},
		{"a variable of a group", "{{with $c := .Contact}}{{$c.Email}}{{end}}", `petr\@client\.test`},
		{"or and else", `{{or .Contact.Phone "без телефона"}} {{if .Contact.Phone}}x{{else if .Contact.Email}}почта{{end}}`, "без телефона почта"},
		{"a pipe", `{{.Contact.Name | eq "Пётр"}}`, "да"},
		{"trimmed", "a {{- /* remark */ -}} b", "ab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := lettered(t, "x", tt.body).RenderLetter("hello", letterFacts())
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRenderLetterWithNothingKnown(t *testing.T) {
	p := lettered(t, "{{.Lead.Subject}}", "{{.Deal.budget}}{{.Deal.timeline}}{{.Deal.Amount}}{{.Lead.Date}}{{with .Deal.budget}}x{{end}}"+
		"{{if eq .Deal.urgent false}}нет{{end}}{{if gt .Deal.budget 0}}y{{end}} {{.Owner.Name}} {{.Owner.Email}}")
	_, body, err := p.RenderLetter("hello", LetterData{Facts: &Facts{}})
	if want := `нет Кухни Дом sales\@kuhni\-dom\.test`; body != want || err != nil {
		t.Errorf("got %q, %v, want %q", body, err, want)
	}
	_, body, err = p.RenderLetter("hello", LetterData{Facts: &Facts{Owner: "ivan@kuhni-dom.test"}})
	if want := `нет Кухни Дом ivan\@kuhni\-dom\.test`; body != want || err != nil {
		t.Errorf("an owner without a name: got %q, %v, want %q", body, err, want)
	}
	if _, _, err := p.RenderLetter("bye", LetterData{}); err == nil {
		t.Error("a letter that does not exist was rendered")
	}
}

func TestSubjectIsOneLine(t *testing.T) {
	d := letterFacts()
	d.Subject = "a*b\r\nBcc: evil@x.test\x00\u202e" + strings.Repeat("я", 500)
	subject, _, err := lettered(t, "Re: {{.Lead.Subject}}\n", "x").RenderLetter("hello", d)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(subject, "\r\n\x00\u202e") || !strings.HasPrefix(subject, "Re: a*b Bcc: evil@x.test") || len([]rune(subject)) > longestSubject {
		t.Errorf("got %q", subject)
	}
}

func TestLetterFaults(t *testing.T) {
	for _, tt := range []struct {
		name, body   string
		line, column int
		message      string
	}{
		{"field", "Бюджет\n{{.Deal.budjet}}", 2, 8, `there is no .Deal.budjet; did you mean "budget"?`},
		{"part of a group", "Ж {{.Contact.Nmae}}", 1, 13, `there is no .Contact.Nmae; did you mean "Name"?`},
		{"group", "{{.Contcat.Name}}", 1, 3, `there is no .Contcat; did you mean "Contact"?`},
		{"within with", "{{with .Contact}}{{.Nmae}}{{end}}", 1, 20, `there is no .Nmae; did you mean "Name"?`},
		{"of the outside within with", "{{with .Contact}}{{.Deal.budget}}{{end}}", 1, 20, `there is no .Deal`},
		{"through a variable", "{{$c := .Contact}}{{$c.Nmae}}", 1, 23, `there is no $c.Nmae; did you mean "Name"?`},
		{"in a condition", "{{if .Deal.budjet}}x{{end}}", 1, 11, `there is no .Deal.budjet`},
		{"in an argument", `{{if eq .Deal.budjet 1}}x{{end}}`, 1, 14, `there is no .Deal.budjet`},
		{"in parentheses", `{{if (gt .Deal.budjet 1)}}x{{end}}`, 1, 15, `there is no .Deal.budjet`},
		{"in else", "{{if .Deal.budget}}{{else}}{{.Stage.Nam}}{{end}}", 1, 36, `there is no .Stage.Nam; did you mean "Name"?`},
		{"of a value", "{{.Contact.Name.First}}", 1, 16, `.Contact.Name is a value and has nothing called "First"`},
		{"group printed", "{{.Contact}}", 1, 3, `.Contact is a group of values: name one of them: Email, Name, Phone`},
		{"group compared", `{{if eq .Contact "x"}}{{end}}`, 1, 9, `.Contact is a group of values`},
		{"call", "{{call .Contact.Name}}", 1, 3, `there is no function "call"`},
		{"html", "{{html .Contact.Name}}", 1, 3, `there is no function "html"`},
		{"printf", `{{printf "%1000000000d" 1}}`, 1, 3, `there is no function "printf"`},
		{"show", "{{show .Contact.Name}}", 1, 3, `there is no function "show"`},
		{"piped to js", "{{.Contact.Name | js}}", 1, 19, `there is no function "js"`},
		{"too few values", "{{eq .Contact.Name}}", 1, 3, `eq is given 1 values and takes 2`},
		{"range", "{{range 1000000000}}x{{end}}", 1, 9, `range has nothing to go through here`},
		{"define", `{{define "a"}}x{{end}}`, 1, 15, `a letter cannot define the template "a"`},
		{"template", `x {{template "hello"}}`, 1, 14, `a letter cannot include another template`},
		{"unknown variable", "{{$x}}", 1, 1, `undefined variable`},
		{"not closed", "a\nb {{if .Deal.budget}}", 2, 3, `unexpected EOF`},
		{"broken", "a {{.Deal.}}", 1, 3, `unexpected`},
		{"compares different types", `{{if eq .Deal.budget "много"}}x{{end}}`, 1, 1, `of different types and cannot be compared`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := Compile(letterSpec("x", tt.body), kitchen(t))
			if len(faults) == 0 {
				t.Fatal("it compiles")
			}
			f := faults[0]
			if f.Path != "letters.hello.body" || f.Line != tt.line || f.Column != tt.column || !strings.Contains(f.Message, tt.message) {
				t.Errorf("got %v\nwant letters.hello.body:%d:%d: … %s", f, tt.line, tt.column, tt.message)
			}
		})
	}
	t.Run("subject", func(t *testing.T) {
		_, faults := Compile(letterSpec("{{.Lead.Subjct}}", "x"), kitchen(t))
		if len(faults) != 1 || faults[0].Path != "letters.hello.subject" || faults[0].Column != 8 {
			t.Errorf("got %v", faults)
		}
	})
}

func TestRenderDocument(t *testing.T) {
	spec := letterSpec("x", "x")
	spec.Templates = map[string]string{"documents/quote.md": "# Предложение для {{.Contact.Name}}\n\nИтого {{.Deal.total}}"}
	p, faults := Compile(spec, kitchen(t))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	got, err := p.RenderDocument("quote", letterFacts())
	if want := "# Предложение для Пётр\n\nИтого 4501,50\u00a0₽"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := p.RenderDocument("contract", letterFacts()); err == nil {
		t.Error("a document without a template was rendered")
	}
}

// No client can make a letter say more than the template lets them.
func FuzzRenderLetter(f *testing.F) {
	f.Add("Пётр", "Нужна кухня", "{{.Owner.Email}}")
	f.Add("a\nb", "](https://evil.test)", "</a><script>")
	p := lettered(f, "{{.Lead.Subject}}", "{{.Contact.Name}}\n\n> {{.Lead.Text}}\n\n{{.Lead.Subject}}")
	f.Fuzz(func(t *testing.T, name, subject, text string) {
		d := LetterData{Facts: &Facts{Contact: Contact{Name: name}}, Subject: subject, Text: text}
		line, body, err := p.RenderLetter("hello", d)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("the subject has a line break: %q", line)
		}
		if strings.Count(body, "\n") != 4 {
			t.Errorf("the body has other lines than the template: %q", body)
		}
		if html := rendered(t, body); strings.Contains(html, "<a") || strings.Contains(html, "<script") || strings.Contains(html, "<img") {
			t.Errorf("the body renders as %s", html)
		}
	})
}
