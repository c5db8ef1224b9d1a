"""Assets, as the game shows them and as the database keeps them."""

from __future__ import annotations

from typing import Any, ClassVar

from lootlocker_async.models.base import Map, Seq, Soft, empty_map, model, parsed, soft


@model
class AssetStorageEntry:
    """A key and its value, set on an asset for all players.

    Attributes:
        key: The key.
        value: The value, text also where it holds a number.
    """

    key: str
    value: str | None = None


@model
class AssetRarity:
    """How rare an asset is.

    Attributes:
        name: The rarity's name.
        short_name: A short form of the name.
        color: A colour in hexadecimal.
    """

    name: Soft[str] = soft(default="")
    short_name: Soft[str] = soft(default="")
    color: str | None = None


@model
class AssetPackageItem:
    """One kind of thing in a package.

    Attributes:
        variation_id: The variation of the asset that is packed.
        quantity: How many there are in the package.
        asset: The asset packed; it comes without `package_contents` of its own.
    """

    variation_id: int | None = None
    quantity: int
    asset: Asset


@model
class AssetExternalIdentifiersPsn:
    """What an asset is called in the PlayStation Store.

    Attributes:
        entitlement_id: The id of the entitlement.
        service_label: The number of the service label.
    """

    entitlement_id: Soft[str] = soft(default="")
    service_label: Soft[int] = soft(default=0)


@model
class AssetExternalIdentifiersAppleAppStore:
    """What an asset is called in the App Store.

    Attributes:
        product_id: The id of the product.
    """

    product_id: Soft[str] = soft(default="")


@model
class AssetExternalIdentifiersGooglePlay:
    """What an asset is called on Google Play.

    Attributes:
        product_id: The id of the product.
    """

    product_id: Soft[str] = soft(default="")


@model
class AssetExternalIdentifiers:
    """What an asset is called in the stores of the platforms.

    Attributes:
        psn: The names in the PlayStation Store.
        apple_app_store: The names in the App Store.
        google_play: The names on Google Play.
    """

    psn: AssetExternalIdentifiersPsn | None = None
    apple_app_store: AssetExternalIdentifiersAppleAppStore | None = None
    google_play: AssetExternalIdentifiersGooglePlay | None = None


@model
class AssetRentalOption:
    """A way to rent the asset for a time.

    Attributes:
        id: The rental option's id.
        name: Its name.
        duration: Seconds that the rent lasts.
        price: The price, a whole number.
        sales_price: The price that holds instead of `price` while it is on sale.
        links: Addresses by the names of the links.
    """

    id: int
    name: Soft[str] = soft(default="")
    duration: int | None = None
    price: int
    sales_price: int | None = None
    links: Map[str | None] = empty_map()


@model
class AssetFilter:
    """A name and a value that the asset can be found by.

    Attributes:
        name: The name.
        value: The value.
    """

    name: str
    value: Soft[str] = soft(default="")


@model
class AssetFile:
    """A file that belongs to an asset.

    Attributes:
        url: The address of the file.
        tags: Words that say what the file is for.
    """

    url: str
    tags: Seq[str] = ()


@model
class AssetHeroEquipException:
    """A hero for whom the rule on who can equip the asset is another.

    Attributes:
        can_equip: Whether the hero can equip the asset.
        hero_id: The hero's numeric id.
        hero_name: The hero's name.
    """

    can_equip: Soft[bool] = soft(default=False)
    hero_id: int
    hero_name: Soft[str] = soft(default="")


@model
class AssetCandidate:
    """The player who made an asset.

    Attributes:
        created_by_player_id: The player's numeric id.
        created_by_player_uid: The player's public identifier.
    """

    created_by_player_id: int
    created_by_player_uid: Soft[str] = soft(default="")


@model
class AssetVariationProperty:
    """Where in the game's own files a variation finds its material and binding.

    Attributes:
        material_path: The path of the material.
        binding_path: The path of the binding.
        bone_id: The id of the bone.
        bone_overrides: What overrides the bones; free-form.
    """

    material_path: str | None = None
    binding_path: str | None = None
    bone_id: int | None = None
    bone_overrides: Map[Any] = empty_map()


@model
class AssetVariation:
    """A look of an asset.

    Attributes:
        id: The variation's id.
        name: Its name.
        primary_color: A colour in hexadecimal without a leading `#`.
        secondary_color: A colour in hexadecimal without a leading `#`.
        properties: Where the game's own files keep its material and binding.
        links: Addresses by the names of the links.
    """

    id: int
    name: Soft[str] = soft(default="")
    primary_color: str | None = None
    secondary_color: str | None = None
    properties: Seq[AssetVariationProperty] = ()
    links: Map[str | None] = empty_map()


