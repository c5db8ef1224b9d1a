"""What a request carries beside JSON, whose bodies are plain bytes: forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.secret import SecretBytes, SecretStr

__all__ = ["Body", "Form", "UploadBroken"]


class UploadBroken(Exception):  # noqa: N818  (services raise what it holds)
    """An upload ended because its source, or its progress function, raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class Body(Protocol):
    """What a request carries, made anew for each time it is sent."""

    @property
    def whole(self) -> bool:
        """Whether all of the latest sending has been handed to the connection."""
        ...

    @property
    def failure(self) -> BaseException | None:
        """What the source of the latest sending raised."""
        ...

    async def ended(self) -> None:
        """Wait until nothing of a sending that is over goes on."""

    @property
    def spent(self) -> bool:
        """Whether it can't be sent (again)."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts in it that must not be shown."""
        ...

    def data(self) -> Any:  # noqa: ANN401  (whatever aiohttp takes)
        """What to give to aiohttp for one sending."""
        ...

    def shown(self) -> str | None:
        """It in words, without secrets."""
        ...


class Form:
    """Fields of a URL-encoded form."""

    spent: bool = False
    whole: bool = True
    failure: BaseException | None = None

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Take the fields.

        Args:
            fields: The fields by name.

        Raises:
            InvalidRequestError: A value holds half a character.
        """
        self._fields = dict(fields)
        for name, value in self._fields.items():
            # Not by trying: the error would keep the value, which may be a secret.
            if any("\ud800" <= char <= "\udfff" for char in value):
                raise InvalidRequestError(f"{name} holds half a character (a lone surrogate)")

    async def ended(self) -> None:
        """A form is sent in one piece."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that are secrets."""
        return tuple(value for value in self._fields.values() if isinstance(value, SecretStr))

    def data(self) -> SecretBytes:
        """The form as it goes over the wire."""
        return SecretBytes(urlencode({name: str(value) for name, value in self._fields.items()}).encode())

    def shown(self) -> str:
        """The form with its secrets blanked."""
        return urlencode({name: f"{value}" for name, value in self._fields.items()}, safe="*:")
