"""The one list of what differs from the contract on purpose, in arguments and in answers, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from lootlocker_async.models.base import OpenEnum
from lootlocker_async.secret import SecretStr


@attrs.frozen
class Deviation:
    """What an argument does other than the contract says.

    `optional`: the contract requires it and the method doesn't. `type`: it takes `values` too, which the contract's
    type leaves out. `range`: it refuses `values`, which the contract lets through. `extra`: it is the method's alone.
    `ours`: it is no argument, because the client sends it by itself.
    """

    kind: Literal["optional", "type", "range", "extra", "ours"]
    argument: str
    why: str
    operation: str | None = None
    values: Callable[[Any], bool] = lambda _value: True


def _whole(value: Any) -> bool:
    return type(value) is int


def _has_many_assets(value: Any) -> bool:
    ids = value.get("asset_ids") if isinstance(value, dict) else None
    return isinstance(ids, list) and len(ids) > 100


def _is_false(value: Any) -> bool:
    return value is False


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


ARGUMENTS = (
    Deviation("optional", "game_version", "it defaults to the client's own", "session_start"),
    Deviation("optional", "game_version", "it defaults to the client's own", "oauth_exchange_token"),
    Deviation("ours", "actor_token", "it is the server key, which the client has", "oauth_exchange_token"),
    Deviation("range", "game_version", "an empty one says nothing", "oauth_exchange_token", lambda value: not value),
    Deviation("type", "public", "the word on the wire is given as a bool", "player_files_upload", _is_bool),
    Deviation("extra", "name", "the part's file name, which the contract only mentions", "player_files_upload"),
    Deviation("extra", "name", "the part's file name, which the contract only mentions", "player_files_update"),
    Deviation("extra", "progress", "told how far the upload has come; nothing of it is sent", "player_files_upload"),
    Deviation("extra", "progress", "told how far the upload has come; nothing of it is sent", "player_files_update"),
    Deviation("type", "leaderboard_key", "the contract's own words: its numeric id is taken too", None, _whole),
    Deviation(
        "range",
        "player_id",
        "no id is negative; the contract gives the bound for the same id in paths and forgets it here",
        "players_lookup_names",
        lambda value: any(item < 0 for item in value),
    ),
    *(
        Deviation("range", name, "no id is negative", operation, lambda value: any(item < 0 for item in value))
        for operation, name in (
            ("player_storage_list", "player_ids"),
            ("player_storage_delete", "player_ids"),
            ("connected_accounts_list", "legacy_player_ids"),
        )
    ),
    *(
        Deviation(
            "type",
            name,
            "any number of players goes in parts that one request takes each",
            "connected_accounts_list",
            lambda value: isinstance(value, list) and len(value) > 25,
        )
        for name in ("player_ids", "legacy_player_ids")
    ),
    *(
        Deviation(
            "range",
            name,
            "one request takes 25 in both lists together, so that with the other list they go in two",
            "connected_accounts_list",
            lambda value: len(value) == 25,
        )
        for name in ("player_ids", "legacy_player_ids")
    ),
    Deviation("range", "key", "an empty text is no key", "metadata_list", lambda value: not value),
    *(
        Deviation("range", name, "in the contract's words: sent only when true", operation, _is_false)
        for operation, name in (
            ("metadata_list", "ignore_files"),
            ("metadata_list_multisource", "ignore_files"),
            ("drop_tables_compute_and_lock", "asset_details"),
        )
    ),
    Deviation("range", "asset_details", "in the contract's words: left out", "drop_tables_compute_and_lock", _is_false),
    Deviation(
        "type",
        "filters",
        "any number of asset ids goes in parts that one request takes each",
        "assets_list_simple",
        _has_many_assets,
    ),
    Deviation("type", "amount", "a whole number is as exact as its text", "balances_credit", _whole),
    Deviation("type", "amount", "a whole number is as exact as its text", "balances_debit", _whole),
    Deviation(
        "type",
        "modifiers",
        "a whole factor is as exact as its text",
        "balances_create_wallet_modifiers",
        lambda value: (
            isinstance(value, list) and any(_whole(item.get("factor")) for item in value if isinstance(item, dict))
        ),
    ),
    Deviation(
        "type",
        "ids",
        "any number of ids goes in parts that one request takes each",
        "catalogs_list_items_by_id",
        lambda value: isinstance(value, list) and len(value) > 100,
    ),
)

ENVELOPES: Mapping[str, str] = {
    # The service wraps one board in an object of one field, and nothing is beside it.
    "leaderboards_get": "leaderboard",
    # One stored pair comes in an object of one field likewise.
    "asset_instances_get_storage_pair": "storage",
    "asset_instances_update_storage_pair": "storage",
}


METHODS: Mapping[str, str] = {
    "player_files.download": "fetches a file's contents from the host that keeps them",
    "player_files.stream": "the same, piece by piece",
}
"""Public methods of services that are no operations, each with what it is there for."""


SPLIT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("assets_list_simple", ("filters", "asset_ids")),
    ("catalogs_list_items_by_id", ("ids",)),
    ("connected_accounts_list", ("player_ids",)),
    ("connected_accounts_list", ("legacy_player_ids",)),
)
"""Operations and the lists that they take any number in, because they send several requests where one is too small."""


def given(operation: str, argument: str, value: Any) -> Any:
    """An argument as its method takes it, where that isn't the value of the wire."""
    form = FORMS.get((operation, argument))
    return value if form is None else form(value)


