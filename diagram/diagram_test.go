package diagram

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

var update = flag.Bool("update", false, "write the golden files anew")

// machinery is a process of fifteen stages with every kind of way.
func machinery(t *testing.T) *definitions.Process {
	t.Helper()
	company, found := definitions.Load("testdata/machinery")
	if company == nil {
		t.Fatal(found)
	}
	return company.Processes[0]
}

// shipped lists the processes of the library.
func shipped(t *testing.T) []*definitions.Process {
	t.Helper()
	var all []*definitions.Process
	for _, name := range library.Names() {
		folder, err := fs.Sub(library.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		company, found := definitions.LoadFS(folder, name)
		if company == nil {
			t.Fatal(found)
		}
		all = append(all, company.Processes...)
	}
	return all
}

func TestGolden(t *testing.T) {
	p := machinery(t)
	for name, got := range map[string]string{"machinery.svg": SVG(p, Auto), "machinery.mmd": Mermaid(p)} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs: look at it and run the test with -update", name)
		}
	}
}

// Whatever is drawn, nothing lies on anything else or leaves the page.
func TestNothingOverlaps(t *testing.T) {
	for _, p := range append(shipped(t), machinery(t), hostile()) {
		t.Run(p.Process+" "+p.Name, func(t *testing.T) {
			l := place(graphOf(p))
			var taken []box
			taken = append(taken, l.d.boxes...)
			for _, x := range l.d.texts {
				b := box{x: x.left(), y: x.y, w: x.width(), h: x.height(), title: strings.Join(x.lines, " ")}
				if !x.on && len(x.lines) > 0 {
					taken = append(taken, b)
				}
				if x.on && !inside(b, l.d.boxes) {
					t.Errorf("the text %q leaves its box", b.title)
				}
			}
			for i, a := range taken {
				if a.x < 0 || a.y < 0 || a.x+a.w > l.d.width || a.y+a.h > l.d.height {
					t.Errorf("%q leaves the page", a.title)
				}
				for _, b := range taken[i+1:] {
					if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
						t.Errorf("%q lies on %q", a.title, b.title)
					}
				}
			}
		})
	}
}

func inside(b box, boxes []box) bool {
	for _, o := range boxes {
		if b.x >= o.x && b.y >= o.y && b.x+b.w <= o.x+o.w && b.y+b.h <= o.y+o.h {
			return true
		}
	}
	return false
}

func TestEveryStageAndWayIsDrawn(t *testing.T) {
	for _, p := range append(shipped(t), machinery(t)) {
		l := place(graphOf(p))
		drawn := map[string]bool{}
		for _, b := range l.d.boxes {
			drawn[b.id] = true
		}
		ways := 0
		for _, st := range p.Stages {
			if !drawn[st.ID] {
				t.Errorf("%s: stage %q is not drawn", p.Process, st.ID)
			}
			ways += len(st.Next)
		}
		if len(l.d.lines) < ways {
			t.Errorf("%s: %d ways are drawn, the process has %d", p.Process, len(l.d.lines), ways)
		}
		if len(l.d.lines) != len(l.g.ways) {
			t.Errorf("%s: %d of %d ways are drawn", p.Process, len(l.d.lines), len(l.g.ways))
		}
		if mermaid := Mermaid(p); strings.Count(mermaid, "->|") != len(l.g.ways) {
			t.Errorf("%s: Mermaid has %d ways, want %d", p.Process, strings.Count(mermaid, "->|"), len(l.g.ways))
		}
	}
}

func TestWaysAreReadOffTheProcess(t *testing.T) {
	g := graphOf(machinery(t))
	said := map[string]bool{}
	for _, w := range g.ways {
		said[g.sentence(w)] = true
	}
	for _, want := range []string{
		"Сбор информации → Холодный звонок: задачи завершены",
		"Сбор информации → Потеряна: сигнал not_ours — Не наш заказчик",
		"Сбор информации → Потеряна: застой 21 день — Не отвечают",
		`Холодный звонок → Отправка коммерческого предложения: поле «Что нужно заводу», если deal.need != "" && deal.sum > 0`,
		"Выявление потребностей → Отправка коммерческого предложения: вручную",
		"Центр принятия решений → Потеряна: через 90 дней — Не отвечают",
		"Карта клиента → Переговоры с лицом, принимающим решения: документ «Карта клиента»",
		"Оплата → Сопровождение производства: сигнал paid",
		"Обратная связь → Завершена: задачи завершены",
		"Потеряна → Холодный звонок: Возвращается через 26 недель, не больше 2 раз: Не отвечают, Выбрали другого поставщика",
	} {
		if !said[want] {
			t.Errorf("no way %q", want)
		}
	}
	if said["Переговоры с лицом, принимающим решения → Потеряна: застой 21 день — Не отвечают"] {
		t.Error("a stage with a ladder of its own is lost by another")
	}
}

