package definitions

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const companyFileName = "company.yaml"

// Load reads, checks and compiles one company folder. It returns every fault of
// every file, sorted; where one of them is an error, the company is nil.
func Load(dir string) (*Company, Diagnostics) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Diagnostics{pathFault(dir, err)}
	}
	defer root.Close()
	return LoadFS(root.FS(), dir)
}

// LoadFS is Load for a company whose files are in fsys; dir is how diagnostics
// call the place.
func LoadFS(fsys fs.FS, dir string) (*Company, Diagnostics) {
	l := &loader{fsys: fsys, dir: dir, limit: maxFileBytes}
	company := l.company()
	found := l.diags.sorted()
	if found.HasErrors() {
		return nil, found
	}
	return company, found
}

// LoadAll loads the company folder that path is, or every one in the folder
// that path is, or the one that the file path belongs to.
func LoadAll(path string) ([]*Company, Diagnostics) {
	dirs, faults := Folders(path)
	var companies []*Company
	places := map[string]string{}
	for _, dir := range dirs {
		company, found := Load(dir)
		faults = append(faults, found...)
		if company == nil {
			continue
		}
		if other, twice := places[company.ID]; twice {
			faults = append(faults, Diagnostic{
				Path: filepath.Join(dir, companyFileName), Line: 1, Col: 1, Code: CodeDuplicateID, Severity: SeverityError,
				Message: "the company " + quote(company.ID) + " is in " + other + " already: give one of them another id",
			})
			continue
		}
		places[company.ID] = dir
		companies = append(companies, company)
	}
	return companies, faults.sorted()
}

// Folders finds the company folders that a path stands for: itself, those in
// it, or the one that the file belongs to.
func Folders(path string) ([]string, Diagnostics) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, Diagnostics{pathFault(path, err)}
	}
	if !info.IsDir() {
		dir := filepath.Dir(path)
		for range 2 {
			if isCompany(dir) {
				return []string{dir}, nil
			}
			dir = filepath.Join(dir, "..")
		}
		return nil, Diagnostics{missing(path, "the file belongs to no company: there is no "+companyFileName+" beside it or one folder up")}
	}
	if isCompany(path) {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, Diagnostics{pathFault(path, err)}
	}
	var dirs []string
	for _, entry := range entries {
		dir := filepath.Join(path, entry.Name())
		// Stat follows the links by which folders are mounted.
		if info, err := os.Stat(dir); err == nil && info.IsDir() && !strings.HasPrefix(entry.Name(), ".") && isCompany(dir) {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		return nil, Diagnostics{missing(filepath.Join(path, companyFileName), "there is no company here: neither "+companyFileName+" nor a folder with one")}
	}
	return dirs, nil
}

// isCompany reports whether the folder is meant to be a company's.
func isCompany(dir string) bool {
	for _, name := range []string{companyFileName, "company.yml", "processes"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

func missing(path, message string) Diagnostic {
	return Diagnostic{Path: path, Line: 1, Col: 1, Message: message, Code: CodeMissingFile, Severity: SeverityError}
}

func pathFault(path string, err error) Diagnostic {
	if errors.Is(err, fs.ErrNotExist) {
		return missing(path, "there is no such file or folder")
	}
	return Diagnostic{Path: path, Line: 1, Col: 1, Message: "cannot read it: " + innermost(err).Error(), Code: CodeUnreadableFile, Severity: SeverityError}
}

// loader reads one company folder.
type loader struct {
	fsys  fs.FS
	dir   string
	limit int64
	files int
	diags Diagnostics
}

// text opens a file of the folder; nil means that its fault is reported.
func (l *loader) text(name string) *source {
	s := &source{path: filepath.Join(l.dir, filepath.FromSlash(name)), places: map[string]place{}, broken: map[position]bool{}, sink: &l.diags}
	if l.files++; l.files > maxFiles {
		if l.files == maxFiles+1 {
			s.fault(position{1, 1}, CodeFileTooLarge, "the company has more than %d files: look whether they belong here", maxFiles)
		}
		return nil
	}
	text, fault := readText(l.fsys, name, l.limit)
	s.text = text
	if fault != nil {
		s.fault(position{fault.line, fault.col}, fault.code, "%s", fault.message)
		return nil
	}
	return s
}

// yaml opens a file of YAML and decodes it into out.
func (l *loader) yaml(name string, out any) *source {
	s := l.text(name)
	if s == nil || !s.parse(s.text, out) {
		return nil
	}
	return s
}

// parse reads YAML, from a part of the file's text, into out; false means that
// what was read is nothing to check further.
func (s *source) parse(text string, out any) bool {
	root, fault := parseYAML(text)
	if fault != nil {
		s.fault(position{fault.line + s.offset, fault.col}, fault.code, "%s", fault.message)
		return false
	}
	s.root = root
	s.places[""] = place{value: root}
	d := &decoder{src: s}
	d.decode(out)
	return !d.spent()
}

// list names the files of a folder that have one of the extensions, hidden and
// half-saved ones left out.
func (l *loader) list(folder string, extensions ...string) []string {
	entries, err := fs.ReadDir(l.fsys, folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s := &source{path: filepath.Join(l.dir, folder), sink: &l.diags}
		s.fault(position{1, 1}, CodeUnreadableFile, "cannot read the folder: %v", innermost(err))
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && slices.Contains(extensions, path.Ext(name)) {
			names = append(names, path.Join(folder, name))
		}
	}
	return names
}
