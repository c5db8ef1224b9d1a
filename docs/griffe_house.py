"""How the reference reads: routes as labels, models as what they are after decoding, enums with their values."""  # noqa: INP001

from __future__ import annotations

import re
from collections.abc import Iterator

import griffe

ROUTE = re.compile(r"\n\n(GET|POST|PUT|PATCH|DELETE) (/\S*)$")
RETRIED = re.compile(r"^Retried: ", re.MULTILINE)
ERRORS = "lootlocker_async.errors"
LINKED = {
    "PageOptions": "lootlocker_async.core.pagination",
    "PositionalPageOptions": "lootlocker_async.core.pagination",
    **dict.fromkeys(("BatchError", "OutcomeUnknownError", "ResponseDecodeError", "InvalidRequestError"), ERRORS),
}
NAMED = re.compile(rf"(?<![\[`])`({'|'.join(LINKED)})`(?!`)")
PLAIN = {"AwareDatetime": "datetime", "Secret": "SecretStr"}


class House(griffe.Extension):
    """What griffe can't read off this package's code by itself."""

    def on_module(self, *, mod: griffe.Module, **_: object) -> None:
        """Let the errors that docstrings name be found where the module doesn't import them; leave its own out."""
        if mod.path.startswith(("lootlocker_async.emulator", "lootlocker_async.cli")):
            return
        text = "\n".join(docstring.value for docstring in _docstrings(mod))
        for name in set(re.findall(r"^ +(\w+Error): ", text, re.MULTILINE)) - mod.members.keys():
            mod.set_member(name, griffe.Alias(name, f"{ERRORS}.{name}"))
        # The pages have introductions of their own: the module's is for those who read its code.
        mod.docstring = None

    def on_function(self, *, func: griffe.Function, **_: object) -> None:
        """Put verb and path below the summary, and what is said of retries into relief."""
        if func.docstring is None:
            return
        text = RETRIED.sub("**Retried:** ", func.docstring.value)
        if route := ROUTE.search(text):
            summary, _blank, rest = text[: route.start()].partition("\n\n")
            label = f"`{route[1]}`{{ .verb .{route[1].lower()} }} `{route[2]}`{{ .path }}"
            text = f"{summary}\n\n{label}\n\n{rest}"
        func.docstring.value = _linked(text)

    def on_class(self, *, cls: griffe.Class, **_: object) -> None:
        """Name an open enum's values."""
        if cls.docstring is None:
            return
        cls.docstring.value = _linked(cls.docstring.value)
        if any(str(base) == "OpenEnum" for base in cls.bases):
            values = [str(member.value) for member in cls.members.values() if isinstance(member, griffe.Attribute)]
            listed = ", ".join(f'`"{value.strip(chr(39) + chr(34))}"`' for value in values)
            cls.docstring.value += f"\n\n**Known values:** {listed}."

    def on_attribute(self, *, attr: griffe.Attribute, **_: object) -> None:
        """Show a field's type as it is once it has been decoded, and an error's fact with its argument's type."""
        if attr.annotation is None:
            made = attr.parent.members.get("__init__") if attr.parent is not None else None
            if isinstance(made, griffe.Function) and attr.name in made.parameters:
                attr.annotation = made.parameters[attr.name].annotation
        elif attr.path.startswith(("lootlocker_async.models.", "lootlocker_async.client.")):
            attr.annotation = _decoded(attr.annotation, attr)


def _docstrings(obj: griffe.Object) -> Iterator[griffe.Docstring]:
    if obj.docstring is not None:
        yield obj.docstring
    for member in obj.members.values():
        if isinstance(member, griffe.Object):
            yield from _docstrings(member)


def _linked(text: str) -> str:
    return NAMED.sub(lambda found: f"[`{found[1]}`][{LINKED[found[1]]}.{found[1]}]", text)


def _decoded(kind: griffe.Expr | str, attr: griffe.Attribute) -> griffe.Expr | str:
    """`Soft[T]` and `_Section[T]` are a `T`, `Seq[T]` a tuple, `Map[T]` a mapping, `parsed` a date or None."""
    if isinstance(kind, griffe.ExprBinOp):
        return griffe.ExprBinOp(_decoded(kind.left, attr), kind.operator, _decoded(kind.right, attr))
    if str(kind) == "parsed":
        return griffe.ExprBinOp(_name("datetime", attr), "|", "None")
    if isinstance(kind, griffe.ExprName):
        return _name(PLAIN[kind.name], attr) if kind.name in PLAIN else kind
    if not isinstance(kind, griffe.ExprSubscript):
        return kind
    inner = _decoded(kind.slice, attr)
    match str(kind.left):
        case "Soft" | "_Section":
            return inner
        case "Seq":
            return griffe.ExprSubscript(_name("tuple", attr), griffe.ExprTuple([inner, "..."], implicit=True))
        case "Map":
            pair = griffe.ExprTuple([_name("str", attr), inner], implicit=True)
            return griffe.ExprSubscript(_name("Mapping", attr), pair)
        case _:
            return griffe.ExprSubscript(kind.left, inner)


def _name(name: str, attr: griffe.Attribute) -> griffe.ExprName:
    return griffe.ExprName(name, attr.parent)
