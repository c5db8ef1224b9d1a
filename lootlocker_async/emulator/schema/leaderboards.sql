CREATE TABLE leaderboards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ulid TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    direction_method TEXT NOT NULL,
    enable_game_api_writes INTEGER NOT NULL,
    overwrite_score_on_submit INTEGER NOT NULL,
    has_metadata INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE scores (
    board_id INTEGER NOT NULL REFERENCES leaderboards (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    player_id INTEGER REFERENCES players (id),
    score INTEGER NOT NULL,
    sort_key INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    metadata TEXT,
    PRIMARY KEY (board_id, member_id)
) WITHOUT ROWID;
-- It holds all that a page shows: a page is read in one piece, however large the board is.
CREATE UNIQUE INDEX scores_order ON scores (board_id, sort_key, sequence, score, metadata, player_id);

CREATE TABLE leaderboard_schedules (
    board_id INTEGER PRIMARY KEY REFERENCES leaderboards (id) ON DELETE CASCADE,
    cron_expression TEXT NOT NULL,
    next_run INTEGER NOT NULL,
    last_run INTEGER
);
CREATE INDEX leaderboard_schedules_due ON leaderboard_schedules (next_run);
CREATE TABLE leaderboard_runs (
    board_id INTEGER NOT NULL REFERENCES leaderboard_schedules (board_id) ON DELETE CASCADE,
    ran_at INTEGER NOT NULL,
    PRIMARY KEY (board_id, ran_at)
) WITHOUT ROWID;
CREATE TABLE leaderboard_resets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    board_id INTEGER NOT NULL REFERENCES leaderboards (id) ON DELETE CASCADE,
    name TEXT,
    status TEXT NOT NULL,
    scheduled_for INTEGER NOT NULL,
    requested_at INTEGER NOT NULL,
    processed_at INTEGER,
    error_message TEXT
);
CREATE INDEX leaderboard_resets_board ON leaderboard_resets (board_id);
CREATE INDEX leaderboard_resets_due ON leaderboard_resets (scheduled_for) WHERE status = 'pending';

CREATE TABLE leaderboard_rewards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    board_id INTEGER NOT NULL REFERENCES leaderboards (id) ON DELETE CASCADE,
    reward_id TEXT NOT NULL,
    reward_kind TEXT NOT NULL,
    shown TEXT,
    UNIQUE (board_id, reward_id)
);
CREATE TABLE leaderboard_predicates (
    attachment_id INTEGER NOT NULL REFERENCES leaderboard_rewards (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    ulid TEXT NOT NULL,
    type TEXT NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    method TEXT NOT NULL,
    direction TEXT NOT NULL,
    PRIMARY KEY (attachment_id, position)
) WITHOUT ROWID;

CREATE TABLE leaderboard_archives (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    board_id INTEGER NOT NULL REFERENCES leaderboards (id) ON DELETE CASCADE,
    key TEXT NOT NULL UNIQUE,
    last_modified INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    content_length INTEGER NOT NULL
);
CREATE INDEX leaderboard_archives_board ON leaderboard_archives (board_id);
CREATE TABLE archived_scores (
    archive_id INTEGER NOT NULL REFERENCES leaderboard_archives (id) ON DELETE CASCADE,
    rank INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    score INTEGER NOT NULL,
    metadata TEXT,
    player_id INTEGER,
    public_uid TEXT,
    name TEXT,
    player_ulid TEXT,
    PRIMARY KEY (archive_id, rank)
) WITHOUT ROWID;
