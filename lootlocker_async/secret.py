"""Text and bytes that must not be shown."""

from __future__ import annotations

from typing import Final, SupportsIndex

MASK: Final = "********"


class SecretStr(str):
    """A string that shows nothing in `repr`, formatting and pickles.

    It *is* the string for everything that needs the value (headers, comparison, `str.encode`), so a secret can travel
    through code that prints its arguments, captures frames or pickles its state without being written down there.
    `str(secret)` (or `reveal()`) gives the bare text on purpose.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"SecretStr('{MASK}')"

    def __format__(self, spec: str, /) -> str:
        return format(MASK, spec)

    def __getitem__(self, key: SupportsIndex | slice, /) -> SecretStr:
        return SecretStr(super().__getitem__(key))

    def __reduce_ex__(self, protocol: object, /) -> tuple[type[SecretStr], tuple[str]]:
        return SecretStr, (MASK,)

    def reveal(self) -> str:
        """The bare text."""
        return str.__str__(self)


class SecretBytes(bytes):
    """Bytes that hold a secret and show nothing in `repr` and pickles."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"SecretBytes({len(self)})"

    def __reduce_ex__(self, protocol: object, /) -> tuple[type[SecretBytes], tuple[bytes]]:
        return SecretBytes, (MASK.encode(),)
