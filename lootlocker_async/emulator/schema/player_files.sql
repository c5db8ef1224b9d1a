CREATE TABLE player_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    public INTEGER NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX player_files_player ON player_files (player_id, id);
CREATE TABLE player_file_revisions (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES player_files (id) ON DELETE CASCADE,
    revision_id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX player_file_revisions_file ON player_file_revisions (file_id, id);
