package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// maxFields keeps structs of the API from becoming everything at once. What is sent and received has as many members as it has.
const maxFields = 12

func TestStructsAreSmall(t *testing.T) {
	structs := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if body, ok := spec.Type.(*ast.StructType); ok {
				structs++
				if fields, wire := count(body); fields > maxFields && !wire {
					t.Errorf("%s: %s has %d fields, want at most %d", path, spec.Name.Name, fields, maxFields)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || structs < 50 {
		t.Errorf("%d structs were found: %v", structs, err)
	}
}

// count returns a struct's fields, and whether they are what is sent or received.
func count(body *ast.StructType) (fields int, wire bool) {
	for _, field := range body.Fields.List {
		fields += max(1, len(field.Names))
		wire = wire || field.Tag != nil && strings.Contains(field.Tag.Value, "json:")
	}
	return fields, wire
}
