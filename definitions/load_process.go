package definitions

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// draft is a process that is read and not yet compiled.
type draft struct {
	src     *source
	spec    *Spec
	letters map[string]*letterFile // those it sends
	files   map[string]*source     // playbooks and templates, by the path that names them
}

// letterFile is one file under letters/.
type letterFile struct {
	src    *source
	letter Letter
	used   bool
}

var processExtensions = []string{".yaml", ".yml"}

// processes reads every file under processes/ and the files that they name.
func (l *loader) processes(letters map[string]*letterFile) []*draft {
	var drafts []*draft
	places := map[string]string{}
	for _, name := range l.list("processes", processExtensions...) {
		spec := &Spec{}
		src := l.yaml(name, spec)
		if src == nil {
			continue
		}
		d := &draft{src: src, spec: spec, letters: map[string]*letterFile{}, files: map[string]*source{}}
		if other, twice := places[spec.Process]; twice && spec.Process != "" {
			src.at("process", CodeDuplicateID, "the process %s is in %s already: give one of them another id", quote(spec.Process), other)
			continue
		}
		places[spec.Process] = name
		l.attachLetters(d, letters)
		attachDocuments(d)
		l.attachFiles(d)
		drafts = append(drafts, d)
	}
	return drafts
}

// attachLetters gives the process the letters that it sends.
func (l *loader) attachLetters(d *draft, letters map[string]*letterFile) {
	d.spec.Letters = map[string]*Letter{}
	for i, stage := range d.spec.Stages {
		if stage.Sequence == nil {
			continue
		}
		for j, step := range stage.Sequence.Steps {
			if step.Send == "" {
				continue
			}
			f, found := letters[step.Send]
			if !found {
				known := slices.Sorted(maps.Keys(letters))
				d.src.at(index(index("stages", i)+".sequence.steps", j)+".send", CodeUnknownLetter,
					"there is no letter %s: write it to letters/%s.md%s", quote(step.Send), path.Base(step.Send), didYouMean(step.Send, known))
				if meant, ok := closest(step.Send, known); ok && letters[meant] != nil {
					letters[meant].used = true
				}
				continue
			}
			if f == nil {
				continue // it could not be read, and that is reported
			}
			f.used = true
			d.letters[step.Send] = f
			d.spec.Letters[step.Send] = &f.letter
		}
	}
}

// attachDocuments checks that a process has the documents that its letters
// take along.
func attachDocuments(d *draft) {
	var known []string
	for _, stage := range d.spec.Stages {
		for _, document := range stage.Documents {
			known = append(known, document.ID)
		}
	}
	for _, f := range d.letters {
		for i, id := range f.letter.Attach {
			if !slices.Contains(known, id) {
				f.src.at(index("attach", i), CodeUnknownDocument, "the process %s sends this letter and has no document %s%s",
					quote(d.spec.Process), quote(id), oneOf(id, known))
			}
		}
	}
}

// attachFiles gives the process its playbooks and the templates of its documents.
func (l *loader) attachFiles(d *draft) {
	d.spec.Playbooks, d.spec.Templates = map[string]string{}, map[string]string{}
	for i, stage := range d.spec.Stages {
		at := index("stages", i)
		if stage.Playbook != "" {
			l.attach(d, at+".playbook", "playbooks", stage.Playbook, d.spec.Playbooks)
		}
		for j, document := range stage.Documents {
			if document.Template != "" {
				l.attach(d, index(at+".documents", j)+".template", "documents", document.Template, d.spec.Templates)
			}
		}
	}
}

// attach reads one file that a process names by its path in the company's folder.
func (l *loader) attach(d *draft, at, folder, name string, into map[string]string) {
	if _, done := into[name]; done {
		return
	}
	if !fs.ValidPath(name) || path.Clean(name) != name {
		d.src.at(at, CodeMissingFile, "%s is no path inside the company's folder: write it as %s/name.md", quote(name), folder)
		return
	}
	if _, err := fs.Stat(l.fsys, name); err != nil {
		d.src.at(at, CodeMissingFile, "there is no file %s%s", quote(name), didYouMean(name, l.list(folder, ".md", ".txt", ".html")))
		return
	}
	if s := l.text(name); s != nil {
		into[name], d.files[name] = s.text, s
	}
}

// letters reads every letter. One that could not be read is there as nil.
func (l *loader) letters() map[string]*letterFile {
	letters := map[string]*letterFile{}
	for _, name := range l.list("letters", ".md") {
		id := strings.TrimSuffix(path.Base(name), ".md")
		letters[id] = nil
		src := l.text(name)
		if src == nil {
			continue
		}
		if !validID.MatchString(id) {
			src.fault(position{1, 1}, CodeID, "the letter's name %s is no id: rename the file, with lower-case letters, digits and hyphens", quote(id))
		}
		if f := readLetter(src); f != nil {
			letters[id] = f
		}
	}
	return letters
}

// readLetter splits a letter into its front matter and its body.
func readLetter(src *source) *letterFile {
	f := &letterFile{src: src}
	text := strings.ReplaceAll(src.text, "\r\n", "\n")
	opening, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(opening, " \t") != "---" {
		src.fault(position{1, 1}, CodeFrontMatter, "a letter begins with a line ---, then subject: and a closing ---")
		return nil
	}
	var front strings.Builder
	lines := 1
	for closed := false; !closed; {
		line, after, more := strings.Cut(rest, "\n")
		lines++
		switch {
		case strings.TrimRight(line, " \t") == "---":
			closed = true
		case !more:
			src.fault(position{1, 1}, CodeFrontMatter, "the front matter is not closed: write --- on a line of its own before the text")
			return nil
		default:
			front.WriteString(line + "\n")
		}
		rest = after
	}
	src.offset = 1
	if !src.parse(front.String(), &f.letter) {
		return nil
	}
	src.body = lines + 1
	f.letter.Body = rest
	if strings.TrimSpace(rest) == "" {
		src.fault(position{src.body, 1}, CodeEmptyFile, "the letter has no text")
	}
	return f
}

// reportUnused warns of letters that no process sends, where all of them could
// be read.
func (l *loader) reportUnused(drafts []*draft, letters map[string]*letterFile) {
	if len(drafts) < len(l.list("processes", processExtensions...)) ||
		slices.ContainsFunc(drafts, func(d *draft) bool { return len(d.spec.Stages) == 0 }) {
		return
	}
	for id, f := range letters {
		if f != nil && !f.used {
			f.src.fault(position{1, 1}, CodeUnusedLetter, "no stage sends the letter %s: send it or remove the file", quote(id))
		}
	}
}
