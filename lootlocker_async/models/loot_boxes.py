"""What may come out of loot boxes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from lootlocker_async.models.base import Seq, Soft, model, soft


@model
class LootBoxContent:
    """Something that may come out of a loot box.

    Attributes:
        asset_id: The asset's numeric id.
        asset_variation_id: The variation that it comes in.
        asset_rental_option_id: The rental option that it comes with.
        weight: How likely it is, set against the weights of the others.
    """

    asset_id: int
    asset_variation_id: int | None = None
    asset_rental_option_id: int | None = None
    weight: int


@model
class LootBoxInspection:
    """What may come out of a loot box, and how likely each thing is.

    Attributes:
        contents: What may come out.
        odds: How likely each of the contents is, as an exact fraction of 1; computed from the weights.
    """

    contents: Seq[LootBoxContent]

    @property
    def odds(self) -> Mapping[LootBoxContent, Fraction]:
        """How likely each of the contents is: its share of all weights, exactly, so that all of them make 1.

        Contents that are alike in everything are counted together. Where the weights come to nothing, so do the odds.
        """
        whole = sum(content.weight for content in self.contents)
        odds: dict[LootBoxContent, Fraction] = {}
        for content in self.contents:
            odds[content] = odds.get(content, Fraction(0)) + Fraction(content.weight if whole else 0, whole or 1)
        return odds


@model
class LootBoxOpening:
    """The answer to opening a loot box; what was drawn is not in it.

    Attributes:
        check_grant_notifications: Whether the player has notifications of new assets to look up.
    """

    check_grant_notifications: Soft[bool] = soft(default=False)
