"""Assets, their contexts, and the assets that hold others: loot boxes and drop tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import assets, contexts, drop_tables, inventories, loot_boxes
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant


class AssetsWorld:
    """Builds assets."""

    _game: Game

    def add_context(self, name: str, *, context_id: int | None = None, uuid: str | None = None) -> int:
        """Adds a context to sort assets into; an asset makes its own context where that is missing.

        Args:
            name: Its name.
            context_id: Its id; the next one by default.
            uuid: Its UUID; a new one by default.

        Returns:
            Its id.
        """
        return contexts.create(self._game, name, context_id=context_id, uuid=uuid)

    def export_contexts(self) -> list[dict[str, Any]]:
        """Every context, as the arguments of `add_context`."""
        rows = self._game.store.rows("SELECT name, id context_id, uuid FROM contexts ORDER BY id")
        return [dict(row) for row in rows]

    def add_asset(self, name: str, **fields: Any) -> int:  # noqa: ANN401 - any field of the contract's Asset
        """Adds an asset.

        Args:
            name: Its name.
            **fields: Any of the fields that the contract gives an asset, `id` among them. `context` or `context_id` is
                enough to name a context. A file may have `name` and `size` too, and a data entity be a mapping with
                `name` and `data`. `created_at` is in seconds since the epoch.

        Returns:
            Its numeric id.

        Raises:
            ValueError: There is no such field, or the context's id and name contradict the game.
        """
        created_at = fields.pop("created_at", None)
        asset_id: int = assets.create(self._game, name, fields, created_at=created_at)["id"]
        return asset_id

    def export_assets(self) -> list[dict[str, Any]]:
        """Every asset, as the arguments of `add_asset`."""
        return assets.export(self._game)

    def add_loot_box(self, asset_id: int, contents: Iterable[Mapping[str, Any]]) -> None:
        """Makes an asset a loot box.

        Args:
            asset_id: The asset.
            contents: What may come out, each with `asset_id`, `weight` and perhaps `asset_variation_id` or
                `asset_rental_option_id`.

        Raises:
            ValueError: There are no contents, or one of them is wrong.
        """
        loot_boxes.create(self._game, asset_id, contents)

    def export_loot_boxes(self) -> list[dict[str, Any]]:
        """Every loot box, as the arguments of `add_loot_box`."""
        return loot_boxes.export(self._game)

    def add_drop_table(
        self, asset_id: int, groups: Iterable[Mapping[str, Any]], *, max_picks: int | None = None
    ) -> None:
        """Makes an asset a drop table.

        Args:
            asset_id: The asset.
            groups: What each computation draws from: `items`, how many `draws` of them (1 by default), and whether
                there may be `duplicates`. Each item has `asset_id`, `weight`, and perhaps `asset_variation_id`,
                `asset_rental_option_id`, `quantity` and `tags`.
            max_picks: How many of the items drawn may be picked; all of them by default.

        Raises:
            ValueError: There are no items, or a group or an item is wrong.
        """
        drop_tables.create(self._game, asset_id, groups, max_picks=max_picks)

    def export_drop_tables(self) -> list[dict[str, Any]]:
        """Every drop table, as the arguments of `add_drop_table`."""
        return drop_tables.export(self._game)

    def add_universal_asset(
        self,
        asset_id: int,
        *,
        variation_id: int | None = None,
        rental_option_id: int | None = None,
        universal_id: int | None = None,
        acquired_at: float | None = None,
    ) -> int:
        """Lets every player have an asset.

        Args:
            asset_id: The asset.
            variation_id: Its variation; the default one by default.
            rental_option_id: How it is rented, if it is.
            universal_id: Its universal id; the next one by default.
            acquired_at: Since when, in seconds since the epoch; now by default.

        Returns:
            Its universal id.
        """
        grant = Grant(asset_id, variation_id, rental_option_id)
        return inventories.add_universal(self._game, grant, universal_id=universal_id, acquired_at=acquired_at)

    def export_universal_assets(self) -> list[dict[str, Any]]:
        """What every player has, as the arguments of `add_universal_asset`."""
        rows = self._game.store.rows(
            "SELECT asset_id, variation_id, rental_option_id, universal_id, acquired_at FROM universal_assets"
            " ORDER BY universal_id"
        )
        return [dict(row) for row in rows]
