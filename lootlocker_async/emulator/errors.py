"""What the emulator refuses, and how the service says so."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

_DOCS = "https://docs.lootlocker.com/reference/error-codes"


class EmulatorExtraMissingError(ImportError):
    """A library that only the emulator needs is not installed."""

    def __init__(self, module: str) -> None:
        super().__init__(
            f"The emulator needs the library {module}; install it with: pip install 'lootlocker-async[emulator]'",
            name=module,
        )


def require(module: str) -> ModuleType:
    """Imports a library of the extra `emulator`.

    Args:
        module: The module's name.

    Returns:
        The module.

    Raises:
        EmulatorExtraMissingError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise EmulatorExtraMissingError(module) from error


class ServiceError(Exception):
    """An answer other than success.

    Attributes:
        status: The HTTP status.
        code: The short code that clients decide by.
        message: What went wrong, in words.
        param: The parameter that is missing or wrong, where there is one.
        headers: Headers that the answer has besides.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        param: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, code, message, param)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers: Mapping[str, str] = headers or {}

    def document(self, request_id: str, trace_id: str) -> dict[str, str]:
        """The body of the answer."""
        body = {"code": self.code, "message": self.message, "doc_url": f"{_DOCS}#{self.code}"}
        if self.param is not None:
            body["param"] = self.param
        return {**body, "request_id": request_id, "trace_id": trace_id}


def bad_request(message: str, param: str | None = None, code: str = "parameter_invalid") -> ServiceError:
    """The request is malformed or a field fails validation."""
    return ServiceError(400, code, message, param)


def unauthorized(message: str) -> ServiceError:
    """The key or the token is missing, wrong or expired."""
    return ServiceError(401, "unauthorized", message)


def not_found(what: str, param: str | None = None) -> ServiceError:
    """There is no such thing."""
    return ServiceError(404, "not_found", f"There is no such {what}", param)


def conflict(message: str, param: str | None = None) -> ServiceError:
    """The thing exists already, or its state forbids the change."""
    return ServiceError(409, "conflict", message, param)
