package store

import (
	"context"

	"runrun/domain"
)

// maxCategories bounds the tree, which is read as a whole.
const maxCategories = 1000

// Categories reads the tree.
func (s *Store) Categories(ctx context.Context) (domain.Categories, error) {
	var rows []struct {
		ID       domain.CategoryID
		ParentID domain.CategoryID
		Name     string
		NameKo   string
	}
	err := s.query(ctx, &rows, "SELECT id, parent_id, name, name_ko FROM categories ORDER BY position, id LIMIT ?", maxCategories)
	tree := make(domain.Categories, len(rows))
	for i, r := range rows {
		tree[i] = domain.Category{ID: r.ID, Parent: r.ParentID, Name: r.Name, NameKo: r.NameKo}
	}
	return tree, err
}
