package reload

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// deepest is how far below the definitions a file can matter: a company's
// folder, a folder of it, and one more for its documents.
const deepest = 4

// largest is the size from which a file is told apart by its time alone.
const largest = 4 << 20

// stamp sums up the names, sizes and times of everything under a path, so that
// two stamps differ when anything has been touched. Links are followed, as the
// folders of a cluster are mounted by them.
func stamp(path string) string {
	sum := sha256.New()
	walk(path, 0, func(path string, info os.FileInfo) {
		fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano(), info.Mode())
	})
	return string(sum.Sum(nil))
}

// content sums up what a company's folder says. What only its tests and
// simulations read is no part of it.
func content(dir string) string {
	sum := sha256.New()
	tests := filepath.Join(dir, "tests") + string(filepath.Separator)
	walk(dir, 0, func(path string, info os.FileInfo) {
		if info.IsDir() || strings.HasPrefix(path, tests) || filepath.Base(path) == "simulation.yaml" {
			return
		}
		fmt.Fprintln(sum, path, info.Size())
		if info.Size() > largest || !read(sum, path) {
			fmt.Fprintln(sum, info.ModTime().UnixNano())
		}
	})
	return string(sum.Sum(nil))
}

// read adds a file to a sum; false means that it cannot be read now.
func read(sum hash.Hash, path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	_, err = io.Copy(sum, file)
	return err == nil
}

// walk visits a path and what is under it, in the order of the names. Hidden
// files are left out, and with them the history of a repository; so are the
// copies that editors make.
func walk(path string, depth int, visit func(path string, info os.FileInfo)) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	visit(path, info)
	if !info.IsDir() || depth == deepest {
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !passing(entry.Name()) {
			walk(filepath.Join(path, entry.Name()), depth+1, visit)
		}
	}
}

// passing reports whether a name is that of a hidden file or an editor's copy.
func passing(name string) bool { return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") }

// folders lists the folders under a path, itself included.
func folders(path string) []string {
	var dirs []string
	walk(path, 0, func(path string, info os.FileInfo) {
		if info.IsDir() {
			dirs = append(dirs, path)
		}
	})
	return dirs
}
