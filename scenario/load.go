package scenario

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// folder is where a company keeps its scenarios.
const folder = "tests"

// Load reads and checks every scenario of a company's folder. It returns those
// without a fault, in the order of their files, and every fault of the others.
func Load(c *definitions.Company) ([]*Scenario, definitions.Diagnostics) {
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, definitions.Diagnostics{unreadable(c.Dir, err)}
	}
	defer root.Close()
	return LoadFS(root.FS(), c)
}

// LoadFS is Load for a company whose files are in fsys.
func LoadFS(fsys fs.FS, c *definitions.Company) ([]*Scenario, definitions.Diagnostics) {
	entries, err := fs.ReadDir(fsys, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, definitions.Diagnostics{unreadable(filepath.Join(c.Dir, folder), err)}
	}
	var scenarios []*Scenario
	var faults definitions.Diagnostics
	for _, entry := range entries {
		name := entry.Name()
		if ext := path.Ext(name); strings.HasPrefix(name, ".") || (ext != ".yaml" && ext != ".yml") {
			continue
		}
		s, found := read(fsys, c, path.Join(folder, name))
		faults = append(faults, found...)
		if !found.HasErrors() {
			scenarios = append(scenarios, s)
		}
	}
	return scenarios, faults
}

func unreadable(place string, err error) definitions.Diagnostic {
	return definitions.Diagnostic{
		Path: place, Line: 1, Col: 1, Code: definitions.CodeUnreadableFile, Severity: definitions.SeverityError,
		Message: fmt.Sprintf("cannot read the folder of scenarios: %v", err),
	}
}

func read(fsys fs.FS, c *definitions.Company, name string) (*Scenario, definitions.Diagnostics) {
	s := &Scenario{Path: filepath.Join(c.Dir, filepath.FromSlash(name))}
	file := definitions.ReadFile(fsys, c.Dir, name, s)
	if faults := file.Faults(); faults.HasErrors() {
		return nil, faults
	}
	k := &checker{file: file, company: c, scenario: s}
	k.check()
	return s, file.Faults()
}

// checker looks whether the names in a scenario exist, and places its steps in
// time and in the file.
type checker struct {
	file     *definitions.File
	company  *definitions.Company
	scenario *Scenario
	process  *definitions.Process
	at       string // the path of the step being checked
}

func (k *checker) fault(path string, code definitions.Code, format string, args ...any) {
	k.file.Fault(path, code, format, args...)
}

func (k *checker) check() {
	s := k.scenario
	if len(s.Steps) == 0 {
		k.fault("steps", definitions.CodeMissingKey, "a scenario needs a step: begin with one that has `mail`")
		return
	}
	if !k.findProcess() {
		return
	}
	for i := range s.Steps {
		k.at = fmt.Sprintf("steps[%d]", i)
		step := &s.Steps[i]
		step.Line, _ = k.file.Place(k.at)
		step.Moment = k.moment(i)
		k.events(step)
		k.opens(i, step)
		if step.Expect != nil {
			k.expect(step)
		}
	}
}

func (k *checker) findProcess() bool {
	s := k.scenario
	var ids []string
	for _, p := range k.company.Processes {
		ids = append(ids, p.Process)
	}
	if s.Process == "" && len(ids) == 1 {
		s.Process = ids[0]
	}
	if k.process = k.company.Process(s.Process); k.process != nil {
		return true
	}
	if s.Process == "" {
		k.fault("", definitions.CodeMissingKey, "the key \"process\" is missing: the company has %d of them: %s", len(ids), strings.Join(ids, ", "))
		return false
	}
	k.fault("process", definitions.CodeUnknownProcess, "there is no process %q%s", s.Process, definitions.OneOf(s.Process, ids))
	return false
}

// momentForms are the ways a moment may be written.
var momentForms = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.DateOnly}

func (k *checker) parseMoment(text Text) (time.Time, bool) {
	zone := k.company.Calendar.Location()
	for _, form := range momentForms {
		if t, err := time.ParseInLocation(form, string(text), zone); err == nil {
			return t, true
		}
	}
	if t, err := time.Parse(time.RFC3339, string(text)); err == nil {
		return t.In(zone), true
	}
	return time.Time{}, false
}

// moment is when the step happens.
func (k *checker) moment(i int) time.Time {
	step := &k.scenario.Steps[i]
	var before time.Time
	if i > 0 {
		before = k.scenario.Steps[i-1].Moment
	}
	switch {
	case step.At != "" && step.After != nil:
		k.fault(k.at+".after", definitions.CodeConflict, "a step has `at` or `after`, not both")
	case step.At != "":
		t, ok := k.parseMoment(step.At)
		if !ok {
			k.fault(k.at+".at", definitions.CodeDate, "%q is no moment: write it as 2026-03-02T10:00", step.At)
		} else if t.Before(before) {
			k.fault(k.at+".at", definitions.CodeDate, "the moment lies before the step before it, which is at %s: time runs forward", before.Format("2006-01-02T15:04"))
		}
		return t
	case i == 0:
		k.fault(k.at, definitions.CodeMissingKey, "the first step needs the key \"at\", such as 2026-03-02T10:00")
	case step.After != nil:
		return k.company.Calendar.Add(before, *step.After)
	}
	return before
}

// opens checks that the first step opens the deal, and no other does.
func (k *checker) opens(i int, step *Step) {
	opening := step.Mail != nil || step.Open != nil
	switch {
	case i == 0 && !opening:
		k.fault(k.at, definitions.CodeMissingKey, "the first step needs the key \"mail\" (or \"open\"): it brings the lead")
	case i > 0 && step.Mail != nil:
		k.fault(k.at+".mail", definitions.CodeConflict, "the deal is open already: the client's next message is a `reply`")
	case i > 0 && step.Open != nil:
		k.fault(k.at+".open", definitions.CodeConflict, "the deal is open already")
	case step.Mail != nil && step.Open != nil:
		k.fault(k.at+".open", definitions.CodeConflict, "a deal is opened by `mail` or by `open`, not both")
	case i == 0 && !step.events[0].opens:
		k.fault(k.at, definitions.CodeConflict, "nothing can happen before the deal is open: write `mail` first")
	}
}
