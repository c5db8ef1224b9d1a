-- The tables of the emulator's store, by section; what refers to a table comes after it.

-- ---------------------------------------------------------------------------------------------------------------- meta
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES ('openings', 0);

CREATE TABLE sessions (token TEXT PRIMARY KEY, last_used REAL NOT NULL) WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------------------- players
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

-- ---------------------------------------------------------------------------------------------------------- currencies
CREATE TABLE currencies (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    game_api_writes_enabled INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    published_at TEXT
);

-- ------------------------------------------------------------------------------------------------------------- wallets
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

-- --------------------------------------------------------------------------------------------------------- inventories
CREATE TABLE contexts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE TABLE assets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ulid TEXT NOT NULL,
    context_id INTEGER NOT NULL REFERENCES contexts (id),
    is_ugc INTEGER NOT NULL,
    document TEXT NOT NULL,
    extras TEXT NOT NULL,
    created_at REAL NOT NULL
);
CREATE INDEX assets_ulid ON assets (ulid);
CREATE INDEX assets_context ON assets (context_id, id);
CREATE TABLE draw_tables (
    asset_id INTEGER PRIMARY KEY REFERENCES assets (id),
    kind TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE TABLE inventory (
    instance_id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    holder TEXT NOT NULL,
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    source TEXT NOT NULL,
    acquired_at REAL NOT NULL
);
CREATE INDEX inventory_holder ON inventory (player_id, holder, instance_id);
CREATE TABLE universal_assets (
    universal_id INTEGER PRIMARY KEY AUTOINCREMENT,
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    source TEXT NOT NULL,
    acquired_at REAL NOT NULL
);
CREATE TABLE instance_storage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id INTEGER NOT NULL REFERENCES inventory (instance_id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (instance_id, key)
);
CREATE TABLE locked_drops (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id INTEGER NOT NULL REFERENCES inventory (instance_id) ON DELETE CASCADE,
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    quantity INTEGER NOT NULL
);
CREATE INDEX locked_drops_instance ON locked_drops (instance_id);
CREATE TABLE game_heroes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    class_id INTEGER NOT NULL REFERENCES character_classes (id),
    asset_id INTEGER NOT NULL REFERENCES assets (id)
);
CREATE TABLE heroes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    hero_id INTEGER NOT NULL REFERENCES game_heroes (id),
    character_id INTEGER NOT NULL UNIQUE REFERENCES characters (id),
    instance_id INTEGER NOT NULL UNIQUE REFERENCES inventory (instance_id) ON DELETE CASCADE,
    is_default INTEGER NOT NULL
);
CREATE INDEX heroes_player ON heroes (player_id, id);
CREATE TABLE loadouts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    holder TEXT NOT NULL,
    context_id INTEGER NOT NULL REFERENCES contexts (id),
    instance_id INTEGER NOT NULL UNIQUE REFERENCES inventory (instance_id) ON DELETE CASCADE,
    mounted_at REAL NOT NULL,
    UNIQUE (player_id, holder, context_id)
);

-- -------------------------------------------------------------------------------------------------------- leaderboards
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

-- -------------------------------------------------------------------------------------------------------- progressions
-- Points are unsigned numbers of 64 bits, which SQLite's integers don't hold: they are kept as 20 digits, whose order
-- as text is that of the numbers.
CREATE TABLE progressions (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    active INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE progression_tiers (
    progression_id TEXT NOT NULL REFERENCES progressions (id),
    step INTEGER NOT NULL,
    points_threshold TEXT NOT NULL,
    rewards TEXT NOT NULL,
    PRIMARY KEY (progression_id, step)
) WITHOUT ROWID;
CREATE UNIQUE INDEX progression_tiers_threshold ON progression_tiers (progression_id, points_threshold, step);
CREATE TABLE progression_states (
    id TEXT PRIMARY KEY,
    owner_kind TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    player_id INTEGER NOT NULL REFERENCES players (id),
    progression_id TEXT NOT NULL REFERENCES progressions (id),
    points TEXT NOT NULL,
    last_level_up TEXT,
    UNIQUE (owner_kind, owner_id, progression_id)
) WITHOUT ROWID;
CREATE INDEX progression_states_page ON progression_states (owner_kind, owner_id, id);
CREATE TRIGGER progression_states_of_instance AFTER DELETE ON inventory BEGIN
    DELETE FROM progression_states WHERE owner_kind = 'asset_instance' AND owner_id = old.instance_id;
END;
CREATE VIEW progression_standings AS
SELECT
    s.*,
    p.key AS progression_key,
    p.name AS progression_name,
    (SELECT max(t.points_threshold) FROM progression_tiers t
     WHERE t.progression_id = s.progression_id AND t.points_threshold <= s.points) AS previous_threshold,
    (SELECT min(t.points_threshold) FROM progression_tiers t
     WHERE t.progression_id = s.progression_id AND t.points_threshold > s.points) AS next_threshold,
    (SELECT t.step FROM progression_tiers t
     WHERE t.progression_id = s.progression_id AND t.points_threshold <= s.points
     ORDER BY t.points_threshold DESC LIMIT 1) AS step
FROM progression_states s JOIN progressions p ON p.id = s.progression_id;

CREATE TABLE rewards (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    spec TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------------------ triggers
CREATE TABLE triggers (
    name TEXT PRIMARY KEY,
    once INTEGER NOT NULL,
    xp INTEGER NOT NULL,
    assets TEXT NOT NULL,
    rewards TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE trigger_uses (
    trigger_name TEXT NOT NULL REFERENCES triggers (name),
    player_id INTEGER NOT NULL REFERENCES players (id),
    times INTEGER NOT NULL,
    PRIMARY KEY (trigger_name, player_id)
) WITHOUT ROWID;
CREATE TABLE xp_levels (
    level INTEGER NOT NULL,
    is_prestige INTEGER NOT NULL,
    xp_threshold INTEGER NOT NULL,
    PRIMARY KEY (is_prestige, level)
) WITHOUT ROWID;
CREATE TABLE player_xp (
    player_id INTEGER PRIMARY KEY REFERENCES players (id),
    xp INTEGER NOT NULL
);

-- ------------------------------------------------------------------------------------------------------------ catalogs
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

-- ----------------------------------------------------------------------------------------------------------- purchases
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    transaction_id TEXT UNIQUE,
    status TEXT NOT NULL
);
CREATE TABLE order_products (
    sequence INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    instance_id INTEGER,
    source TEXT NOT NULL
);
CREATE INDEX order_products_order ON order_products (order_id);

-- ------------------------------------------------------------------------------------------------------- notifications
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

-- ------------------------------------------------------------------------------------------------------------ metadata
CREATE TABLE metadata (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    tags TEXT NOT NULL,
    access TEXT NOT NULL,
    UNIQUE (source, source_id, key)
);

-- ------------------------------------------------------------------------------------------------------ player_storage
CREATE TABLE player_storage (
    id INTEGER PRIMARY KEY,
    player_id INTEGER NOT NULL REFERENCES players (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    UNIQUE (player_id, key)
);

-- -------------------------------------------------------------------------------------------------------- player_files
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

-- ------------------------------------------------------------------------------------------------------------- friends
CREATE TABLE friends (
    player_id INTEGER NOT NULL REFERENCES players (id),
    friend_id INTEGER NOT NULL REFERENCES players (id),
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (player_id, friend_id),
    CHECK (player_id < friend_id)
) WITHOUT ROWID;
CREATE INDEX friends_friend ON friends (friend_id);
