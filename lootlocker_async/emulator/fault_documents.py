"""Faults, and other calls of functions, as documents say them over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from lootlocker_async.emulator.arguments import schema_of
from lootlocker_async.emulator.errors import bad_request, require
from lootlocker_async.emulator.faults import Fault

if TYPE_CHECKING:
    import jsonschema_rs


def fault_of(document: object) -> Fault:
    """The fault that a document asks for.

    Args:
        document: `fault`, the name of one of `Fault`'s constructors, and that constructor's arguments.

    Raises:
        ServiceError: There is no such fault, or an argument is wrong.
    """
    if not isinstance(document, dict):
        raise bad_request("A fault is a mapping")
    constructors = fault_constructors()
    name = document.get("fault")
    if not isinstance(name, str) or name not in constructors:
        raise bad_request(f"fault is one of {', '.join(constructors)}", "fault")
    arguments = {key: value for key, value in document.items() if key != "fault"}
    made: Fault = called(constructors[name], **checked(arguments, validator_of(constructors[name])))
    return made


@cache
def fault_constructors() -> Mapping[str, Callable[..., Fault]]:
    """The constructors of `Fault`, by name."""
    return {
        name: getattr(Fault, name)
        for name, member in sorted(vars(Fault).items())
        if isinstance(member, classmethod) and not name.startswith("_")
    }


def called(function: Callable[..., Any], *positional: object, **arguments: Any) -> Any:  # noqa: ANN401 - what it returns
    """Calls a function with arguments that came from outside.

    Raises:
        ServiceError: They don't fit.
    """
    try:
        return function(*positional, **arguments)
    except (TypeError, ValueError) as error:  # what a schema can't say of the arguments
        raise bad_request(str(error)) from error


def checked(document: Any, validator: jsonschema_rs.Draft202012Validator) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A document that is what a schema says.

    Raises:
        ServiceError: It isn't.
    """
    for error in validator.iter_errors(document):
        place = ".".join(str(step) for step in error.instance_path)
        raise bad_request(f"{place}: {error.message}" if place else error.message, place or None)
    fitting: dict[str, Any] = document
    return fitting


@cache
def validator_of(function: Callable[..., Any]) -> jsonschema_rs.Draft202012Validator:
    """What checks a function's arguments."""
    made = require("jsonschema_rs").Draft202012Validator(schema_of(function))
    return cast("jsonschema_rs.Draft202012Validator", made)
