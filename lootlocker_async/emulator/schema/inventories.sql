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
