"""Ids from files, and in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import ConfigurationError, bulk


async def ids_of(path: Path, kind: Any = int, field: str | None = None) -> list[Any]:
    return [id_ async for id_ in bulk.read_ids(path, kind, field=field)]


async def test_one_id_on_each_line(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\ufeff1\n2\n\n  3 \r\n4", "utf-8")
    assert await ids_of(file) == [1, 2, 3, 4]
    assert await ids_of(file, str) == ["1", "2", "3", "4"]


async def test_a_column_of_a_table(tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text('player,name\n1,"Ann, ""the"" first"\n2,"two\nlines"\n', "utf-8")
    assert await ids_of(file) == [1, 2]
    assert await ids_of(file, str, "name") == ['Ann, "the" first', "two\nlines"]


async def test_a_field_of_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "failed.errors.jsonl"
    file.write_text('{"id": 1, "other": "a"}\n{"id": "2", "other": "b"}\n', "utf-8")
    assert await ids_of(file) == [1, 2]
    assert await ids_of(file, str, "other") == ["a", "b"]


async def test_a_long_file_is_read_in_parts(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(map(str, range(25_000))), "utf-8")
    assert await ids_of(file) == list(range(25_000))
    reading = bulk.read_ids(file, int)
    assert await anext(reading) == 0
    await reading.aclose()  # and the file with it: a warning would fail this test


async def test_a_job_that_is_closed_closes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(map(str, range(25_000))), "utf-8")

    async def same(id_: int) -> int:
        return id_

    results = bulk.map(same, bulk.read_ids(file, int), ordered=True)
    assert (await anext(results)).id == 0
    await results.aclose()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("ids.txt", "1\nx\n", r"ids.txt, line 2: there should be a whole number here, not 'x'"),
        ("ids.txt", "1\n-2\n", r"ids.txt, line 2: there should be a whole number here"),
        ("ids.jsonl", '{"id": 1}\n{"name": 2}\n', r"ids.jsonl, line 2: there should be a whole number here, not None"),
        ("ids.jsonl", '{"id": 1}\n[2]\n', r"ids.jsonl, line 2"),
        ("ids.jsonl", '{"id": true}\n', r"ids.jsonl, line 1"),
        ("ids.jsonl", '{"id": 1\n', r"the ids can't be read from .*ids.jsonl"),
        ("ids.csv", "id\n1\n\n,\n", r"ids.csv, line 4: there should be a whole number here, not ''"),
        ("ids.csv", "", r"has no column '', only none"),
        ("nowhere/ids.txt", None, r"the ids can't be read from"),
    ],
)
async def test_what_holds_no_ids_is_told_by_its_line(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=message):
        await ids_of(file)


async def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ConfigurationError, match=r"has no column 'c', only a, b"):
        await ids_of(file, int, "c")


async def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_bytes(b"\xff\xfe\n")
    with pytest.raises(ConfigurationError, match="can't be read"):
        await ids_of(file)


async def test_chunks_keep_the_order_and_leave_nothing_out() -> None:
    async def some() -> AsyncIterator[int]:
        for number in range(7):
            yield number

    def more() -> Iterator[int]:
        yield from range(6)

    assert [part async for part in bulk.chunks(some(), 3)] == [(0, 1, 2), (3, 4, 5), (6,)]
    assert [part async for part in bulk.chunks(more(), 3)] == [(0, 1, 2), (3, 4, 5)]
    assert [part async for part in bulk.chunks([], 3)] == []
