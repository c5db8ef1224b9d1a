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
