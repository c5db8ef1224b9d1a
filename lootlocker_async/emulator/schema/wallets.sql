CREATE TABLE wallets (
    id TEXT PRIMARY KEY,
    holder_ulid TEXT NOT NULL UNIQUE,
    holder_type TEXT NOT NULL CHECK (holder_type IN ('character', 'player'))
);
-- Amounts and factors are decimal digits of any length, which no number of SQLite's can hold.
CREATE TABLE balances (
    wallet_id TEXT NOT NULL REFERENCES wallets (id),
    currency_id TEXT NOT NULL REFERENCES currencies (id),
    amount TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (wallet_id, currency_id)
);
CREATE TABLE wallet_modifiers (
    wallet_id TEXT NOT NULL REFERENCES wallets (id),
    currency_id TEXT NOT NULL REFERENCES currencies (id),
    factor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (wallet_id, currency_id)
);
