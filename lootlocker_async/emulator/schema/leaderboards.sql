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
    updated_at TEXT NOT NULL
);
-- What happens on a board from one reset to the next. A reset makes an archive of the season that is on, and begins
-- another one: however many scores there are, none of them is copied or deleted.
CREATE TABLE leaderboard_seasons (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    board_id INTEGER NOT NULL REFERENCES leaderboards (id) ON DELETE CASCADE,
    archive_key TEXT UNIQUE,
    archived_at INTEGER,
    entries INTEGER,
    -- Known when somebody has asked for it.
    content_length INTEGER
);
CREATE UNIQUE INDEX leaderboard_seasons_on ON leaderboard_seasons (board_id) WHERE archive_key IS NULL;
CREATE INDEX leaderboard_seasons_board ON leaderboard_seasons (board_id);
CREATE TABLE scores (
    season_id INTEGER NOT NULL REFERENCES leaderboard_seasons (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    player_id INTEGER REFERENCES players (id),
    score INTEGER NOT NULL,
    sort_key INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    metadata TEXT,
    PRIMARY KEY (season_id, member_id)
) WITHOUT ROWID;
-- It holds all that a page shows: a page is read in one piece, however large the board is.
CREATE UNIQUE INDEX scores_order ON scores (season_id, sort_key, sequence, score, metadata, player_id);

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

-- The players in archives that a world brought along, where the game has none that are like them. All others still are
-- as they were at the reset: nothing changes a player's ids or name.
CREATE TABLE archived_players (
    season_id INTEGER NOT NULL REFERENCES leaderboard_seasons (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    id INTEGER NOT NULL,
    public_uid TEXT,
    name TEXT,
    ulid TEXT,
    PRIMARY KEY (season_id, member_id)
) WITHOUT ROWID;
