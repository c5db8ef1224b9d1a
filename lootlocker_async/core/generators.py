"""What `async for` drives where a plain async generator would not do: it holds tasks that its end has to call back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self, TypeVar, overload

T = TypeVar("T")

__all__ = ["ClosableGenerator"]


class ClosableGenerator(AsyncGenerator[T, None]):
    """An async generator that is made of `__anext__` and `aclose`."""

    def __aiter__(self) -> Self:
        return self

    @abstractmethod
    async def __anext__(self) -> T:
        """The next one."""

    @abstractmethod
    async def aclose(self) -> None:
        """End it: what is under way is called back before this returns."""

    async def asend(self, value: None, /) -> T:
        """The next one; there is nothing that could be sent."""
        del value
        return await self.__anext__()

    @overload
    async def athrow(
        self, typ: type[BaseException], val: BaseException | object = None, tb: TracebackType | None = None, /
    ) -> T: ...
    @overload
    async def athrow(self, typ: BaseException, val: None = None, tb: TracebackType | None = None, /) -> T: ...
    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
        /,
    ) -> T:
        """End it and raise."""
        await self.aclose()
        error = typ if isinstance(typ, BaseException) else (val if isinstance(val, BaseException) else typ())
        raise error.with_traceback(tb)
