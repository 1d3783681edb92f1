package system

import (
	"context"
	"fmt"
	"time"

	"runrun/api/auth"
	"runrun/domain"
	"runrun/domain/blob"
	"runrun/domain/store"
)

// Demo accounts; everything outside may rely on them.
const (
	DemoPassword = "Runrun-2024!"
	ShopperEmail = "shopper@runrun.test"
	SellerEmail  = "seller@runrun.test"
	StaffEmail   = "staff@runrun.test"
	DemoShoppers = 60
)

// demoExtension is how much longer a shopper may hold demo products.
const demoExtension = 2 * time.Minute

// DemoBrand is the brand of the demo products.
const DemoBrand = domain.BrandID("brd_demo-hanok")

// NumberedEmail is the address of one of the sixty shoppers, from 1.
func NumberedEmail(n int) string { return fmt.Sprintf("shopper%03d@runrun.test", n) }

// seed fills an empty shop: accounts, a brand, and products to buy, to wait for and to miss.
func seed(ctx context.Context, s *store.Store, images *blob.Images) error {
	if _, err := s.UserByEmail(ctx, StaffEmail); domain.CodeOf(err) != domain.CodeNotFound {
		return err // it is there, or the database is not
	}
	if err := unlessThere(s.AddBrand(ctx, domain.Brand{
		ID: DemoBrand, SellerID: "usr_demo-seller", Name: "Hanok Works", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000),
		LegalName: "Hanok Works Inc.", RegistrationNumber: "123-45-67890", Introduction: "Things for a quiet house.",
	})); err != nil {
		return err
	}
	if err := seedProducts(ctx, s); err != nil {
		return err
	}
	if err := seedPictures(ctx, s, images); err != nil {
		return err
	}
	return seedUsers(ctx, s)
}

// unlessThere lets a seed that was stopped in its middle be completed.
func unlessThere(err error) error {
	if domain.CodeOf(err) == domain.CodeConflict {
		return nil
	}
	return err
}

func seedProducts(ctx context.Context, s *store.Store) error {
	opening := time.Now().Add(30 * 24 * time.Hour).Truncate(time.Hour)
	for _, p := range []struct {
		domain.Product
		units int64
	}{
		{domain.Product{ID: "prd_demo-1-sold-out", Name: "Moon Jar, first edition", Category: "Ceramics",
			CategoryID: "cat_ceramics", Price: domain.Won(180000)}, 0},
		{domain.Product{
			ID: "prd_demo-2-drop", Name: "Moon Jar, second edition", Category: "Ceramics", CategoryID: "cat_ceramics", Price: domain.Won(180000),
			OpensAt: opening, LimitPerShopper: 1,
		}, 300},
		{domain.Product{ID: "prd_demo-3-scarf", Name: "Ramie Scarf", Category: "Clothes", CategoryID: "cat_clothes",
			Price: domain.Won(48000), Discount: 10}, 500},
		{domain.Product{ID: "prd_demo-4-tea", Name: "Jeju Green Tea", Category: "Tea", CategoryID: "cat_tea", Price: domain.Won(12000)}, 1000},
		{domain.Product{ID: "prd_demo-5-sneaker", Name: "Hanok Sneaker", Category: "Sneakers", CategoryID: "cat_sneakers",
			Price: domain.Won(89000), Discount: 15}, 50},
	} {
		p.BrandID, p.HoldExtension = DemoBrand, demoExtension
		p.Details = domain.ProductDetails{Manufacturer: "Hanok Works", Country: "Korea", Contact: "02-123-4567"}
		if err := unlessThere(s.AddProduct(ctx, p.Product, p.units)); err != nil {
			return err
		}
	}
	return nil
}

// seedUsers writes the accounts, staff last: that one tells the next start that the seed is whole.
func seedUsers(ctx context.Context, s *store.Store) error {
	hash := auth.HashPassword(DemoPassword) // one hash for all: a demo password is no secret, and each costs a moment
	add := func(id, email string, role domain.Role) error {
		return unlessThere(s.AddUser(ctx, domain.User{
			ID: domain.UserID(id), Email: email, Name: "Demo", Phone: "010-0000-0000", PasswordHash: hash, Role: role, Verified: true,
		}))
	}
	for n := 1; n <= DemoShoppers; n++ {
		if err := add(fmt.Sprintf("usr_demo-shopper%03d", n), NumberedEmail(n), domain.RoleCustomer); err != nil {
			return err
		}
	}
	if err := add("usr_demo-shopper", ShopperEmail, domain.RoleCustomer); err != nil {
		return err
	}
	if err := seedShopper(ctx, s, "usr_demo-shopper"); err != nil {
		return err
	}
	if err := add("usr_demo-seller", SellerEmail, domain.RoleSeller); err != nil {
		return err
	}
	return add("usr_demo-staff", StaffEmail, domain.RoleStaff)
}

// seedShopper gives the demo's shopper an address, something in the cart, and something to like.
func seedShopper(ctx context.Context, s *store.Store, id domain.UserID) error {
	if err := unlessThere(s.AddAddress(ctx, domain.Address{ID: "adr_demo-home", UserID: id, Receiver: domain.Receiver{
		Name: "Kim Minji", Phone: "010-0000-0000", ZipCode: "04524", Address: "110 Sejong-daero, Jung-gu, Seoul",
	}})); err != nil {
		return err
	}
	if err := s.AddToCart(ctx, id, "prd_demo-4-tea", 2); err != nil {
		return err
	}
	_, err := s.Like(ctx, "prd_demo-2-drop", id, true)
	return err
}
