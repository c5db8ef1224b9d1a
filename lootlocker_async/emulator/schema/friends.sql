CREATE TABLE friends (
    player_id INTEGER NOT NULL REFERENCES players (id),
    friend_id INTEGER NOT NULL REFERENCES players (id),
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (player_id, friend_id),
    CHECK (player_id < friend_id)
) WITHOUT ROWID;
CREATE INDEX friends_friend ON friends (friend_id);
