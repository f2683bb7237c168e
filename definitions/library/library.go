// Package library holds the sales processes that ship with the product. Each is
// a company folder, complete and ready to run, and a start for one's own.
package library

import (
	"embed"
	"io/fs"
)

// FS holds a folder for each company, named as in [Names].
//
//go:embed classic classic-en corporate funnel ppvvc retail-kitchen
var FS embed.FS

// Names lists the companies, sorted.
func Names() []string {
	entries, err := fs.ReadDir(FS, ".")
	if err != nil {
		panic(err) // the root of an embedded file system can always be read
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}
