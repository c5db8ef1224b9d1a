CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    transaction_id TEXT UNIQUE,
    status TEXT NOT NULL
);
CREATE TABLE order_products (
    sequence INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    instance_id INTEGER,
    source TEXT NOT NULL
);
CREATE INDEX order_products_order ON order_products (order_id);
