CREATE TABLE currencies (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    game_api_writes_enabled INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    published_at TEXT
);
