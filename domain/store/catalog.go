package store

import (
	"context"
	"strings"

	"runrun/domain"
)

// sorts are the orders of a list: by what, and whether upwards. Ids, which tell the age, decide between equals.
var sorts = map[domain.ProductSort]struct {
	key string
	up  bool
}{
	domain.SortNewest:    {"0", false},
	domain.SortPriceAsc:  {"p.price * (100 - p.discount)", true},
	domain.SortPriceDesc: {"p.price * (100 - p.discount)", false},
	domain.SortLikes:     {"p.likes", false},
	domain.SortOpening:   {"COALESCE(p.opens_at, 0)", true},
}

// states are the conditions of a product's state at the database's time.
func (s *Store) states() map[domain.ProductState]string {
	now := s.dialect.now()
	open := "(p.opens_at IS NULL OR p.opens_at <= " + now + ") AND (p.closes_at IS NULL OR p.closes_at > " + now + ")"
	return map[domain.ProductState]string{
		domain.ProductOpen:     open + " AND s.available > 0",
		domain.ProductSoldOut:  open + " AND s.available <= 0",
		domain.ProductUpcoming: "p.opens_at > " + now,
		domain.ProductClosed:   "p.closes_at <= " + now,
	}
}

// Listings lists products with the units that are available, in one statement.
func (s *Store) Listings(ctx context.Context, f domain.ProductFilter) ([]domain.Listing, error) {
	sort, known := sorts[f.Sort]
	if !known {
		sort = sorts[domain.SortNewest]
	}
	where, args := []string{"p.deleted_at IS NULL"}, []any{}
	add := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	if len(f.Categories) > 0 {
		add("p.category_id IN ?", f.Categories)
	}
	if f.Brand != "" {
		add("p.brand_id = ?", f.Brand)
	}
	if condition, filtered := s.states()[f.State]; filtered {
		add(condition)
	}
	if f.Text != "" {
		add("LOWER(p.name) LIKE ? ESCAPE '!'", "%"+likePattern(f.Text)+"%")
	}
	direction, beyond := "DESC", "<"
	if sort.up {
		direction, beyond = "ASC", ">"
	}
	if f.After != nil {
		add("("+sort.key+" "+beyond+" ? OR "+sort.key+" = ? AND p.id "+beyond+" ?)", f.After.Key, f.After.Key, f.After.ID)
	}
	var rows []struct {
		Product   productRow `gorm:"embedded"`
		Available int64
		SortKey   int64
	}
	err := s.query(ctx, &rows, "SELECT "+productColumns+", s.available, "+sort.key+" AS sort_key FROM products p "+
		"JOIN (SELECT product_id AS stock_of, available FROM stocks) s ON s.stock_of = p.id WHERE "+strings.Join(where, " AND ")+" ORDER BY sort_key "+direction+", p.id "+direction+" LIMIT ?", append(args, f.Limit)...)
	listings := make([]domain.Listing, len(rows))
	for i, row := range rows {
		listings[i] = domain.Listing{Product: row.Product.product(), Available: row.Available, Key: row.SortKey}
	}
	return listings, err
}

// likePattern is a text as it stands in a LIKE pattern, with ! as the escape.
func likePattern(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(text))
}
