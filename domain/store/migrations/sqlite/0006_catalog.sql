-- What sellers say of their brands and products, categories as a tree, likes, and the ledger of stock. A seller's brands fill slots, so that
-- the database bounds them. The build before this one adds brands without a slot, products of the category "other", and no lines to the
-- ledger.

-- +goose Up
ALTER TABLE brands ADD COLUMN legal_name TEXT NOT NULL DEFAULT '';
ALTER TABLE brands ADD COLUMN registration_number TEXT NOT NULL DEFAULT '';
ALTER TABLE brands ADD COLUMN introduction TEXT NOT NULL DEFAULT '';
ALTER TABLE brands ADD COLUMN image TEXT NOT NULL DEFAULT '';
ALTER TABLE brands ADD COLUMN slot INTEGER NULL;

CREATE UNIQUE INDEX brands_slot ON brands (seller_id, slot);

CREATE TABLE categories (
    id        TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    position  INTEGER NOT NULL,
    name      TEXT NOT NULL,
    name_ko   TEXT NOT NULL,
    PRIMARY KEY (id)
);

INSERT INTO categories (id, parent_id, position, name, name_ko) VALUES
    ('cat_fashion', '', 1, 'Fashion', '패션'),
    ('cat_clothes', 'cat_fashion', 2, 'Clothes', '의류'),
    ('cat_shoes', 'cat_fashion', 3, 'Shoes', '신발'),
    ('cat_sneakers', 'cat_shoes', 4, 'Sneakers', '스니커즈'),
    ('cat_bags', 'cat_fashion', 5, 'Bags', '가방'),
    ('cat_home', '', 6, 'Home', '홈·리빙'),
    ('cat_ceramics', 'cat_home', 7, 'Ceramics', '도자기'),
    ('cat_kitchen', 'cat_home', 8, 'Kitchen', '주방'),
    ('cat_furniture', 'cat_home', 9, 'Furniture', '가구'),
    ('cat_food', '', 10, 'Food', '식품'),
    ('cat_tea', 'cat_food', 11, 'Tea', '차'),
    ('cat_sweets', 'cat_food', 12, 'Sweets', '디저트'),
    ('cat_tech', '', 13, 'Electronics', '전자제품'),
    ('cat_audio', 'cat_tech', 14, 'Audio', '오디오'),
    ('cat_games', 'cat_tech', 15, 'Games', '게임'),
    ('cat_beauty', '', 16, 'Beauty', '뷰티'),
    ('cat_toys', '', 17, 'Toys and collectibles', '장난감·수집품'),
    ('cat_books', '', 18, 'Books', '도서'),
    ('cat_other', '', 19, 'Other', '기타');

ALTER TABLE products ADD COLUMN category_id TEXT NOT NULL DEFAULT 'cat_other';
ALTER TABLE products ADD COLUMN manufacturer TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN thumbnail TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN description_image TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN likes INTEGER NOT NULL DEFAULT 0;

CREATE INDEX products_category ON products (category_id, id);
CREATE INDEX products_opening ON products (opens_at, id);

CREATE TABLE product_likes (
    product_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (product_id, user_id)
);
CREATE INDEX product_likes_of_user ON product_likes (user_id);

CREATE TABLE stock_changes (
    product_id TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    quantity   INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (product_id, seq)
);
CREATE UNIQUE INDEX stock_changes_id ON stock_changes (id);

INSERT INTO stock_changes (product_id, seq, id, quantity, total, reason, actor, created_at)
    SELECT product_id, 1, 'chg_0-' || SUBSTR(product_id, 5), total, total, 'opening balance', '', updated_at FROM stocks;

-- +goose Down
DROP TABLE stock_changes;
DROP TABLE product_likes;
DROP INDEX products_opening;
DROP INDEX products_category;
ALTER TABLE products DROP COLUMN likes;
ALTER TABLE products DROP COLUMN description_image;
ALTER TABLE products DROP COLUMN thumbnail;
ALTER TABLE products DROP COLUMN contact;
ALTER TABLE products DROP COLUMN country;
ALTER TABLE products DROP COLUMN manufacturer;
ALTER TABLE products DROP COLUMN category_id;
DROP TABLE categories;
DROP INDEX brands_slot;
ALTER TABLE brands DROP COLUMN slot;
ALTER TABLE brands DROP COLUMN image;
ALTER TABLE brands DROP COLUMN introduction;
ALTER TABLE brands DROP COLUMN registration_number;
ALTER TABLE brands DROP COLUMN legal_name;
