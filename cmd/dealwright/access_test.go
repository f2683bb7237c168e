package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/server"
)

func TestAccessOptions(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	people, secret := file("people", "anna@kitchens.test manager\n"), file("secret", "s3cret\n")
	broken := file("broken", "anna king\n")
	whole := access{rate: 1, issuer: "https://login.test", client: "x", secret: secret, people: people, publicURL: "https://crm.test"}
	var o server.Options
	if err := whole.into(&o); err != nil || o.SignIn == nil || o.SignIn.ClientSecret != "s3cret" || len(o.SignIn.People) != 1 {
		t.Errorf("options %+v, %v", o.SignIn, err)
	}
	for name, c := range map[string]struct {
		change func(*access)
		want   string
	}{
		"less than nothing":   {func(a *access) { a.rate = -1 }, "--rate"},
		"nobody may sign in":  {func(a *access) { a.people = "" }, "--people"},
		"no public address":   {func(a *access) { a.publicURL = "" }, "--public-url"},
		"half an address":     {func(a *access) { a.publicURL = "crm.test" }, "--public-url"},
		"people with a fault": {func(a *access) { a.people = broken }, "broken:1"},
		"a secret not there":  {func(a *access) { a.secret = filepath.Join(folder, "none") }, "--oidc-secret-file"},
		"tokens with a fault": {func(a *access) { a.tokens = broken }, "broken:1"},
		"tokens not there":    {func(a *access) { a.tokens = filepath.Join(folder, "none") }, "read the tokens"},
	} {
		t.Run(name, func(t *testing.T) {
			a := whole
			c.change(&a)
			if err := a.into(&server.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
