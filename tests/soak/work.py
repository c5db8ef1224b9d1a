"""The load: one task for each wallet, member, inventory and set of files, so that every effect is somebody's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from random import Random
from typing import Any, Protocol, TypeVar

import attrs

from lootlocker_async import (
    CallError,
    LootLockerClient,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ResponseDecodeError,
)
from tests.soak.service import digest, plain

T = TypeVar("T")
_LOOKS = 100
_PAUSE = 0.08


@attrs.define
class Counts:
    """What a client met."""

    calls: int = 0
    done: Counter[str] = attrs.Factory(Counter)
    found_executed: Counter[str] = attrs.Factory(Counter)
    found_not_executed: Counter[str] = attrs.Factory(Counter)
    cut: Counter[str] = attrs.Factory(Counter)
    failed: Counter[str] = attrs.Factory(Counter)
    refused: int = 0
    cancelled: int = 0
    wrong: list[str] = attrs.Factory(list)


@attrs.frozen
class Shift:
    """What every worker of a process shares."""

    client: LootLockerClient
    plan: dict[str, Any]
    counts: Counts
    until: float

    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() >= self.until

    async def surely(self, look: Callable[[], Awaitable[T]]) -> T:
        """Look, however many times it fails."""
        for _ in range(_LOOKS):
            self.counts.calls += 1
            try:
                return await look()
            except CallError as error:
                self.counts.failed[f"look back: {type(error).__name__}"] += 1
                await asyncio.sleep(0.1)
        raise RuntimeError(f"{_LOOKS} looks failed one after another")

    async def once(
        self,
        operation: str,
        send: Callable[[], Coroutine[Any, Any, T]],
        look: Callable[[], Awaitable[Any]],
        *,
        before: object,
        after: object,
        repeatable: bool = False,
    ) -> tuple[bool, T | None]:
        """Make a call that changes something, and find out whether it was executed.

        An answer that broke off is taken at its word, and what is read back is held against it. So is every other error
        that is no unknown outcome: it was not executed, as the ledger will show. One of a call that may be repeated
        says nothing of the kind.
        """
        self.counts.calls += 1
        try:
            answer = await send()
        except PermissionDeniedError:
            raise
        except CallError as error:
            said = error.executed if isinstance(error, ResponseDecodeError) else None
            if not repeatable and said is None and not isinstance(error, OutcomeUnknownError):
                self.counts.failed[f"{operation}: {type(error).__name__}"] += 1
                return False, None
            now = await self.surely(look)
            if now not in (before, after):
                self.counts.wrong.append(f"{operation}: {before} should have stayed or become {after}, and is {now}")
            is_executed = now == after
            if said is not None:
                self.counts.cut[operation] += 1
                self.check(f"{operation}: whether the call with the broken answer was executed", said, is_executed)
            else:
                (self.counts.found_executed if is_executed else self.counts.found_not_executed)[operation] += 1
            self.counts.done[operation] += is_executed
            return is_executed, None
        self.counts.done[operation] += 1
        return True, answer

    def check(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.counts.wrong.append(f"{what}: {expected} was due, and it is {found}")


class Worker(Protocol):
    """Does one piece of work after another, and knows in the end what came of them."""

    player: int

    async def work(self) -> None: ...

    def beliefs(self) -> dict[str, Any]: ...


async def run(worker: Worker, shift: Shift, random: Random) -> None:
    while not shift.is_over():
        await worker.work()
        await asyncio.sleep(random.uniform(0, _PAUSE))


@attrs.define
class Purse:
    """Credits and debits one wallet; now and then it tries to take out too much."""

    shift: Shift
    random: Random
    player: int
    wallet: str
    held: Decimal = Decimal(1000)

    async def work(self) -> None:
        balances, currency = self.shift.client.balances, self.shift.plan["currency"]
        amount = Decimal(self.random.randint(1, 10_000)) / 100
        is_credit = self.random.random() < 0.55
        if self.random.random() < 0.03:
            is_credit, amount = False, self.held + amount
        call = balances.credit if is_credit else balances.debit
        after = self.held + amount if is_credit else self.held - amount
        try:
            is_executed, answer = await self.shift.once(
                "balances_credit" if is_credit else "balances_debit",
                lambda: call(amount=amount, currency_id=currency, wallet_id=self.wallet),
                self._look,
                before=self.held,
                after=after,
            )
        except PermissionDeniedError:
            self.shift.counts.refused += 1
            self.shift.check(f"a refused debit of {self.player}", True, after < 0 and not is_credit)
            return
        if is_executed:
            self.held = after
        if answer is not None:
            self.shift.check(f"the balance answered to {self.player}", after, answer.balance.amount)

    async def _look(self) -> Decimal:
        held = (await self.shift.client.balances.list(self.wallet)).balances
        return next((it.amount for it in held if it.currency.id == self.shift.plan["currency"]), Decimal(0))

    def beliefs(self) -> dict[str, Any]:
        return {"gold": plain(self.held)}


@attrs.define
class Member:
    """Submits a player's score to one board, and adds to it on another."""

    shift: Shift
    random: Random
    player: int
    best: int = 0
    sum: int = 0

    async def work(self) -> None:
        boards, member = self.shift.client.leaderboards, str(self.player)
        if self.random.random() < 0.5:
            score = self.random.randint(1, 1_000_000)
            is_executed, _ = await self.shift.once(
                "leaderboards_submit_score",
                lambda: boards.submit_score("best", member_id=member, score=score),
                lambda: self._look("best"),
                before=self.best,
                after=score,
                repeatable=True,
            )
            self.best = score if is_executed else self.best
            return
        amount = self.random.randint(1, 1000)
        is_executed, answer = await self.shift.once(
            "leaderboards_increment_score",
            lambda: boards.increment_score("sum", member_id=member, amount=amount),
            lambda: self._look("sum"),
            before=self.sum,
            after=self.sum + amount,
        )
        self.sum += amount * is_executed
        if answer is not None:
            self.shift.check(f"the sum answered to {self.player}", self.sum, answer.score)

    async def _look(self, board: str) -> int | None:
        async for entry in self.shift.client.leaderboards.list_member_ranks(str(self.player)):
            if entry.leaderboard_key == board and entry.rank is not None:
                return entry.rank.score
        return None

    def beliefs(self) -> dict[str, Any]:
        return {"best": self.best, "sum": self.sum}


