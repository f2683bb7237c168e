package scenario

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dealwright/dealwright/definitions"
)

// known reports a name that is given and that nothing in the process bears.
func (k *checker) known(path string, code definitions.Code, what, got string, names []string) {
	if got != "" && !slices.Contains(names, got) {
		k.fault(k.at+"."+path, code, "there is no %s %q%s", what, got, definitions.OneOf(got, names))
	}
}

func (k *checker) stages() []string {
	var ids []string
	for _, st := range k.process.Stages {
		ids = append(ids, st.ID)
	}
	return ids
}

func (k *checker) stage(path, id string) {
	if slices.Contains([]string{"won", "lost", "done"}, id) {
		k.fault(k.at+"."+path, definitions.CodeUnknownStage, "%s is no stage: write `status` (and `closed: true` for done)", id)
		return
	}
	k.known(path, definitions.CodeUnknownStage, "stage", id, k.stages())
}

func (k *checker) task(path, id string) {
	var ids []string
	for _, st := range k.process.Stages {
		for _, t := range st.Tasks {
			ids = append(ids, t.ID)
		}
	}
	k.known(path, definitions.CodeUnknownTask, "task", id, ids)
}

func (k *checker) document(path, id string) {
	var ids []string
	for _, st := range k.process.Stages {
		for _, d := range st.Documents {
			ids = append(ids, d.ID)
		}
	}
	k.known(path, definitions.CodeUnknownDocument, "document", id, ids)
}

func (k *checker) reason(path, id string) {
	var ids []string
	for _, r := range k.process.LostReasons {
		ids = append(ids, r.ID)
	}
	k.known(path, definitions.CodeUnknownReason, "reason", id, ids)
}

func (k *checker) member(path, email string) {
	if email == "" {
		return
	}
	var emails []string
	for _, r := range k.company.Roles {
		for _, m := range r.Members {
			emails = append(emails, m.Email)
		}
	}
	if !slices.Contains(emails, email) {
		k.fault(k.at+"."+path, definitions.CodeAddress, "nobody of the team has the address %q%s", email, definitions.OneOf(email, emails))
	}
}

func (k *checker) fields(path string, fields map[string]Scalar) {
	var ids []string
	for _, f := range k.process.Fields {
		ids = append(ids, f.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(ids, id) {
			k.file.KeyFault(k.at+"."+path+"."+id, definitions.CodeUnknownField, "there is no field %q%s", id, definitions.OneOf(id, ids))
		}
	}
}

// expect checks the names of an expectation and remembers where its keys stand.
func (k *checker) expect(step *Step) {
	e := step.Expect
	step.lines = map[string]int{}
	for _, key := range keys {
		if path := k.at + ".expect." + key; k.file.Has(path) {
			step.lines[key], _ = k.file.Place(path)
		}
	}
	k.stage("expect.stage", e.Stage)
	if e.Owner != nil {
		k.member("expect.owner", *e.Owner)
	}
	if e.Reason != nil {
		k.reason("expect.reason", *e.Reason)
	}
	k.fields("expect.fields", e.Fields)
	for i, id := range e.Documents {
		k.document(fmt.Sprintf("expect.documents[%d]", i), id)
	}
	for i, email := range e.Notified {
		k.member(fmt.Sprintf("expect.notified[%d]", i), email)
	}
	letters := slices.Sorted(maps.Keys(k.process.Letters))
	for i, id := range e.Sent {
		k.known(fmt.Sprintf("expect.sent[%d]", i), definitions.CodeUnknownLetter, "letter", id, letters)
	}
	if e.Tasks == nil {
		return
	}
	for i, id := range e.Tasks.Open {
		k.task(fmt.Sprintf("expect.tasks[%d]", i), id)
	}
	for _, id := range slices.Sorted(maps.Keys(e.Tasks.Status)) {
		k.task("expect.tasks."+id, id)
	}
}
