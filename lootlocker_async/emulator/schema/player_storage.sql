CREATE TABLE player_storage (
    id INTEGER PRIMARY KEY,
    player_id INTEGER NOT NULL REFERENCES players (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    UNIQUE (player_id, key)
);
