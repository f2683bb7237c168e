package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// readComments reads the comments of the structures that a package declares.
func readComments(dir string, into definitions.Comments) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range group.Specs {
				if declared, ok := spec.(*ast.TypeSpec); ok {
					key := file.Name.Name + "." + declared.Name.Name
					into[key] = text(group.Doc, declared.Doc)
					readFields(key, declared.Type, into)
				}
			}
		}
	}
	return nil
}

func readFields(key string, of ast.Expr, into definitions.Comments) {
	structure, ok := of.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			into[key+"."+name.Name] = text(field.Doc, field.Comment)
		}
	}
}

// text joins comments to one line.
func text(groups ...*ast.CommentGroup) string {
	var words []string
	for _, g := range groups {
		words = append(words, strings.Fields(g.Text())...)
	}
	return strings.Join(words, " ")
}
