package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

type cartRow struct {
	UserID    domain.UserID
	ProductID domain.ProductID
	Quantity  int
}

// Cart reads a user's cart with its products, those that were taken out of the shop too, in one statement; the oldest line first.
func (s *Store) Cart(ctx context.Context, user domain.UserID) ([]domain.CartLine, error) {
	var rows []struct {
		Product   productRow `gorm:"embedded"`
		Quantity  int
		Available int64
		Deleted   bool
	}
	err := s.query(ctx, &rows, "SELECT "+productColumns+`, c.quantity, s.available, deleted_at IS NOT NULL AS deleted
		FROM (SELECT product_id AS wanted, quantity, created_at AS added FROM cart_items WHERE user_id = ?) c
		JOIN products ON products.id = c.wanted
		JOIN (SELECT product_id AS stock_of, available FROM stocks) s ON s.stock_of = c.wanted ORDER BY c.added, c.wanted LIMIT ?`,
		user, domain.MaxCartLines)
	lines := make([]domain.CartLine, len(rows))
	for i, r := range rows {
		lines[i] = domain.CartLine{Product: r.Product.product(), Quantity: r.Quantity, Available: r.Available, Deleted: r.Deleted}
	}
	return lines, err
}

// AddToCart adds units to a line of a user's cart, or makes it. Concurrent additions lose none.
// Errors: Validation; UnknownProduct; LimitExceeded.
func (s *Store) AddToCart(ctx context.Context, user domain.UserID, product domain.ProductID, quantity int) error {
	if err := domain.ValidateCartLine(product, quantity); err != nil {
		return err
	}
	add := func() error {
		return s.InTx(ctx, func(tx *gorm.DB) error {
			added := tx.Exec("UPDATE cart_items SET quantity = quantity + ?, updated_at = "+s.dialect.now()+
				" WHERE user_id = ? AND product_id = ? AND quantity + ? <= ?", quantity, user, product, quantity, domain.MaxQuantity)
			if added.Error != nil || added.RowsAffected == 1 {
				return added.Error
			}
			return s.insertCartLine(tx, cartRow{user, product, quantity})
		})
	}
	err := add()
	for range cartTries { // the line was made, or removed, at the same moment
		if domain.CodeOf(err) != domain.CodeConflict {
			break
		}
		err = add()
	}
	return err
}

// cartTries is how often a line is tried again that others change at the same moment.
const cartTries = 5

var errSameMoment = domain.Errorf(domain.CodeConflict, "the cart was changed at the same moment")

// insertCartLine makes a line that is not there.
func (s *Store) insertCartLine(tx *gorm.DB, line cartRow) error {
	const lines = "SELECT user_id, product_id, quantity FROM cart_items WHERE user_id = ? ORDER BY product_id"
	var locked, there []cartRow // the lines lock out who adds another at the same moment; what those added is read after that
	if err := tx.Raw(lines+s.dialect.forUpdate(), line.UserID).Scan(&locked).Error; err != nil {
		return err
	}
	if err := tx.Raw(lines, line.UserID).Scan(&there).Error; err != nil {
		return err
	}
	for _, other := range there {
		switch {
		case other.ProductID != line.ProductID:
		case other.Quantity+line.Quantity > domain.MaxQuantity:
			return domain.Errorf(domain.CodeLimitExceeded, "a cart has at most %d units of a product", domain.MaxQuantity)
		default:
			return errSameMoment
		}
	}
	if len(there) >= domain.MaxCartLines {
		return domain.Errorf(domain.CodeLimitExceeded, "a cart has at most %d products", domain.MaxCartLines)
	}
	var known int64
	err := tx.Raw("SELECT COUNT(*) FROM products WHERE id = ? AND deleted_at IS NULL", line.ProductID).Scan(&known).Error
	if err != nil {
		return err
	}
	if known == 0 {
		return &domain.Error{Code: domain.CodeUnknownProduct, Message: "there is no such product",
			Fields: []domain.FieldError{{Pointer: "/productId", Detail: "unknown"}}}
	}
	return tx.Exec("INSERT INTO cart_items (user_id, product_id, quantity, created_at, updated_at) VALUES (?, ?, ?, "+s.dialect.now()+", "+
		s.dialect.now()+")", line.UserID, line.ProductID, line.Quantity).Error
}

// SetCartLine sets how many units of a product are in a user's cart.
// Errors: Validation; NotFound if the product is not in it.
func (s *Store) SetCartLine(ctx context.Context, user domain.UserID, product domain.ProductID, quantity int) error {
	if err := domain.ValidateCartLine(product, quantity); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return oneRow(tx.Exec("UPDATE cart_items SET quantity = ?, updated_at = "+s.dialect.now()+" WHERE user_id = ? AND product_id = ?",
			quantity, user, product), func() error { return domain.Errorf(domain.CodeNotFound, "%s is not in the cart", product) })
	})
}

// RemoveFromCart takes a product out of a user's cart, or all of them. What is not there is no error.
func (s *Store) RemoveFromCart(ctx context.Context, user domain.UserID, product domain.ProductID) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM cart_items WHERE user_id = ? AND (? = '' OR product_id = ?)", user, product, product).Error
	})
}

// takeFromCart takes units that were ordered out of a cart; more may be in it.
func takeFromCart(tx *gorm.DB, ordered cartRow, now int64) error {
	left := tx.Exec("UPDATE cart_items SET quantity = quantity - ?, updated_at = ? WHERE user_id = ? AND product_id = ? AND quantity > ?",
		ordered.Quantity, now, ordered.UserID, ordered.ProductID, ordered.Quantity)
	if left.Error != nil || left.RowsAffected == 1 {
		return left.Error
	}
	return tx.Exec("DELETE FROM cart_items WHERE user_id = ? AND product_id = ?", ordered.UserID, ordered.ProductID).Error
}
