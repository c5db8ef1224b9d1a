"""Reads bodies that are no JSON: forms, and forms in parts with files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value
from urllib.parse import parse_qsl

import attrs

from lootlocker_async.emulator.errors import ServiceError, bad_request

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_FILE = "file"
"""What the contract calls every part that is a file."""


@attrs.frozen
class UploadedFile:
    """A file as it came.

    Attributes:
        name: Its name; `file` where the part tells none.
        content: What is in it.
    """

    name: str
    content: bytes = attrs.field(repr=False)


Fields = Mapping[str, str | UploadedFile]
"""What a form says, by the names of its fields."""


def read_form(data: bytes) -> Fields:
    """Reads a form.

    Raises:
        ServiceError: It is none, or a field is there twice.
    """
    try:
        pairs = parse_qsl(data.decode(), keep_blank_values=True, strict_parsing=bool(data), errors="strict")
    except ValueError as error:
        raise _malformed("form") from error
    return _fields(pairs)


def read_multipart(data: bytes, content_type: str) -> Fields:
    """Reads a form in parts.

    Args:
        data: The body.
        content_type: The header, with the boundary.

    Raises:
        ServiceError: It is none, or a part is there twice.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary("")
    if not boundary:
        raise bad_request("The Content-Type has no boundary", "Content-Type", "content_type_invalid")
    try:
        # The line break before a boundary belongs to it.
        _, *parts, end = b"\r\n".join((b"", data)).split(b"\r\n--" + boundary.encode())
        if not end.startswith(b"--"):
            raise _malformed("form in parts")
        return _fields(_part(part) for part in parts)
    except ValueError as error:
        raise _malformed("form in parts") from error


def _part(data: bytes) -> tuple[str, str | UploadedFile]:
    padding, line_break, rest = data.partition(b"\r\n")
    lines, blank, content = rest.partition(b"\r\n\r\n")
    headers = HeaderParser().parsestr(lines.decode())
    name = headers.get_param("name", header="Content-Disposition")
    if padding.strip() or not line_break or not blank or name is None:
        raise _malformed("form in parts")
    name = collapse_rfc2231_value(name)
    if name == _FILE:
        return name, UploadedFile(headers.get_filename() or _FILE, content)
    return name, content.decode()


def _fields(pairs: Iterable[tuple[str, str | UploadedFile]]) -> Fields:
    fields: dict[str, str | UploadedFile] = {}
    for name, value in pairs:
        if name in fields:
            raise bad_request(f"The field {name} is there more than once", name)
        fields[name] = value
    return fields


def _malformed(what: str) -> ServiceError:
    return bad_request(f"The body is not a valid {what}", code="body_invalid")
