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