@attrs.define
class Inventory:
    """Grants items to a player, and takes them away when there are many."""

    shift: Shift
    random: Random
    player: int
    items: set[int] = attrs.Factory(set)

    async def work(self) -> None:
        inventories = self.shift.client.inventories
        if len(self.items) >= self.random.randint(5, 30):
            gone = self.random.choice(sorted(self.items))
            is_executed, _ = await self.shift.once(
                "inventories_alter",
                lambda: inventories.alter(self.player, remove=[gone]),
                self._look,
                before=self.items,
                after=self.items - {gone},
            )
            self.items -= {gone} if is_executed else set()
            return
        seen: set[int] = set()

        async def count() -> int:
            seen.clear()
            seen.update(await self._look())
            return len(seen)

        is_executed, answer = await self.shift.once(
            "inventories_add_asset",
            lambda: inventories.add_asset(self.player, asset_id=self.shift.plan["asset"]),
            count,
            before=len(self.items),
            after=len(self.items) + 1,
        )
        if answer is not None:
            self.items |= {item.instance_id for item in answer.items}
        elif is_executed:
            self.shift.check(f"the items {self.player} had before", set[int](), self.items - seen)
            self.items = set(seen)

    async def _look(self) -> set[int]:
        return {item.instance_id async for item in self.shift.client.inventories.list_for_player(self.player)}

    def beliefs(self) -> dict[str, Any]:
        return {"items": sorted(self.items)}


@attrs.define
class File:
    """A file as the client knows it."""

    revision: str
    digest: str
    url: str = ""


