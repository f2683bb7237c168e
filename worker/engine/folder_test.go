package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderOfAnotherVersion(t *testing.T) {
	cases := []struct {
		name, stamp, found string
	}{
		{"an older minor", `{"server":"1.31.2","schema":"` + own.Schema + `","visibility":"` + own.Visibility + `"}`, "1.31.2"},
		{"a newer minor", `{"server":"1.33.0","schema":"` + own.Schema + `","visibility":"` + own.Visibility + `"}`, "1.33.0"},
		{"another schema", `{"server":"` + own.Server + `","schema":"0.10","visibility":"` + own.Visibility + `"}`, own.Server},
		{"no stamp", "", ""},
		{"a broken stamp", `{"server":`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, databaseFile, "kept")
			if c.stamp != "" {
				write(t, dir, versionFile, c.stamp)
			}
			_, err := Start(t.Context(), Options{Dir: dir})
			var version *VersionError
			if !errors.As(err, &version) {
				t.Fatalf("got %v", err)
			}
			if version.Found != c.found || version.Want != Version || version.Dir != dir {
				t.Errorf("got %+v", version)
			}
			for _, part := range []string{c.found, Version, dir, databaseFile, "dealwright.db", "dealwright rehydrate"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if got := read(t, dir, databaseFile); got != "kept" {
				t.Errorf("the file was touched: %q", got)
			}
		})
	}
}

func TestAnotherPatchOfTheMinorOpens(t *testing.T) {
	dir := t.TempDir()
	if err := openFolder(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	patched := own
	patched.Server = minor(Version) + ".99"
	write(t, dir, versionFile, `{"server":"`+patched.Server+`","schema":"`+own.Schema+`","visibility":"`+own.Visibility+`"}`)
	if err := openFolder(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if found, err := readStamp(dir); err != nil || found != own {
		t.Errorf("the folder is stamped %+v, %v", found, err)
	}
}

func TestTheWayOutOfAVersionError(t *testing.T) {
	dir := t.TempDir()
	first := mustStart(t, dir)
	first.Stop()
	write(t, dir, versionFile, `{"server":"1.31.2"}`)
	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil {
		t.Fatal("a folder of another version was opened")
	}
	for _, file := range []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm"} {
		err := os.Rename(filepath.Join(dir, file), filepath.Join(t.TempDir(), file))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	second := mustStart(t, dir)
	defer second.Stop()
	if found, err := readStamp(dir); err != nil || found != own {
		t.Errorf("the folder is stamped %+v, %v", found, err)
	}
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedSetupIsDoneAnew(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, unfinishedFile, "half a schema")
	write(t, dir, unfinishedFile+"-journal", "of it")
	write(t, dir, versionFile, `{"server":"1.31.2"}`)
	if err := openFolder(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(t, dir), " "); got != versionFile+" "+databaseFile {
		t.Errorf("the folder holds %s", got)
	}
	info, err := os.Stat(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the database: %s", info.Mode())
	}
}

func TestALogWithoutItsFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, databaseFile+"-wal", "of a file that was moved")
	err := openFolder(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), databaseFile+"-wal belongs to") {
		t.Errorf("got %v", err)
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	parent := t.TempDir()
	write(t, parent, "file", "in the way")
	dir := filepath.Join(parent, "file", "data")
	for name, open := range map[string]func() error{
		"start": func() error { _, err := Start(t.Context(), Options{Dir: dir}); return err },
		"lock":  func() error { _, err := Lock(dir); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if err := open(); err == nil || !strings.Contains(err.Error(), dir) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}