@model
class Asset:
    """An asset of the game in full.

    Attributes:
        id: The asset's numeric id.
        uuid: The asset's UUID.
        ulid: The asset's ULID; an empty string where it has none.
        name: The asset's name.
        active: Whether the asset is in use.
        purchasable: Whether it can be bought.
        initially_purchasable: Whether it could be bought from the start.
        price: The price, a whole number.
        sales_price: The price that holds instead of `price` while the asset is on sale.
        display_price: The price as text for the shop.
        shop_thumbnail: The path of a picture for the shop.
        context: The name of the context that the asset is in.
        context_id: The id of that context.
        context_locked: Whether that context is locked.
        character_classes: The ids of the character classes that the asset is for.
        unlocks_context: The context that the asset unlocks, by name or as a flag.
        detachable: Whether it can be detached.
        updated: When the asset last changed.
        marked_new: When the asset was marked as new.
        default_variation_id: The id of the variation that it has by default.
        default_loadouts: Whether the asset is in the default loadout of a class, by the class's name.
        description: What the asset is.
        links: Addresses by the names of the links.
        storage: Keys and values set on the asset for all players.
        rarity: How rare it is.
        popular: Whether it counts as popular.
        popularity_score: How popular it is.
        featured: Whether it is featured.
        package_contents: What is in the package, where the asset is one (a drop table too).
        unique_instance: Whether each player can have only one.
        external_identifiers: What it is called in the stores of the platforms.
        rental_options: The ways to rent it.
        filters: Names and values that it can be found by.
        files: The files that belong to it.
        data_entities: Its data entities.
        hero_equip_exceptions: The heroes for whom another rule says who can equip it.
        asset_candidate: Who made the asset, where a player did.
        drop_table_max_picks: How many items may be picked, where the asset is a drop table.
        variations: Its looks.
        updated_datetime: `updated` as an aware `datetime`; None where it is missing or cannot be read.
        marked_new_datetime: `marked_new` as an aware `datetime`; None where it is missing or cannot be read.
    """

    id: int
    uuid: Soft[str] = soft(default="")
    ulid: Soft[str] = soft(default="")
    name: Soft[str] = soft(default="")
    active: Soft[bool] = soft(default=False)
    purchasable: Soft[bool] = soft(default=False)
    initially_purchasable: bool | None = None
    price: int | None = None
    sales_price: int | None = None
    display_price: str | None = None
    shop_thumbnail: str | None = None
    context: Soft[str] = soft(default="")
    context_id: Soft[int] = soft(default=0)
    context_locked: bool | None = None
    character_classes: Seq[int] = soft(default=())
    unlocks_context: str | bool | None = None
    detachable: Soft[bool] = soft(default=False)
    updated: Soft[str] = soft(default="")
    marked_new: str | None = None
    default_variation_id: int | None = None
    default_loadouts: Map[bool] = empty_map()
    description: str | None = None
    links: Map[str | None] = empty_map()
    storage: Seq[AssetStorageEntry] = soft(default=())
    rarity: AssetRarity | None = None
    popular: Soft[bool] = soft(default=False)
    popularity_score: Soft[int] = soft(default=0)
    featured: bool | None = None
    package_contents: Seq[AssetPackageItem] = ()
    unique_instance: Soft[bool] = soft(default=False)
    external_identifiers: AssetExternalIdentifiers | None = None
    rental_options: Seq[AssetRentalOption] = ()
    filters: Seq[AssetFilter] = soft(default=())
    files: Seq[AssetFile] = soft(default=())
    data_entities: Seq[str] = soft(default=())
    hero_equip_exceptions: Seq[AssetHeroEquipException] = soft(default=())
    asset_candidate: AssetCandidate | None = None
    drop_table_max_picks: int | None = None
    variations: Seq[AssetVariation] = soft(default=())

    updated_datetime: ClassVar[parsed] = parsed("updated")
    marked_new_datetime: ClassVar[parsed] = parsed("marked_new")


@model
class AssetPage:
    """One page of the game's assets.

    Attributes:
        total: How many assets there are over all pages; not every answer says.
        items: The assets of the page.
    """

    total: int | None = None
    items: Seq[Asset]


@model
class AssetRecord:
    """A raw record of an asset, as the answer to granting one holds it.

    Flags come as 0 and 1 or as booleans there and are booleans here. Dates are SQL texts without a zone, taken as UTC.

    Attributes:
        id: The asset's numeric id.
        live_asset_id: The same asset's id in the live environment.
        has_changes: Whether it has changes.
        context_id: The id of the context that it is in.
        asset_type_id: The id of its type.
        default_variation_id: The id of the variation that it has by default.
        rarity_id: The id of its rarity.
        price: The price, a whole number.
        sales_price: The price while on sale; 0 for none, where an `Asset` has None.
        popular: Whether it counts as popular.
        popularity_score: How popular it is.
        name: The asset's name.
        type: Its type, a number as text.
        active: Whether the asset is in use.
        purchasable: Whether it can be bought.
        rentable: Whether it can be rented.
        unique_instance: Whether each player can have only one.
        min_game_version_id: The id of the oldest version of the game that knows it.
        marked_new: When the asset was marked as new.
        created_at: When it was created.
        updated_at: When it was last changed.
        deleted_at: When it was deleted.
        uuid: The asset's UUID.
        ulid: The asset's ULID.
        marked_new_datetime: `marked_new` as an aware `datetime`; None where it is missing or cannot be read.
        created_at_datetime: `created_at` as an aware `datetime`; None where it is missing or cannot be read.
        updated_at_datetime: `updated_at` as an aware `datetime`; None where it is missing or cannot be read.
        deleted_at_datetime: `deleted_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    id: int
    live_asset_id: int | None = None
    has_changes: Soft[bool] = soft(default=False)
    context_id: Soft[int] = soft(default=0)
    asset_type_id: int | None = None
    default_variation_id: int | None = None
    rarity_id: int | None = None
    price: int
    sales_price: int | None = None
    popular: Soft[bool] = soft(default=False)
    popularity_score: Soft[int] = soft(default=0)
    name: Soft[str] = soft(default="")
    type: str | None = None
    active: Soft[bool] = soft(default=False)
    purchasable: Soft[bool] = soft(default=False)
    rentable: Soft[bool] = soft(default=False)
    unique_instance: Soft[bool] = soft(default=False)
    min_game_version_id: int | None = None
    marked_new: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    deleted_at: str | None = None
    uuid: Soft[str] = soft(default="")
    ulid: str | None = None

    marked_new_datetime: ClassVar[parsed] = parsed("marked_new")
    created_at_datetime: ClassVar[parsed] = parsed("created_at")
    updated_at_datetime: ClassVar[parsed] = parsed("updated_at")
    deleted_at_datetime: ClassVar[parsed] = parsed("deleted_at")
