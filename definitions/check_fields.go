package definitions

import (
	"maps"
	"slices"
)

func (k *checker) checkFields() {
	for _, f := range k.spec.Fields {
		k.checkField("fields."+f.ID, f)
	}
	if id := k.spec.Amount; id != "" && k.known("amount", CodeUnknownField, "field", id, k.fields) {
		if f := k.field(id); f.Type != "" && f.Type != "money" && f.Type != "number" {
			k.src.at("amount", CodeFieldType, "the amount of a deal is money or a number, but %s is of type %s", quote(id), f.Type)
		}
	}
}

func (k *checker) checkField(at string, f Field) {
	switch {
	case f.Type == "choice" && len(f.Options) == 0 && !k.src.has(at+".options"):
		k.src.at(at, CodeMissingKey, "the key %s is missing: a choice needs something to choose from", quote("options"))
	case f.Type != "choice" && f.Type != "" && k.src.has(at+".options"):
		k.src.atKey(at+".options", CodeUselessKey, "options belong to a field of type choice")
	}
	if f.Type != "money" && f.Type != "" && k.src.has(at+".currency") {
		k.src.atKey(at+".currency", CodeUselessKey, "a currency belongs to a field of type money")
	}
	seen := map[string]bool{}
	for i, option := range f.Options {
		if seen[option] {
			k.src.at(index(at+".options", i), CodeDuplicateID, "the option %s is in the list already", quote(option))
		}
		seen[option] = true
	}
}

func (k *checker) field(id string) *Field {
	i := slices.IndexFunc(k.spec.Fields, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &k.spec.Fields[i]
}

func (k *checker) checkQualification() {
	q := k.spec.Qualification
	if q == nil {
		return
	}
	for _, c := range q.Criteria {
		at := "qualification.criteria." + c.ID
		k.src.checkID(at, "criterion", c.ID)
		hasWhen, hasScore := k.src.has(at+".when"), k.src.has(at+".score")
		switch {
		case hasWhen && hasScore:
			k.src.atKey(at+".score", CodeConflict, "when and score are both given: keep when for a yes or no, or score for a number")
		case !hasWhen && !hasScore:
			k.src.at(at, CodeMissingKey, "the criterion asks for nothing: write when for a yes or no, or score for a number")
		}
		if hasScore && k.src.has(at+".weight") {
			k.src.atKey(at+".weight", CodeUselessKey, "a weight belongs to when; a score is a number of its own")
		}
		if k.src.has(at+".weight") && c.Weight <= 0 {
			k.src.at(at+".weight", CodeNumber, "a weight is more than 0: remove a criterion that should not count")
		}
	}
}

func (k *checker) checkRecycle() {
	r := k.spec.Recycle
	if r == nil {
		return
	}
	for i, reason := range r.Reasons {
		k.reason(index("recycle.reasons", i), reason)
	}
	if len(k.stages) > 0 {
		k.known("recycle.to", CodeUnknownStage, "stage", r.To, k.stages)
	}
	if k.src.has("recycle.max") && r.Max < 1 {
		k.src.at("recycle.max", CodeNumber, "a deal comes back at least once, got %d: remove recycle if it should not", r.Max)
	}
	if r.To != "" {
		if i, known := k.place[r.To]; known && k.spec.Stages[i].Won {
			k.src.at("recycle.to", CodeConflict, "a lost deal cannot come back into the won stage %s", quote(r.To))
		}
	}
}

// TaskKinds are the kinds of work that a quota may count.
var TaskKinds = []string{"call", "email", "meeting", "document", "todo"}

func (k *checker) checkQuotas() {
	for _, role := range slices.Sorted(maps.Keys(k.spec.Quotas)) {
		at := "quotas." + role
		if !k.anyRole && !slices.Contains(k.roles, role) {
			k.src.atKey(at, CodeUnknownRole, "unknown role %s%s", quote(role), oneOf(role, k.roles))
		}
		for kind, n := range k.spec.Quotas[role] {
			if !slices.Contains(TaskKinds, kind) {
				k.src.atKey(at+"."+kind, CodeUnknownValue, "unknown kind of task %s%s", quote(kind), oneOf(kind, TaskKinds))
			}
			if n < 0 {
				k.src.at(at+"."+kind, CodeNumber, "a quota is not negative")
			}
		}
	}
}
