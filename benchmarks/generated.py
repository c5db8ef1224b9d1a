"""A client that openapi-python-client makes of the contract: httpx and attrs, with every answer looked through by hand.

It is made at run time, of the few operations that are measured, into a folder that git ignores; it's no part of this
project. The next run finds it there.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from benchmarks import harness

_CONTRACT: Final = harness.ROOT / "tests" / "contract" / "server-api.openapi.yaml"
_OPERATIONS: Final = ("leaderboards_submit_score", "leaderboards_get")
_HOMES: Final = harness.ROOT / "build" / "benchmarks"


def module(name: str) -> Any:
    """A module of the generated client, which is made first where it isn't there yet."""
    mark = hashlib.sha256(_CONTRACT.read_bytes() + version("openapi-python-client").encode()).hexdigest()[:12]
    home = _HOMES / mark
    if not (home / "generated_client").exists():
        _generate(home)
    if str(home) not in sys.path:
        sys.path.append(str(home))
    return importlib.import_module(f"generated_client.{name}")


def _generate(home: Path) -> None:
    from openapi_python_client import generate
    from openapi_python_client.config import Config, ConfigFile, MetaType

    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home) as scratch:
        contract, made = Path(scratch) / "contract.yaml", Path(scratch) / "made"
        contract.write_text(yaml.safe_dump(_excerpt(yaml.safe_load(_CONTRACT.read_text("utf-8")))), "utf-8")
        config = Config.from_sources(
            ConfigFile(post_hooks=[]), MetaType.NONE, contract, file_encoding="utf-8", overwrite=True, output_path=made
        )
        with contextlib.redirect_stdout(io.StringIO()):
            complaints = generate(config=config)
        if not (made / "client.py").exists():
            raise RuntimeError(f"no client could be generated: {complaints}")
        with contextlib.suppress(OSError):  # another process was faster
            made.rename(home / "generated_client")


def _excerpt(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract with no more than what the operations need: the whole takes the generator several seconds."""
    paths: dict[str, Any] = {}
    for path, item in contract["paths"].items():
        kept = {verb: it for verb, it in item.items() if verb == "parameters" or _is_wanted(it)}
        if any(verb != "parameters" for verb in kept):
            paths[path] = kept
    components: dict[str, dict[str, Any]] = {"securitySchemes": contract["components"]["securitySchemes"]}
    wanted = list(_references(paths))
    while wanted:
        kind, name = wanted.pop().split("/")[2:]
        found = components.setdefault(kind, {})
        if name not in found:
            found[name] = contract["components"][kind][name]
            wanted += _references(found[name])
    return {**contract, "paths": paths, "components": components}


def _is_wanted(operation: Any) -> bool:
    return isinstance(operation, dict) and operation.get("operationId") in _OPERATIONS


def _references(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        if isinstance(target := data.get("$ref"), str):
            yield target
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            yield from _references(value)
