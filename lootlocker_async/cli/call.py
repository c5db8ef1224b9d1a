"""`lootlocker call`: any call, raw."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from lootlocker_async.cli.connection import run
from lootlocker_async.cli.output import Output

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient

__all__ = ["call"]


class Verb(StrEnum):
    """The HTTP verbs."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


def call(
    context: typer.Context,
    verb: Annotated[Verb, typer.Argument(case_sensitive=False, help="The HTTP verb.")],
    path: Annotated[str, typer.Argument(help="The path below the base address, such as /leaderboards.")],
    *,
    params: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; may be repeated."),
    ] = None,
    json_body: Annotated[
        str | None, typer.Option(metavar="JSON", help="The body as JSON; - reads it from stdin.")
    ] = None,
    idempotent: Annotated[
        bool,
        typer.Option("--idempotent", help="The call may be sent a second time; GET always may, others by this alone."),
    ] = False,
    compact: Annotated[bool, typer.Option("--jsonl", help="Print the answer on one line.")] = False,
) -> None:
    """Make a call that there is no command for, with login, retries, limits and errors as usual.

    A call that changes something is never sent twice unless the first was certainly not executed. Where nobody can say
    whether it was, the command ends with 6 and names the request id: look before you send it again.
    """
    query = _query(params or [])
    body = _body(json_body)

    async def work(client: LootLockerClient) -> Any:  # noqa: ANN401  (whatever the service answers)
        return await client.request(
            verb.value, path, params=query or None, json=body, idempotent=True if idempotent else None
        )

    answer = run(context, work)
    if answer is not None:
        Output(as_json=not compact, as_jsonl=compact).one(answer, str)


def _query(params: list[str]) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not name or not equals:
            raise typer.BadParameter(f"it should look like name=value, not {param!r}", param_hint="'--param'")
        query.setdefault(name, []).append(value)
    return query


def _body(text: str | None) -> msgspec.Raw | None:
    """The body, as the caller wrote it: no number of it loses a digit."""
    if text is None:
        return None
    given = sys.stdin.read() if text == "-" else text
    try:
        msgspec.json.decode(given)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise typer.BadParameter(f"this is no JSON: {error}", param_hint="'--json-body'") from None
    return msgspec.Raw(given.encode())
