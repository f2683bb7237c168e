package inbox

import "testing"

func TestStripQuoted(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"gmail", "Yes.\n\nOn Mon, 2 Mar 2026 at 10:00, Firm <a@b.test> wrote:\n\n> Hello\n> Bye\n", "Yes."},
		{"gmail wrapped", "Yes.\n\nOn Mon, Mar 2, 2026 at 10:00 AM A Very Long Name <a@b.test>\nwrote:\n> Hello", "Yes."},
		{"gmail russian", "Да.\n\nпн, 2 мар. 2026 г. в 10:00, Фирма <a@b.test>:\n\n> Здравствуйте", "Да."},
		{"yandex", "Да.\n\n02.03.2026, 10:00, \"Фирма\" <a@b.test>:\n> Здравствуйте", "Да."},
		{"mail.ru", "Да.\n\n--\nИван\n\nПонедельник, 2 марта 2026, 10:00 +03:00 от Фирма <a@b.test>:\n\nЗдравствуйте", "Да.\n\n--\nИван"},
		{"the bat", "Да.\n\nВы писали 2 марта 2026 г., 10:00:08:\n\n> Здравствуйте", "Да."},
		{"outlook", "Yes.\n\n-----Original Message-----\nFrom: Firm\nSent: Monday\n\nHello", "Yes."},
		{"outlook russian", "Да.\n\nFrom: Фирма [mailto:a@b.test]\nSent: Monday, March 2, 2026\nTo: Иван\nSubject: Окна\n\nЗдравствуйте", "Да."},
		{"outlook with a rule", "Да.\n________________________________\nОт: Фирма <a@b.test>\nОтправлено: 2 марта 2026 г.\nКому: Иван\nТема: Окна\n\nЗдравствуйте", "Да."},
		{"german", "Ja.\n\nAm 02.03.2026 um 10:00 schrieb Firma:\n> Hallo", "Ja."},
		{"answers between the lines", "On Mon, 2 Mar 2026, Firm wrote:\n> Price?\n100\n> When?\nMonday", "100\nMonday"},
		{"phone signature", "Да.\n\nОтправлено с iPhone\n", "Да."},
		{"nothing but a quotation", "> Hello\n> Bye", "> Hello\n> Bye"},
		{"prose that mentions writing", "As I wrote:\nthree windows.\nOn Monday we wrote to you: nothing came.", "As I wrote:\nthree windows.\nOn Monday we wrote to you: nothing came."},
		{"a form is no header", "From: Moscow\nTo: Tula\nCargo: windows", "From: Moscow\nTo: Tula\nCargo: windows"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := StripQuoted(c.in); got != c.want {
				t.Errorf("got %q; want %q", got, c.want)
			}
		})
	}
}

func TestNormalSubject(t *testing.T) {
	for in, want := range map[string]string{
		"Re: Windows": "windows", "RE[2]: Fwd:  Windows": "windows", "Ответ: Окна": "окна", "AW: WG: Fenster": "fenster", "HA: Окна": "окна",
		"Antw: Re(3): x": "x", "SV: x": "x", "Re-order: x": "re-order: x", "Reply to all: x": "reply to all: x", "Re:": "", "": "", "Ре монт: x": "ре монт: x",
		"回复:询价": "询价",
	} {
		if got := NormalSubject(in); got != want {
			t.Errorf("NormalSubject(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestForwardedInline(t *testing.T) {
	for _, c := range []struct{ name, text, email, subject, body string }{
		{"gmail", "FYI\n\n---------- Forwarded message ---------\nFrom: Ann <ann@c.test>\nDate: Mon\nSubject: Windows\nTo: <me@crm.test>\n\nHello\n", "ann@c.test", "Windows", "Hello"},
		{"outlook", "От: Анна [mailto:ann@c.test]\nОтправлено: 2 марта\nКому: me\nТема: Окна\n\nДобрый день", "ann@c.test", "Окна", "Добрый день"},
		{"yandex", "-------- Пересылаемое сообщение --------\nОт: Анна <ann@c.test>\nДата: 2 марта\nТема: Окна\n\nДобрый день\n-------- Конец пересылаемого сообщения --------", "ann@c.test", "Окна", "Добрый день\n-------- Конец пересылаемого сообщения --------"},
		{"none", "Please call Ann <ann@c.test>.", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := forwardedInline(&Message{Text: c.text})
			if inner == nil {
				inner = &Message{}
			}
			if inner.From.Email != c.email || inner.Subject != c.subject || inner.Text != c.body {
				t.Errorf("got %q, %q, %q", inner.From.Email, inner.Subject, inner.Text)
			}
		})
	}
}
