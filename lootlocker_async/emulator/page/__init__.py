"""The emulator's page: the files that a browser gets, and the headers that keep it from getting anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import attrs
from aiohttp import web

from lootlocker_async.emulator.errors import ServiceError

ADDRESS = "/_emulator/page/"
"""Where the page's files are, beside the page itself, which is at `/`."""
INDEX = "index.html"
_KINDS: Mapping[str, str] = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
}  # fmt: skip
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # It is asked for each time, and sent only where it is another one.
    "Cache-Control": "no-cache",
}
"""What every file of the page goes out with."""


@attrs.frozen
class PageFile:
    """A file of the page.

    Attributes:
        content: What is in it.
        kind: Its media type.
        etag: What tells it from its other versions.
    """

    content: bytes
    kind: str
    etag: str


def answer(request: web.BaseRequest, path: str) -> web.Response:
    """Answers a request for a file of the page.

    Raises:
        ServiceError: There is no such file, or something else is to be done with it than to read it.
    """
    if request.method not in {"GET", "HEAD"}:
        raise ServiceError(405, "method_not_allowed", "This address takes GET and HEAD")
    file = find(path)
    if file is None:
        raise ServiceError(404, "not_found", "There is no such address")
    headers = {**HEADERS, "ETag": file.etag}
    if request.headers.get("If-None-Match") == file.etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.content, content_type=file.kind, charset="utf-8", headers=headers)


def find(path: str) -> PageFile | None:
    """The file at an address, if that is one of the page's."""
    name = INDEX if path == "/" else path.removeprefix(ADDRESS) if path.startswith(ADDRESS) else ""
    return _all().get(name)


@cache
def _all() -> Mapping[str, PageFile]:
    found: dict[str, PageFile] = {}
    for file in files(__name__).iterdir():
        kind = _KINDS.get(f".{file.name.rpartition('.')[2]}")
        if kind is not None:
            content = file.read_bytes()
            found[file.name] = PageFile(content, kind, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return found
