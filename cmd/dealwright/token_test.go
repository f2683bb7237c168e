package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/server"
)

func TestTokenCommands(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "tokens")
	call := func(want int, args ...string) string {
		t.Helper()
		var out, faults bytes.Buffer
		if got := run(t.Context(), append([]string{"token"}, args...), &out, &faults); got != want {
			t.Fatalf("token %v: exit %d, want %d: %s%s", args, got, want, out.String(), faults.String())
		}
		if strings.Contains(faults.String(), "dw_") {
			t.Error("the token is among what is logged")
		}
		return out.String() + faults.String()
	}
	text := call(exitGood, "create", "--data", data, "--role", "rep", "--name", "ivan@kitchens.test", "--company", "kitchens", "--expires", "48h")
	if !strings.HasPrefix(text, "dw_") {
		t.Errorf("no token: %q", text)
	}
	list := call(exitGood, "list", "--data", data)
	if strings.Contains(list, "dw_") || !strings.Contains(list, "ivan@kitchens.test") || !strings.Contains(list, "good until") {
		t.Errorf("list:\n%s", list)
	}
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	call(exitGood, "revoke", "--data", data, id)
	if list := call(exitGood, "list", "--data", data); !strings.Contains(list, "revoked") {
		t.Errorf("list:\n%s", list)
	}

	call(exitGood, "create", "--file", file, "--role", "form", "--name", "site", "--company", "kitchens", "--company", "yachts")
	call(exitGood, "create", "--file", file, "--role", "admin", "--name", "root")
	tokens, err := server.LoadTokens(file)
	if err != nil || len(tokens) != 2 || len(tokens[0].Companies) != 2 || tokens[1].Role != server.RoleAdmin {
		t.Errorf("tokens %+v, %v", tokens, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}

	for name, args := range map[string][]string{
		"no role":                {"create", "--data", data, "--name", "x"},
		"unknown role":           {"create", "--data", data, "--name", "x", "--role", "king"},
		"no name":                {"create", "--data", data, "--role", "admin"},
		"two words":              {"create", "--data", data, "--role", "admin", "--name", "a b"},
		"a rep without address":  {"create", "--data", data, "--role", "rep", "--name", "ivan"},
		"a form without company": {"create", "--data", data, "--role", "form", "--name", "site"},
		"ends before it begins":  {"create", "--data", data, "--role", "admin", "--name", "x", "--expires", "-1h"},
		"an end in a file":       {"create", "--file", file, "--role", "admin", "--name", "x", "--expires", "1h"},
		"revoke what":            {"revoke", "--data", data},
	} {
		t.Run(name, func(*testing.T) { call(exitUsage, args...) })
	}
	call(exitInput, "revoke", "--data", data, "nothing")
	call(exitInput, "list", "--data", filepath.Join(data, "none"))
}
