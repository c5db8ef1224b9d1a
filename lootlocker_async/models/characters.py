"""The characters and heroes of players."""

from __future__ import annotations

from lootlocker_async.models.assets import Asset
from lootlocker_async.models.base import Seq, Soft, model, soft


@model
class PlayerCharacter:
    """A character of a player.

    Attributes:
        id: The character's numeric id.
        ulid: The character's ULID.
        default: Whether it is the player's default character; heroes call the same thing `is_default`.
        name: The character's name.
        type: The name of its class.
    """

    id: int
    ulid: str | None = None
    default: Soft[bool] = soft(default=False)
    name: str | None = None
    type: Soft[str] = soft(default="")


@model
class PlayerCharacterList:
    """All characters of a player.

    Attributes:
        items: The characters.
    """

    items: Seq[PlayerCharacter]


@model
class _PlayerCharacterAnswer(PlayerCharacter):
    """A character as it may arrive: the sources do not agree on the name of the flag.

    Attributes:
        is_default: The flag `default`, as the Game API calls it.
    """

    is_default: bool | None = None


@model
class _PlayerCharacterListAnswer:
    """A player's characters as they may arrive.

    Attributes:
        items: The characters.
    """

    items: Seq[_PlayerCharacterAnswer]

    def read(self) -> PlayerCharacterList:
        """The characters under the names that this SDK gives them."""
        return PlayerCharacterList(
            items=tuple(
                PlayerCharacter(
                    id=item.id,
                    ulid=item.ulid,
                    default=item.default or bool(item.is_default),
                    name=item.name,
                    type=item.type,
                )
                for item in self.items
            )
        )


@model
class PlayerHero:
    """A hero of a player.

    Attributes:
        id: Names this player's hero.
        hero_id: Names the hero in the game.
        character_id: The character that stands behind the hero.
        instance_id: The asset instance that the hero is.
        hero_name: The hero's name.
        character_name: The name of the character behind the hero.
        class_name: The name of its class.
        is_default: Whether it is the player's default hero.
        asset_variation_id: The variation of the asset that the hero is.
        asset: The asset in full.
    """

    id: int
    hero_id: int
    character_id: int
    instance_id: int
    hero_name: Soft[str] = soft(default="")
    character_name: str | None = None
    class_name: Soft[str] = soft(default="")
    is_default: Soft[bool] = soft(default=False)
    asset_variation_id: int | None = None
    asset: Asset | None = None


@model
class PlayerHeroList:
    """All heroes of a player.

    Attributes:
        items: The heroes.
    """

    items: Seq[PlayerHero]
