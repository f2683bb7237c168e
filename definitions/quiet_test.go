package definitions

import (
	"strings"
	"testing"
	"time"
)

func TestQuietHours(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ hours, at, want string }{
		{"21:00-09:00", "03-02 22:30", "03-03 09:00"},
		{"21:00-09:00", "03-02 21:00", "03-03 09:00"},
		{"21:00-09:00", "03-02 20:59", "03-02 20:59"},
		{"21:00-09:00", "03-03 03:15", "03-03 09:00"},
		{"21:00-09:00", "03-03 09:00", "03-03 09:00"},
		{"21:00-09:00", "02-28 23:00", "03-01 09:00"},
		{"22:00-24:00", "03-02 23:00", "03-03 00:00"},
		{"22:00-00:00", "03-02 23:00", "03-03 00:00"},
		{"12:00-14:00", "03-02 13:00", "03-02 14:00"},
		{"12:00-14:00", "03-02 14:00", "03-02 14:00"},
	}
	for _, tt := range tests {
		q, err := parseQuiet(tt.hours)
		if err != nil {
			t.Errorf("parseQuiet(%q): %v", tt.hours, err)
			continue
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+tt.at, moscow)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.End(at).Format("01-02 15:04"); got != tt.want {
			t.Errorf("%s: at %s letters go out at %s, want %s", tt.hours, tt.at, got, tt.want)
		}
	}
	if now := time.Now(); !(QuietHours{}).End(now).Equal(now) {
		t.Error("a company without quiet hours has some")
	}
	for _, bad := range []string{"", "21", "21:00", "25:00-09:00", "21:00-9", "00:00-24:00", "09:00-09:00", "21:00-09:00, 12:00-13:00"} {
		if q, err := parseQuiet(bad); err == nil {
			t.Errorf("parseQuiet(%q) = %v, want a fault", bad, q)
		}
	}
}

// The field that is the deal's amount may be called so; no other may.
func TestFieldCalledAmount(t *testing.T) {
	process := func(amount string) string {
		return strings.Replace(minimalProcess, "defaults:", "fields:\n  amount: {type: money, currency: EUR}\n  other: {type: money, currency: EUR}\n"+amount+"defaults:", 1) +
			"    exit: [{require: deal.amount > 100}, {filled: [amount]}]\n"
	}
	c := loaded(t, map[string]string{"processes/sales.yaml": process("amount: amount\n")})
	p := c.Processes[0]
	fields := map[string]any{"amount": 150.0}
	amount, currency := p.AmountOf(fields)
	if ok, err := p.Stages[0].Exit[0].Require.Bool(&Facts{Fields: fields, Amount: amount}); !ok || err != nil || currency != "EUR" {
		t.Errorf("deal.amount > 100 is %v, %v, in %q", ok, err, currency)
	}
	for _, amount := range []string{"", "amount: other\n"} {
		_, found := LoadFS(folder(map[string]string{"processes/sales.yaml": process(amount)}), "acme")
		if len(found) != 1 || found[0].Code != CodeReservedName || !strings.Contains(found[0].Message, "amount: amount") {
			t.Errorf("%q: diagnostics: %v", amount, found)
		}
	}
}
