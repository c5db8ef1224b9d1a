"""`python -m tests.soak --seconds 600 --seed 1`: exit code 1 where anything was lost, done twice, or grew."""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.soak.ledger import account, discrepancies, growth

ROOT = Path(__file__).resolve().parent.parent.parent
_CLIENTS = 2
_PLAYERS = 12
_LATEST = 120.0
"""Seconds that the last calls may take after the time is up, with everything that has to be looked at."""


def soak(seconds: float, seed: int) -> tuple[int, str]:
    """Run it all; the exit code, and the account."""
    with contextlib.ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "state.db"
        service = _start(stack, "service", str(state), str(seed), str(_PLAYERS))
        assert service.stdout is not None
        plan = service.stdout.readline()
        clients = [_start(stack, "player", str(number), str(seconds), str(seed)) for number in range(_CLIENTS)]
        for client in clients:
            assert client.stdin is not None
            client.stdin.write(plan)
            client.stdin.flush()
        told = [_told(client, None, seconds + _LATEST) for client in clients]
        held = _told(service, "now\n", _LATEST)
    wrong = discrepancies(held, told) or growth(held, told)
    return (1 if wrong else 0), account(held, told, seconds)


def _start(stack: contextlib.ExitStack, module: str, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", f"tests.soak.{module}", *arguments],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    stack.enter_context(process)
    stack.callback(process.kill)  # where it has ended, nothing happens
    return process


def _told(process: subprocess.Popen[str], line: str | None, seconds: float) -> dict[str, Any]:
    output, _ = process.communicate(line, timeout=seconds)
    if process.returncode:
        raise RuntimeError(f"{process.args} ended with {process.returncode}")
    told: dict[str, Any] = json.loads(output)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long the load lasts (600)")
    parser.add_argument("--seed", type=int, default=1, help="what the load and the faults depend on (1)")
    arguments = parser.parse_args()
    code, text = soak(arguments.seconds, arguments.seed)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
