package document

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

const offer = `# Коммерческое предложение

**Заказчик:** ООО «Ромашка»  
Срок — *не позднее* [1 мая](https://example.test/may).

| Раздел | Стоимость |
| --- | ---: |
| Монтаж | 1 500,50 ₽ |
| **Итого** | **1 500,50 ₽** |

1. Первое
2. Второе
   - вложенное

> Цитата

---

	строка кода
`

// pages counts the pages of a PDF by its page objects.
func pages(pdf []byte) int {
	return bytes.Count(pdf, []byte("/Type /Page\n"))
}

func TestPDFIsTheSameEachTime(t *testing.T) {
	first, err := PDF(offer, "Предложение")
	if err != nil {
		t.Fatal(err)
	}
	again, err := PDF(offer, "Предложение")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(first, []byte("%PDF-")) || !bytes.Contains(first, []byte("%%EOF")) {
		t.Errorf("no PDF: %.20q", first)
	}
	if !bytes.Equal(first, again) {
		t.Error("the same text gave two different files")
	}
	if other, err := PDF(offer+"\nЕщё", "Предложение"); err != nil || bytes.Equal(first, other) {
		t.Errorf("another text gave the same file, %v", err)
	}
	if n := pages(first); n != 1 {
		t.Errorf("%d pages, want 1", n)
	}
}

func TestPDFBreaksPages(t *testing.T) {
	tests := map[string]struct {
		markdown string
		pages    int
	}{
		"nothing":         {"", 1},
		"long text":       {strings.Repeat("Абзац договора, в котором сказано немало.\n\n", 60), 2},
		"a long table":    {"| N | Что |\n| --- | --- |\n" + strings.Repeat("| 1 | Шкаф |\n", 100), 4},
		"an endless word": {strings.Repeat("слово", 3000), 5},
		"an endless cell": {"| N | Что |\n| --- | --- |\n| 1 | " + strings.Repeat("шкаф ", 3000) + " |\n", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			pdf, err := PDF(tt.markdown, name)
			if err != nil {
				t.Fatal(err)
			}
			if n := pages(pdf); n != tt.pages {
				t.Errorf("%d pages, want %d", n, tt.pages)
			}
		})
	}
}

// Whatever a client has written into a field, the document is made.
func TestPDFOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("|-*_#>\n `[]()&;\\1."))), 0, 200, -1).Draw(t, "text")
		if _, err := PDF(text, text); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLinksOfADocument(t *testing.T) {
	for address, want := range map[string]bool{
		"https://a.test": true, "mailto:a@a.test": true, "TEL:+7": true,
		"javascript:alert(1)": false, "file:///etc/passwd": false, "relative": false, "": false,
	} {
		if got := linkTarget(address) != ""; got != want {
			t.Errorf("%q is a link: %v, want %v", address, got, want)
		}
	}
}

// Every document that ships with a template can be made.
func TestDocumentsOfTheLibrary(t *testing.T) {
	made := 0
	for _, name := range library.Names() {
		companies, found := definitions.LoadAll("../definitions/library/" + name)
		if found.HasErrors() {
			t.Fatal(found)
		}
		for _, p := range companies[0].Processes {
			for _, stage := range p.Stages {
				for _, d := range stage.Documents {
					if d.Template == "" {
						continue
					}
					facts := &definitions.Facts{Stage: stage.ID, Contact: definitions.Contact{Name: "Пётр"}, Fields: map[string]any{}}
					markdown, err := p.RenderDocument(d.ID, definitions.LetterData{Facts: facts})
					if err != nil {
						t.Fatal(err)
					}
					if pdf, err := PDF(markdown, d.Name); err != nil || pages(pdf) == 0 {
						t.Errorf("%s: %s: %v", name, d.ID, err)
					}
					made++
				}
			}
		}
	}
	if made == 0 {
		t.Error(fmt.Errorf("no document was made"))
	}
}
