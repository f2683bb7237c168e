package definitions

import (
	"errors"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	validSlug = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	validID   = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$`)
)

const longestID = 64

// index is the path of an item of a list.
func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// checkSlug checks an id that stands in URLs.
func (s *source) checkSlug(at, id string) {
	if !validSlug.MatchString(id) || len(id) > longestID {
		s.at(at, CodeID, "%s is no id: use lower-case letters, digits and hyphens, %d at most", quote(id), longestID)
	}
}

// checkID checks an id within a file. What stands at the path may be the id
// itself or what the id is the key of.
func (s *source) checkID(at, what, id string, reserved ...string) bool {
	report := s.atKey
	if strings.HasSuffix(at, ".id") {
		report = s.at
	}
	switch {
	case !validID.MatchString(id) || len(id) > longestID:
		report(at, CodeID, "%s is no id: use lower-case letters, digits, hyphens and underscores, %d at most", quote(id), longestID)
	case slices.Contains(reserved, id):
		report(at, CodeID, "a %s cannot be called %s, which means something else: give it another id", what, quote(id))
	default:
		return true
	}
	return false
}

// checkEmail checks a bare address.
func (s *source) checkEmail(at, email string) bool {
	if a, err := parseAddress(email); err == nil && a.Name == "" && a.Email == email {
		return true
	}
	if s.has(at) && email != "" {
		s.at(at, CodeAddress, "%s is no address: write it as anna@example.com", quote(email))
	}
	return false
}

// parseAddress reads an address with or without a name.
func parseAddress(text string) (Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return Address{}, err
	}
	if strings.ContainsAny(a.Name+a.Address, "\r\n") {
		return Address{}, errors.New("an address stands on one line")
	}
	return Address{Name: a.Name, Email: a.Address}, nil
}

// check runs every check of a process that looks at more than one value, then
// compiles it, and adds it to the company.
func (l *loader) check(d *draft, c *Company, withCompany bool) {
	k := &checker{src: d.src, spec: d.spec, company: c}
	if withCompany {
		for _, r := range c.Roles {
			k.roles = append(k.roles, r.ID)
		}
	} else {
		k.anyRole = true
	}
	k.run()
	l.compile(d, c)
}

// checker looks for faults of a process as a whole.
type checker struct {
	src     *source
	spec    *Spec
	company *Company
	roles   []string
	anyRole bool // company.yaml could not be read: nothing is known of roles

	stages, fields, reasons, ladders, documents []string
	usedReasons, usedLadders                    map[string]bool
	place                                       map[string]int // of each stage in the file, by its id
	twins                                       bool           // two stages have the same id
	flow                                        *flow
}

func (k *checker) run() {
	s := k.spec
	if s.Process != "" {
		k.src.checkSlug("process", s.Process)
	}
	k.usedReasons, k.usedLadders = map[string]bool{}, map[string]bool{}
	for _, f := range s.Fields {
		k.fields = append(k.fields, f.ID)
	}
	for _, r := range s.LostReasons {
		k.reasons = append(k.reasons, r.ID)
		k.src.checkID("lost_reasons."+r.ID, "reason", r.ID)
	}
	for name := range s.Escalations {
		k.ladders = append(k.ladders, name)
	}
	slices.Sort(k.ladders)
	k.stageIDs()
	k.flow = k.newFlow()
	k.checkFields()
	k.checkQualification()
	k.checkDefaults()
	k.namedLadders()
	for i := range s.Stages {
		k.checkStage(index("stages", i), &s.Stages[i])
	}
	k.checkFlow()
	k.checkRecycle()
	k.checkQuotas()
	k.checkUnused()
}

// stageIDs collects the ids of the stages and checks them.
func (k *checker) stageIDs() {
	if len(k.spec.Stages) == 0 && k.src.has("stages") {
		k.src.at("stages", CodeNoStages, "the process has no stage: a deal needs one to be in")
	}
	k.place = make(map[string]int, len(k.spec.Stages))
	for i, stage := range k.spec.Stages {
		at := index("stages", i) + ".id"
		for _, d := range stage.Documents {
			k.documents = append(k.documents, d.ID)
		}
		if stage.ID == "" {
			continue
		}
		k.src.checkID(at, "stage", stage.ID, endDone, endWon, endLost)
		if _, twice := k.place[stage.ID]; twice {
			k.src.at(at, CodeDuplicateID, "there is a stage %s already: give one of them another id", quote(stage.ID))
			k.twins = true
			continue
		}
		k.place[stage.ID] = i
		k.stages = append(k.stages, stage.ID)
	}
}

// Ends of a deal, where a move may lead as to a stage.
const (
	endDone = "done"
	endWon  = "won"
	endLost = "lost"
)

// known checks that a name is in a list.
func (k *checker) known(at string, code Code, what, name string, names []string) bool {
	if name == "" || slices.Contains(names, name) {
		return true
	}
	k.src.at(at, code, "unknown %s %s%s", what, quote(name), oneOf(name, names))
	return false
}

func (k *checker) role(at, name string, others ...string) {
	if k.anyRole || slices.Contains(others, name) {
		return
	}
	k.known(at, CodeUnknownRole, "role", name, slices.Concat(others, k.roles))
}

func (k *checker) reason(at, name string) {
	if !k.known(at, CodeUnknownReason, "reason", name, k.reasons) {
		name, _ = closest(name, k.reasons)
	}
	k.usedReasons[name] = true
}

func (k *checker) fieldIDs(at string, ids []string) {
	for i, id := range ids {
		k.known(index(at, i), CodeUnknownField, "field", id, k.fields)
	}
}

func (k *checker) checkUnused() {
	if len(k.spec.Stages) == 0 {
		return
	}
	for _, id := range k.reasons {
		if !k.usedReasons[id] {
			k.src.atKey("lost_reasons."+id, CodeUnusedReason, "nothing loses a deal for the reason %s by itself; people may still choose it", quote(id))
		}
	}
	for _, name := range k.ladders {
		if !k.usedLadders[name] {
			k.src.atKey("escalations."+name, CodeUnusedLadder, "no stage and no task uses the ladder %s", quote(name))
		}
	}
}