// hostile is a process whose texts would act if they were not escaped, and
// whose words are longer than any box.
func hostile() *definitions.Process {
	long := strings.Repeat("ЩЩЖЖшш", 40)
	after := calendar.MustParseDuration("1w")
	return &definitions.Process{
		Company: &definitions.Company{
			Name:  `</svg><script>alert("x")</script>`,
			Roles: []*definitions.Role{{ID: "rep", Name: `"]; click n0 </svg><script>` + long}},
		},
		Spec: definitions.Spec{
			Process: "x", Name: "a & b <b>\x00" + long,
			Stages: []definitions.Stage{
				{
					ID: "one", Name: `"]; click n0 <script>` + long, Owner: "rep", Skip: &definitions.Expr{Source: `deal.a < 1 && "` + long + `" != ""`},
					Next: []definitions.Move{
						{To: "two", On: "signal:" + long},
						{To: "two", After: &after},
						{To: "one", On: "reply"},
						{To: "lost", On: "signal:" + long, Reason: long},
						{To: "done"},
						{To: "won", On: "reply"},
					},
				},
				{ID: "two", Name: "\"quoted\" `code` #1", Next: []definitions.Move{{To: "one", On: "signal:" + long}}},
			},
		},
	}
}

func TestTextsCannotActAsMarkup(t *testing.T) {
	p := hostile()
	for _, theme := range []Theme{Auto, Light, Dark} {
		svg := SVG(p, theme)
		if strings.Contains(svg, "<script") || strings.Contains(svg, "</svg><") {
			t.Errorf("%s: a name acts as markup", theme)
		}
		reader := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := reader.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: no XML: %v", theme, err)
			}
		}
	}
	for line := range strings.Lines(Mermaid(p)) {
		if strings.Count(line, `"`)%2 != 0 || strings.Contains(line, "<script") {
			t.Errorf("Mermaid: a name ends its quotes: %s", line)
		}
	}
}

func TestThemes(t *testing.T) {
	p := machinery(t)
	if !strings.Contains(SVG(p, Auto), "prefers-color-scheme:dark") {
		t.Error("the automatic theme has no dark side")
	}
	if got := SVG(p, Dark); !strings.Contains(got, dark.page) || strings.Contains(got, light.page) {
		t.Error("the dark theme is not dark alone")
	}
	if got := SVG(p, Light); !strings.Contains(got, light.page) || strings.Contains(got, dark.page) {
		t.Error("the light theme is not light alone")
	}
}

func TestWrap(t *testing.T) {
	f := font{size: 12}
	for name, c := range map[string]struct {
		text  string
		width int
		want  []string
	}{
		"nothing":          {"", 100, nil},
		"one line":         {"два слова", 100, []string{"два слова"}},
		"two lines":        {"два слова", 50, []string{"два", "слова"}},
		"a long word":      {"сельскохозяйственный", 80, []string{"сельскохоз", "яйственный"}},
		"a word of joints": {"deal.authority=manager", 100, []string{"deal.authority=", "manager"}},
		"narrower than i":  {"ii", 1, []string{"i", "i"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := f.wrap(c.text, c.width); strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("wrap = %q, want %q", got, c.want)
			}
		})
	}
}

func TestDurationsInWords(t *testing.T) {
	for text, want := range map[string][2]string{
		"1m":                  {"1 минута", "1 minute"},
		"0m":                  {"0 минут", "0 minutes"},
		"1s":                  {"1 секунда", "1 second"},
		"21d":                 {"21 день", "21 days"},
		"12h":                 {"12 часов", "12 hours"},
		"3w":                  {"3 недели", "3 weeks"},
		"1 business day":      {"1 рабочий день", "1 business day"},
		"2 business hours":    {"2 рабочих часа", "2 business hours"},
		"15 business minutes": {"15 рабочих минут", "15 business minutes"},
	} {
		d := calendar.MustParseDuration(text)
		for i, w := range []words{{russian: true}, {}} {
			if got := w.duration(d); got != want[i] {
				t.Errorf("%s: %q, want %q", text, got, want[i])
			}
		}
	}
	if got := (words{russian: true}).after(calendar.MustParseDuration("1w")); got != "1 неделю" {
		t.Errorf("after 1w: %q", got)
	}
}

// A process that draws no end has the ends that people take deals to.
func TestEndsAreDrawn(t *testing.T) {
	reasons := []definitions.Reason{{ID: "silent", Name: "Silent"}}
	for name, c := range map[string]struct {
		stages []definitions.Stage
		want   string
	}{
		"no won stage": {[]definitions.Stage{{ID: "one"}, {ID: "two"}}, "two → Won: by hand"},
		"won at last":  {[]definitions.Stage{{ID: "one"}, {ID: "two", Won: true}}, "two → Done: by hand"},
		"won by move":  {[]definitions.Stage{{ID: "one", Next: []definitions.Move{{To: "won", On: "reply"}}}}, "one → Won: the client replies"},
	} {
		t.Run(name, func(t *testing.T) {
			svg := SVG(&definitions.Process{Spec: definitions.Spec{Stages: c.stages, LostReasons: reasons}}, Auto)
			for _, want := range []string{c.want, ">Lost</tspan>"} {
				if !strings.Contains(svg, want) {
					t.Errorf("the drawing lacks %q", want)
				}
			}
		})
	}
}