def _word(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


FORMS: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    ("player_files_upload", "public"): _word,
    # A text is a path here; the contents of a part are bytes.
    ("player_files_upload", "file"): lambda value: value.encode() if isinstance(value, str) else value,
    ("player_files_update", "file"): lambda value: value.encode() if isinstance(value, str) else value,
}


def deviates(kind: str, operation: str, argument: str, value: object = None) -> bool:
    return any(
        found.kind == kind
        and found.argument == argument
        and found.operation in {None, operation}
        and (kind not in {"type", "range"} or found.values(value))
        for found in ARGUMENTS
    )


# --------------------------------------------------------------------------------------------------------------- models
@attrs.frozen
class NoModel:
    """A named schema that is no class of its own: how a field that holds it is annotated, and why."""

    annotation: str
    why: str


NO_MODEL: Mapping[str, NoModel] = {
    "Amount": NoModel("Decimal", "an amount is a number that loses no digit"),
    "MetadataValue": NoModel("Any", "it is any JSON"),
}

INLINE: Mapping[str, tuple[str, str]] = {
    "AssetExternalIdentifiersPsn": ("AssetExternalIdentifiers", "psn"),
    "AssetExternalIdentifiersAppleAppStore": ("AssetExternalIdentifiers", "apple_app_store"),
    "AssetExternalIdentifiersGooglePlay": ("AssetExternalIdentifiers", "google_play"),
    "PaginationError": ("PagePagination", "errors"),
}
"""Classes of objects that the contract gives no name, each with the schema and the field that holds it."""

TWINS: Mapping[str, str] = {
    # What is left out of a request stays out, and what is left out of an answer is its type's empty value.
    "LeaderboardRewardPredicateArgsRequest": "LeaderboardRewardPredicateArgs",
}
"""Classes of requests whose schema serves an answer too."""

_OF_THE_PAGE = "put in from the lists of details that a page has beside its entries"
_DETAILS = ("asset_details", "currency_detail", "progression_point_detail", "progression_reset_detail")

COMPUTED: Mapping[str, Mapping[str, str]] = {
    "CatalogEntry": dict.fromkeys((*_DETAILS, "group_detail"), _OF_THE_PAGE),
    "CatalogGroupAssociation": dict.fromkeys(_DETAILS, _OF_THE_PAGE),
}
"""Fields of models that the wire doesn't have, each with what it is made of."""

ANNOTATIONS: Mapping[tuple[str, str], str] = {
    ("MetadataEntry", "value"): "Any",
    # A number or a text of digits, of which none may be lost.
    ("WalletModifier", "factor"): "Decimal",
}
"""Fields of answers whose type follows from no rule."""


# --------------------------------------------------------------------------------------------------------- conversions
@attrs.frozen
class Conversion:
    """How a value of the wire may look in a model."""

    why: str
    fits: Callable[[Any, Any], bool]


CONVERSIONS = (
    Conversion(
        "a null list is an empty tuple", lambda value, raw: value == () and type(value) is tuple and raw is None
    ),
    Conversion("a null map is an empty dict", lambda value, raw: value == {} and type(value) is dict and raw is None),
    Conversion(
        "a flag that comes as 0 or 1 is a bool",
        lambda value, raw: isinstance(value, bool) and type(raw) is int and value == raw,
    ),
    Conversion(
        "an amount is a Decimal with every digit",
        lambda value, raw: isinstance(value, Decimal) and isinstance(raw, str) and str(value) == raw,
    ),
    Conversion(
        "a number of any precision is a Decimal with every digit",
        lambda value, raw: isinstance(value, Decimal) and type(raw) in {int, float} and str(value) == str(raw),
    ),
    Conversion(
        "a number with a fraction in free-form data is a Decimal with every digit",
        lambda value, raw: isinstance(value, Decimal) and type(raw) is float and value == Decimal(repr(raw)),
    ),
    Conversion(
        "an RFC 3339 date is an aware datetime",
        lambda value, raw: (
            isinstance(value, datetime) and value.tzinfo is not None and value == datetime.fromisoformat(str(raw))
        ),
    ),
    Conversion(
        "an enum's member is its text",
        lambda value, raw: isinstance(value, OpenEnum) and type(raw) is str and value.value == raw,
    ),
    Conversion(
        "a secret is a text that hides",
        lambda value, raw: isinstance(value, SecretStr) and type(raw) is str and value.reveal() == raw,
    ),
)


def assert_keeps(value: Any, raw: Any, path: str = "$") -> None:
    """See that a model holds every value of the JSON that it was made of."""
    if isinstance(value, tuple) and isinstance(raw, dict):
        raw = [raw]  # the contract's `x-normalize: list`; no other list is read from an object
    if attrs.has(type(value)):
        assert isinstance(raw, dict), f"{path}: {type(value).__name__} of {raw!r}"
        fields = attrs.fields_dict(type(value))
        for name, part in raw.items():
            assert name in fields, f"{path}.{name} is lost"
            assert_keeps(getattr(value, name), part, f"{path}.{name}")
    elif isinstance(value, tuple) and isinstance(raw, list):
        assert len(value) == len(raw), path
        for index, (item, part) in enumerate(zip(value, raw, strict=True)):
            assert_keeps(item, part, f"{path}[{index}]")
    elif isinstance(value, dict) and isinstance(raw, dict):
        assert value.keys() == raw.keys(), path
        for name, part in raw.items():
            assert_keeps(value[name], part, f"{path}[{name!r}]")
    elif not (type(value) is type(raw) and value == raw):
        assert any(conversion.fits(value, raw) for conversion in CONVERSIONS), f"{path}: {raw!r} became {value!r}"
