"""The tutorial, followed to the letter: its files are written, its commands typed, what it shows is what comes out.

A fence with a title that ends like a file's name is a file. A `console` fence holds commands; one whose title names
another terminal is left running there. A `text` fence after commands is what they print.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
FENCE = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.DOTALL | re.MULTILINE)
PORT = re.compile(r"--port (\d+)")
PATIENCE = 60.0


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


class Reader:
    """Somebody at a keyboard, in an empty folder."""

    def __init__(self, folder: Path, environment: dict[str, str], typed: Callable[[str], str] = str) -> None:
        self.folder = folder
        self.environment = {**environment, "PYTHONUNBUFFERED": "1"}
        self.typed = typed
        self.running: list[subprocess.Popen[bytes]] = []

    def follow(self, page: str) -> list[str]:
        """Do what the page says, and give what its commands have printed."""
        # A machine on which tests run may have its ports taken.
        for port in set(PORT.findall(page)):
            page = re.sub(rf"\b{port}\b", str(free_port()), page)
        printed: list[str] = []
        try:
            for fence in FENCE.finditer(page):
                kind, title, text = fence["kind"], fence["title"], fence["text"]
                if kind == "console" and title:
                    self.leave_running(text)
                elif kind == "console":
                    printed.append(self.type(text))
                elif kind == "text":
                    assert text.strip() in printed[-1], f"the tutorial shows:\n{text}\nbut this came:\n{printed[-1]}"
                elif title:
                    (self.folder / title).write_text(text, "utf-8")
        finally:
            self.stop()
        return printed

    def shell(self, commands: str) -> str:
        """What is typed into a terminal in which the environment is active, once it is there."""
        active = ". .venv/bin/activate\n" if (self.folder / ".venv").is_dir() else ""
        return active + self.typed(commands)

    def type(self, commands: str) -> str:
        """Run commands until they end."""
        done = subprocess.run(
            ["sh", "-ec", self.shell(commands)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=5 * PATIENCE,
            check=False,
        )
        printed = done.stdout.decode()
        assert done.returncode == 0, f"{commands} ended with {done.returncode}:\n{printed}"
        return printed

    def leave_running(self, commands: str) -> None:
        """Run commands in another terminal, and wait until the server that they start listens."""
        log = self.folder / f"terminal-{len(self.running)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["sh", "-ec", self.shell(commands)],
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        (port,) = PORT.findall(commands)
        began = time.monotonic()
        while process.poll() is None and time.monotonic() < began + PATIENCE:
            with socket.socket() as it:
                if it.connect_ex(("127.0.0.1", int(port))) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{commands} does not listen:\n{log.read_text('utf-8')}")

    def stop(self) -> None:
        """Press Ctrl-C in the other terminals."""
        for process in reversed(self.running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(PATIENCE)
