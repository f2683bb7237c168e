package simulate

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/dealwright/dealwright/definitions"
)

// LoadFS is Load for a company whose files are in fsys.
func LoadFS(fsys fs.FS, c *definitions.Company) (*Settings, definitions.Diagnostics) {
	s := &Settings{}
	if _, err := fs.Stat(fsys, settingsFile); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	file := definitions.ReadFile(fsys, c.Dir, settingsFile, s)
	if found := file.Faults(); found.HasErrors() {
		return nil, found
	}
	k := &settingsChecker{file: file, company: c, settings: s}
	k.check()
	if found := file.Faults(); found.HasErrors() {
		return nil, found
	}
	return s, file.Faults()
}

// settingsChecker looks whether the names exist and the numbers can be.
type settingsChecker struct {
	file     *definitions.File
	company  *definitions.Company
	settings *Settings
}

func (k *settingsChecker) check() {
	s := k.settings
	k.positive("leads_per_week", s.LeadsPerWeek)
	k.positive("length.spread", s.Length.Spread)
	if m := s.Length.Median; m != nil && m.IsZero() {
		k.file.Fault("length.median", definitions.CodeDuration, "a sale takes some time: write a duration such as 3w")
	}
	if c := s.Team.Capacity; c != nil && *c == 0 {
		k.file.Fault("team.capacity", definitions.CodePercent, "people without any time finish nothing: write a capacity above 0%%")
	}
	p := k.process()
	if p == nil {
		return
	}
	var stages, fields []string
	for _, st := range p.Stages {
		stages = append(stages, st.ID)
	}
	for _, f := range p.Fields {
		fields = append(fields, f.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(s.Stages)) {
		if !slices.Contains(stages, id) {
			k.file.Fault("stages."+id, definitions.CodeUnknownStage, "there is no stage %q%s", id, definitions.OneOf(id, stages))
		}
		k.positive("stages."+id+".share", s.Stages[id].Share)
	}
	for _, id := range slices.Sorted(maps.Keys(s.Fields)) {
		if f := p.Field(id); f != nil {
			k.values("fields."+id, f, s.Fields[id])
		} else {
			k.file.Fault("fields."+id, definitions.CodeUnknownField, "there is no field %q%s", id, definitions.OneOf(id, fields))
		}
	}
}

func (k *settingsChecker) positive(path string, n *float64) {
	if n != nil && *n <= 0 {
		k.file.Fault(path, definitions.CodeNumber, "a number above 0 is expected here, got %v", *n)
	}
}

// process is the one that the settings are of.
func (k *settingsChecker) process() *definitions.Process {
	var ids []string
	for _, p := range k.company.Processes {
		ids = append(ids, p.Process)
	}
	if k.settings.Process == "" && len(ids) == 1 {
		return k.company.Processes[0]
	}
	p := k.company.Process(k.settings.Process)
	switch {
	case p != nil:
	case k.settings.Process != "":
		k.file.Fault("process", definitions.CodeUnknownProcess, "there is no process %q%s", k.settings.Process, definitions.OneOf(k.settings.Process, ids))
	case len(k.settings.Stages)+len(k.settings.Fields) > 0:
		k.file.Fault("", definitions.CodeMissingKey, "the company has %d processes: write which one the stages and fields are of, as `process`", len(ids))
	}
	return p
}

// values checks that a field can hold what it is filled with.
func (k *settingsChecker) values(path string, f *definitions.Field, v Values) {
	number := f.Type == definitions.TypeNumber || f.Type == definitions.TypeMoney
	wrong := func(key string, given, fits bool, want string) {
		if given && !fits {
			k.file.Fault(path+"."+key, definitions.CodeUselessKey, "%s belongs to a field of type %s, and %q is of type %s", key, want, f.ID, f.Type)
		}
	}
	wrong("options", v.Options != nil, f.Type == definitions.TypeChoice, "choice")
	wrong("yes", v.True != nil, f.Type == definitions.TypeBool, "bool")
	wrong("median", v.Median != nil, number, "number or money")
	wrong("from", v.From != nil, number, "number or money")
	if f.Compute != nil {
		k.file.Fault(path, definitions.CodeComputedField, "the field %q is computed: say what the fields that it is computed from are filled with", f.ID)
	}
	k.positive(path+".median", v.Median)
	k.positive(path+".spread", v.Spread)
	if (v.From == nil) != (v.To == nil) || (v.From != nil && *v.From > *v.To) {
		k.file.Fault(path, definitions.CodeMissingKey, "write both from and to, the smaller one first")
	}
	sum := 0.0
	for _, option := range slices.Sorted(maps.Keys(v.Options)) {
		if !slices.Contains(f.Options, option) {
			k.file.Fault(path+".options."+option, definitions.CodeUnknownValue, "the field has no option %q%s", option, definitions.OneOf(option, f.Options))
		}
		if v.Options[option] < 0 {
			k.file.Fault(path+".options."+option, definitions.CodeNumber, "a weight cannot be below 0")
		}
		sum += v.Options[option]
	}
	if v.Options != nil && sum <= 0 {
		k.file.Fault(path+".options", definitions.CodeNumber, "one of the options needs a weight above 0")
	}
}

// of is the settings as far as they are of that process.
func (s *Settings) of(p *definitions.Process) *Settings {
	if s == nil {
		return &Settings{}
	}
	if s.Process == "" || s.Process == p.Process {
		return s
	}
	general := *s
	general.Stages, general.Fields = nil, nil
	return &general
}

// validate refuses numbers that no simulation can have.
func (c Config) validate() error {
	switch {
	case c.Days < 1 || c.Days > 3660:
		return fmt.Errorf("simulate: %d days: want 1 to 3660", c.Days)
	case c.Runs < 1 || c.Runs > 10_000:
		return fmt.Errorf("simulate: %d runs: want 1 to 10000", c.Runs)
	case c.LeadsPerWeek < 0 || c.LeadsPerWeek > 100_000:
		return fmt.Errorf("simulate: %v leads per week: want at most 100000", c.LeadsPerWeek)
	case c.Deals < 0:
		return fmt.Errorf("simulate: %d deals: want 0 for no limit, or more", c.Deals)
	}
	return nil
}