@attrs.define
class Files:
    """Uploads, replaces, downloads and deletes a player's files."""

    shift: Shift
    random: Random
    player: int
    files: dict[int, File] = attrs.Factory(dict)
    made: int = 0

    async def work(self) -> None:
        if not self.files:
            await self._upload()
            return
        file_id = self.random.choice(sorted(self.files))
        if len(self.files) >= 5:
            await self._delete(file_id)
        else:
            chance = self.random.random()
            await (
                self._upload() if chance < 0.4 else self._replace(file_id) if chance < 0.7 else self._download(file_id)
            )

    async def _upload(self) -> None:
        contents, self.made = self._contents(), self.made + 1
        name = f"save_{self.made}.bin"
        found: list[tuple[int, str]] = []

        async def look() -> int:
            listed = (await self.shift.client.player_files.list(self.player)).items
            found[:] = [(file.id, file.revision_id or "") for file in listed if file.name == name]
            return len(found)

        is_executed, answer = await self.shift.once(
            "player_files_upload",
            lambda: self.shift.client.player_files.upload(self.player, file=contents, purpose="SAVE", name=name),
            look,
            before=0,
            after=1,
        )
        if answer is not None:
            found[:] = [(answer.id, answer.revision_id or "")]
        if is_executed:
            file_id, revision = found[0]
            self.files[file_id] = File(revision, digest(contents))

    async def _replace(self, file_id: int) -> None:
        contents, file = self._contents(), self.files[file_id]
        seen = [file.revision]

        async def look() -> bool:
            seen[:] = [(await self.shift.client.player_files.get(self.player, file_id)).revision_id or ""]
            return seen[0] != file.revision

        is_executed, answer = await self.shift.once(
            "player_files_update",
            lambda: self.shift.client.player_files.update(self.player, file_id, file=contents, name="new.bin"),
            look,
            before=False,
            after=True,
        )
        if is_executed:
            revision = seen[0] if answer is None else answer.revision_id or ""
            self.files[file_id] = File(revision, digest(contents))

    async def _download(self, file_id: int) -> None:
        counts = self.shift.counts
        counts.calls += 2
        try:
            file = await self.shift.client.player_files.get(self.player, file_id)
            contents = b"".join([piece async for piece in self.shift.client.player_files.stream(file)])
        except CallError as error:
            counts.failed[f"download: {type(error).__name__}"] += 1
            return
        self.shift.check(f"file {file_id} downloaded", self.files[file_id].digest, digest(contents))

    async def _delete(self, file_id: int) -> None:
        async def send() -> None:
            try:
                await self.shift.client.player_files.delete(self.player, file_id)
            except NotFoundError as error:
                if len(error.attempts) < 2:  # only a repeat may find it gone
                    raise

        async def look() -> bool:
            return file_id in [file.id for file in (await self.shift.client.player_files.list(self.player)).items]

        is_executed, _ = await self.shift.once(
            "player_files_delete", send, look, before=True, after=False, repeatable=True
        )
        if is_executed:
            del self.files[file_id]

    def _contents(self) -> bytes:
        return self.random.randbytes(self.random.randint(10, 20_000))

    def beliefs(self) -> dict[str, Any]:
        return {"files": {str(file_id): file.digest for file_id, file in self.files.items()}}


@attrs.define
class Reader:
    """Walks a long board to its end, or is cancelled on the way."""

    shift: Shift
    random: Random
    player: int

    async def work(self) -> None:
        counts, size = self.shift.counts, self.random.choice((50, 100, 200))
        counts.calls += 1
        walk = self.shift.client.leaderboards.list_scores("listed", page_size=size)
        try:
            async with asyncio.timeout(0.02 if self.random.random() < 0.1 else None):
                members = [entry.member_id async for entry in walk]
        except CallError as error:
            counts.failed[f"walk: {type(error).__name__}"] += 1
        except TimeoutError:
            counts.cancelled += 1
        else:
            expected = [f"member_{number}" for number in range(self.shift.plan["listed"])]
            self.shift.check("a walk is whole and in order", True, members == expected)

    def beliefs(self) -> dict[str, Any]:
        return {}
