package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// Like notes that a user likes a product, or does not any more, and returns by how many it is liked. Said twice, it counts once.
// Errors: NotFound.
func (s *Store) Like(ctx context.Context, product domain.ProductID, user domain.UserID, likes bool) (count int64, err error) {
	err = s.InTx(ctx, func(tx *gorm.DB) error {
		var rows []int64
		err := tx.Raw("SELECT likes FROM products WHERE id = ? AND deleted_at IS NULL"+s.dialect.forUpdate(), product).Scan(&rows).Error
		if err == nil && len(rows) == 0 {
			err = errNoProduct(product)
		}
		if err != nil {
			return err
		}
		before, err := countLikes(tx, product, user)
		if err != nil {
			return err
		}
		count = rows[0]
		switch {
		case likes && before == 0:
			count++
			err = tx.Exec("INSERT INTO product_likes (product_id, user_id, created_at) VALUES (?, ?, "+s.dialect.now()+")", product, user).Error
		case !likes && before > 0:
			count--
			err = tx.Exec("DELETE FROM product_likes WHERE product_id = ? AND user_id = ?", product, user).Error
		default:
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE products SET likes = ? WHERE id = ?", count, product).Error
	})
	return count, err
}

func countLikes(tx *gorm.DB, product domain.ProductID, user domain.UserID) (n int64, err error) {
	err = tx.Raw("SELECT COUNT(*) FROM product_likes WHERE product_id = ? AND user_id = ?", product, user).Scan(&n).Error
	return n, err
}

func errNoProduct(id domain.ProductID) error {
	return domain.Errorf(domain.CodeNotFound, "there is no product %s", id)
}
