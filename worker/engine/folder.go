package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.temporal.io/server/schema/sqlite"
)

const versionFile = "engine.json"

// stamp is what engine.json records of the server that made temporal.db.
type stamp struct {
	Server     string `json:"server"`
	Schema     string `json:"schema"`
	Visibility string `json:"visibility"`
}

// own is the stamp of the server in this binary.
var own = stamp{Server: Version, Schema: sqlite.Version, Visibility: sqlite.VisibilityVersion}

// reads reports whether the server of this stamp can open what the other one wrote. Temporal cannot migrate a SQLite
// file; its schema changes between minor versions, not within one.
func (s stamp) reads(other stamp) bool {
	return minor(s.Server) == minor(other.Server) && s.Schema == other.Schema && s.Visibility == other.Visibility
}

// minor is the version without its patch number.
func minor(version string) string {
	if dot := strings.LastIndexByte(version, '.'); dot >= 0 {
		return version[:dot]
	}
	return version
}

// VersionError says that a data folder was written by a Temporal server of another version.
type VersionError struct {
	// Dir is the data folder.
	Dir string
	// Found is the version that wrote it, empty when the folder does not say.
	Found string
	// Want is the version of the engine that was asked to open it.
	Want string
}

// Error says which versions there are and what to do.
func (e *VersionError) Error() string {
	found := "Temporal " + e.Found
	if e.Found == "" {
		found = "a Temporal server of unknown version (" + versionFile + " is missing or unreadable)"
	}
	return fmt.Sprintf("data folder %s: %s was written by %s, this program embeds Temporal %s, which cannot read it. "+
		"No deal is lost, they are in dealwright.db: move %s, and %s-wal if it is there, out of the folder "+
		"and run `dealwright rehydrate` to start their workflows again",
		e.Dir, databaseFile, found, e.Want, databaseFile, databaseFile)
}

// openFolder leaves a data folder with a database that this engine can open, or as it was.
func openFolder(ctx context.Context, dir string) error {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	switch {
	case err == nil:
		return checkVersion(dir)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("data folder %s: %w", dir, err)
	}
	// SQLite would play a log that stayed behind into the new file.
	for _, left := range []string{databaseFile + "-wal", databaseFile + "-journal"} {
		if _, err := os.Lstat(filepath.Join(dir, left)); err == nil {
			return fmt.Errorf("data folder %s: %s belongs to a %s that is no longer here: move it to where that file went", dir, left, databaseFile)
		}
	}
	if err := fillFolder(ctx, dir); err != nil {
		return fmt.Errorf("data folder %s: set up Temporal's database: %w: check that the folder can be written to and that its disk has space", dir, err)
	}
	return nil
}

// fillFolder gives the database its name last: a crash before that leaves a folder in which all is made anew.
func fillFolder(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := makeDatabase(ctx, dir); err != nil {
		return err
	}
	if err := writeStamp(dir); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(dir, unfinishedFile)))
	}
	return rename(dir, unfinishedFile, databaseFile)
}

func checkVersion(dir string) error {
	found, err := readStamp(dir)
	if err != nil {
		return fmt.Errorf("data folder %s: %w", dir, err)
	}
	if !own.reads(found) {
		return &VersionError{Dir: dir, Found: found.Server, Want: own.Server}
	}
	if found == own {
		return nil
	}
	if err := writeStamp(dir); err != nil {
		return fmt.Errorf("data folder %s: record the version of Temporal: %w", dir, err)
	}
	return nil
}

// readStamp answers with an empty stamp when there is none that can be understood.
func readStamp(dir string) (stamp, error) {
	content, err := os.ReadFile(filepath.Join(dir, versionFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return stamp{}, err
	}
	var found stamp
	if json.Unmarshal(content, &found) != nil {
		return stamp{}, nil
	}
	return found, nil
}

func writeStamp(dir string) error {
	content, err := json.Marshal(own)
	if err != nil {
		return err
	}
	unfinished := versionFile + ".new"
	if err := writeWhole(filepath.Join(dir, unfinished), append(content, '\n')); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(dir, unfinished)))
	}
	return rename(dir, unfinished, versionFile)
}

// writeWhole returns when the content is on the disk.
func writeWhole(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// rename puts a finished file in its place and the new name on the disk.
func rename(dir, from, to string) error {
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
