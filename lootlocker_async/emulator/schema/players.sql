CREATE TABLE players (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ulid TEXT NOT NULL UNIQUE,
    public_uid TEXT NOT NULL UNIQUE,
    name TEXT,
    platform TEXT NOT NULL,
    platform_player_id TEXT
);
CREATE INDEX players_name ON players (name);
CREATE TABLE accounts (
    platform TEXT NOT NULL,
    identifier TEXT NOT NULL,
    player_id INTEGER NOT NULL REFERENCES players (id),
    PRIMARY KEY (platform, identifier)
) WITHOUT ROWID;
CREATE INDEX accounts_player ON accounts (player_id);
CREATE TABLE game_sessions (
    token TEXT PRIMARY KEY,
    player_id INTEGER NOT NULL REFERENCES players (id),
    expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE character_classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    context_ids TEXT
);
CREATE TABLE characters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ulid TEXT NOT NULL UNIQUE,
    player_id INTEGER NOT NULL REFERENCES players (id),
    class_id INTEGER NOT NULL REFERENCES character_classes (id),
    name TEXT NOT NULL,
    is_default INTEGER NOT NULL
);
CREATE INDEX characters_player ON characters (player_id, id);
