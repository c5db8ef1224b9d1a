CREATE TABLE catalogs (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE catalog_listings (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    catalog_id TEXT NOT NULL REFERENCES catalogs (id),
    reward_id TEXT NOT NULL,
    name TEXT,
    purchasable INTEGER NOT NULL,
    non_refundable INTEGER NOT NULL,
    stores TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX catalog_listings_catalog ON catalog_listings (catalog_id, sequence);
CREATE TABLE catalog_prices (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    listing_id TEXT NOT NULL REFERENCES catalog_listings (id),
    currency_id TEXT NOT NULL REFERENCES currencies (id),
    amount INTEGER NOT NULL,
    display_amount TEXT,
    UNIQUE (listing_id, currency_id)
);
