package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"runrun/domain"
)

type brandRow struct {
	ID                 domain.BrandID
	SellerID           domain.UserID
	Name               string
	DeliveryFee        int64
	FreeFrom           int64
	Currency           string
	LegalName          string
	RegistrationNumber string
	Introduction       string
	Image              domain.ImageID
}

func (r brandRow) brand() domain.Brand {
	return domain.Brand{
		ID: r.ID, SellerID: r.SellerID, Name: r.Name,
		DeliveryFee: domain.Money{Amount: r.DeliveryFee, Currency: r.Currency},
		FreeFrom:    domain.Money{Amount: r.FreeFrom, Currency: r.Currency},
		LegalName:   r.LegalName, RegistrationNumber: r.RegistrationNumber, Introduction: r.Introduction, Image: r.Image,
	}
}

const brandColumns = "id, seller_id, name, delivery_fee, free_from, currency, legal_name, registration_number, introduction, image"

// BrandsByID reads brands; those that do not exist are missing from the answer.
func (s *Store) BrandsByID(ctx context.Context, ids []domain.BrandID) (map[domain.BrandID]domain.Brand, error) {
	found, err := s.brands(ctx, "id IN ?", ids)
	brands := map[domain.BrandID]domain.Brand{}
	for _, b := range found {
		brands[b.ID] = b
	}
	return brands, err
}

// Brands lists brands that have a seller, of one if one is named, newest first, from the one after the cursor (empty: from the newest).
func (s *Store) Brands(ctx context.Context, seller domain.UserID, after domain.BrandID, limit int) ([]domain.Brand, error) {
	return s.brands(ctx, "seller_id <> '' AND (? = '' OR seller_id = ?) AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?",
		seller, seller, after, after, limit)
}

func (s *Store) brands(ctx context.Context, where string, args ...any) ([]domain.Brand, error) {
	var rows []brandRow
	err := s.query(ctx, &rows, "SELECT "+brandColumns+" FROM brands WHERE "+where, args...)
	brands := make([]domain.Brand, len(rows))
	for i, row := range rows {
		brands[i] = row.brand()
	}
	return brands, err
}

// AddBrand writes a brand into a free slot of its seller.
// Errors: Validation; LimitExceeded if the seller has none free; NotFound for an account that was erased.
func (s *Store) AddBrand(ctx context.Context, b domain.Brand) error {
	if err := b.Validate(); err != nil {
		return err
	}
	var err error
	for range domain.MaxBrands { // another of the seller's brands may take the slot first; then the next is tried
		if err = s.InTx(ctx, func(tx *gorm.DB) error { return s.insertBrand(tx, b) }); domain.CodeOf(err) != domain.CodeConflict {
			return err
		}
	}
	return err
}

func (s *Store) insertBrand(tx *gorm.DB, b domain.Brand) error {
	if there, err := rowIsThere(tx, "brands", string(b.ID)); err != nil || there { // by the try before this one, whose answer was lost
		return err
	}
	var erased int64
	if err := tx.Raw("SELECT COUNT(*) FROM users WHERE id = ? AND password_hash = ''", b.SellerID).Scan(&erased).Error; err != nil {
		return err
	}
	if erased > 0 {
		return errNoAccount()
	}
	var slots []int
	if err := tx.Raw("SELECT COALESCE(slot, 0) FROM brands WHERE seller_id = ?", b.SellerID).Scan(&slots).Error; err != nil {
		return err
	}
	slot := 1
	for slices.Contains(slots, slot) {
		slot++
	}
	if len(slots) >= domain.MaxBrands || slot > domain.MaxBrands {
		return domain.Errorf(domain.CodeLimitExceeded, "a seller has at most %d brands", domain.MaxBrands)
	}
	return tx.Exec(`INSERT INTO brands (id, seller_id, name, delivery_fee, free_from, currency, legal_name, registration_number, introduction,
		slot, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, `+s.dialect.now()+`, `+s.dialect.now()+`)`,
		b.ID, b.SellerID, b.Name, b.DeliveryFee.Amount, b.FreeFrom.Amount, b.DeliveryFee.Currency, b.LegalName, b.RegistrationNumber,
		b.Introduction, slot).Error
}

// ChangeBrand replaces what a brand says of itself, and its fees, and returns its products: whoever keeps them keeps the brand with them.
// Errors: Validation; NotFound.
func (s *Store) ChangeBrand(ctx context.Context, b domain.Brand) (products []domain.ProductID, err error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	err = s.InTx(ctx, func(tx *gorm.DB) error {
		products = nil
		err := tx.Raw("SELECT id FROM products WHERE brand_id = ? AND deleted_at IS NULL", b.ID).Scan(&products).Error
		if err != nil {
			return err
		}
		return oneRow(tx.Exec(`UPDATE brands SET name = ?, delivery_fee = ?, free_from = ?, legal_name = ?, registration_number = ?,
			introduction = ?, updated_at = `+s.dialect.now()+` WHERE id = ?`,
			b.Name, b.DeliveryFee.Amount, b.FreeFrom.Amount, b.LegalName, b.RegistrationNumber, b.Introduction, b.ID), errNoBrand)
	})
	return products, err
}

func errNoBrand() error { return domain.Errorf(domain.CodeNotFound, "there is no such brand") }

// SetBrandImage gives a brand another image and returns the one before, which nothing names any more.
// Errors: NotFound.
func (s *Store) SetBrandImage(ctx context.Context, id domain.BrandID, image domain.ImageID) (old domain.ImageID, err error) {
	err = s.InTx(ctx, func(tx *gorm.DB) error {
		old, err = s.replaceImage(tx, "brands", "image", string(id), image)
		return err
	})
	return old, err
}

// replaceImage names another image in a column and returns the one before.
func (s *Store) replaceImage(tx *gorm.DB, table, column, id string, image domain.ImageID) (domain.ImageID, error) {
	var before []domain.ImageID
	err := tx.Raw("SELECT "+column+" FROM "+table+" WHERE id = ?"+s.dialect.forUpdate(), id).Scan(&before).Error
	if err == nil && len(before) == 0 {
		err = domain.Errorf(domain.CodeNotFound, "there is nothing to show the image with")
	}
	if err != nil {
		return "", err
	}
	if before[0] == image { // by the try before this one, whose answer was lost
		return "", nil
	}
	return before[0], tx.Exec("UPDATE "+table+" SET "+column+" = ?, updated_at = "+s.dialect.now()+" WHERE id = ?", image, id).Error
}
