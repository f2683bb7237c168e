package definitions

import (
	"errors"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// parseYAML reads the one YAML document of a text.
func parseYAML(text string) (root *yaml.Node, fault *fileFault) {
	if marks := countMarks(text); marks > maxFileMarks {
		return nil, faultf(CodeFileTooLarge, "the file has more than %d lines, commas and brackets: split it, or look whether it belongs here", maxFileMarks)
	}
	defer func() {
		// The library holds its own panics back; one that it does not know of
		// must not end a server that runs other companies.
		if r := recover(); r != nil {
			root, fault = nil, faultf(CodeSyntax, "the file cannot be read as YAML: %v", r)
		}
	}()
	reader := yaml.NewDecoder(strings.NewReader(text))
	var document, next yaml.Node
	if err := reader.Decode(&document); errors.Is(err, io.EOF) {
		return nil, faultf(CodeEmptyFile, "the file is empty")
	} else if err != nil {
		return nil, syntaxFault(text, err)
	}
	root = document.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, faultf(CodeEmptyFile, "the file is empty")
	}
	if err := reader.Decode(&next); err == nil {
		fault = faultf(CodeManyDocuments, "a file holds one document: move what follows --- to a file of its own")
		fault.line, fault.col = next.Content[0].Line, next.Content[0].Column
		return nil, fault
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxFault(text, err)
	}
	return root, nil
}

func countMarks(text string) int {
	marks := 0
	for i := range len(text) {
		switch text[i] {
		case '\n', ',', '[', '{', '?':
			marks++
		}
	}
	return marks
}
