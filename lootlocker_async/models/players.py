"""Players: their ids, names and session tokens."""

from __future__ import annotations

import attrs

from lootlocker_async.models.base import OpenEnum, Secret, Seq, Soft, hidden, model, soft
from lootlocker_async.models.constraints import NonEmpty, SecretTokens, known


class PlayerPlatform(OpenEnum):
    """The platform that a player's account comes from."""

    STEAM = "steam"
    PSN = "psn"
    APPLE_SIGN_IN = "apple_sign_in"
    APPLE_GAME_CENTER = "apple_game_center"
    GOOGLE_SIGN_IN = "google_sign_in"
    GOOGLE_PLAY_GAMES = "google_play_games"
    XBOX_ONE = "xbox_one"
    NINTENDO_SWITCH = "nintendo_switch"
    AMAZON_LUNA = "amazon_luna"
    WHITE_LABEL_LOGIN = "white_label_login"
    GUEST = "guest"
    EPIC_GAMES = "epic_games"
    META = "meta"
    DISCORD = "discord"


@model
class PlayerIds:
    """The two ids of a player.

    Attributes:
        player_id: The player's integer id.
        player_ulid: The player's ULID.
    """

    player_id: int
    player_ulid: str


@model
class PlayerName:
    """A player's name and ids, as on the platform the player used last.

    Attributes:
        player_id: The player's integer id.
        ulid: The player's ULID.
        player_public_uid: The short public id that players can show one another.
        name: The player's name; None or empty where none is set.
        last_active_platform: The platform of the player's latest session, such as `steam`.
        platform_player_id: The player's id on that platform, where it has one.
    """

    player_id: int
    ulid: str | None = None
    player_public_uid: Soft[str] = soft(default="")
    name: str | None = None
    last_active_platform: Soft[str] = soft(default="")
    platform_player_id: str | None = None


@model
class PlayerNameList:
    """The players that were found.

    Attributes:
        players: One entry for each player found.
    """

    players: Seq[PlayerName]


@model
class PlayerSessionInfo:
    """The player behind one game session token.

    Attributes:
        id: The player's ULID.
        legacy_id: The player's integer id.
        token: The session token that was asked about.
    """

    id: str
    legacy_id: int
    token: Secret = hidden()


@model
class PlayerSessionInfoList:
    """What became of each token: the players found, and the tokens that name nobody.

    Attributes:
        failed_tokens: Tokens with no player behind them, such as expired or made-up ones.
        player_info_list: One entry for each token that was recognised.
    """

    failed_tokens: Seq[Secret] = soft(default=())
    player_info_list: Seq[PlayerSessionInfo]


@model
class PlayerCreateRequest:
    """The platform account to make a player for.

    Attributes:
        platform: The platform the identifier comes from; one that is not enabled for the game is refused.
        player_identifier: The account's own id on that platform, taken as given and not verified.
    """

    platform: PlayerPlatform = attrs.field(validator=known)
    player_identifier: NonEmpty


@model
class PlayerSessionTokensRequest:
    """The game session tokens to identify.

    Attributes:
        tokens: Tokens that game clients got for their own sessions.
    """

    tokens: SecretTokens = hidden()
