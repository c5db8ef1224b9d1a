CREATE TABLE notifications (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    player_id INTEGER NOT NULL REFERENCES players (id),
    notification_type TEXT NOT NULL,
    priority TEXT NOT NULL,
    content TEXT NOT NULL,
    properties TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX notifications_player ON notifications (player_id, sequence);
