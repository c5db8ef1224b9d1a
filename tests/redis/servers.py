"""Redis for the tests: a stand-in in a thread, or the real server as a process that can be killed and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from fakeredis import FakeServer, TcpFakeServer


class Server(Protocol):
    """A Redis that can go away and come back, empty, at the same address."""

    url: str

    def start(self) -> None: ...
    def stop(self) -> None: ...


class StandIn:
    """fakeredis behind a port: the same scripts, no program needed."""

    def __init__(self) -> None:
        self._port = 0
        self._server: TcpFakeServer | None = None
        self.url = ""

    def start(self) -> None:
        self._server = TcpFakeServer(("127.0.0.1", self._port))
        # Servers that are given no name share one memory.
        self._server.fake_server = FakeServer()
        self._port = self._server.server_address[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()  # and waits for the threads of its connections
            self._thread.join()
            self._server = None


class RealServer:
    """Debian's redis-server on a socket in a folder of its own; nothing is written to the disk."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is not installed"
        where = ["--port", "0", "--unixsocket", str(self._socket), "--dir", str(self._socket.parent)]
        memory_only = ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        self._process = subprocess.Popen([program, *where, *memory_only, *self._options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server didn't start"
            time.sleep(0.01)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(100))  # a refusal is an answer as well
            except OSError:
                return False

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def stop(self) -> None:
        """Kill it: nothing is said to its clients."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def real(*options: str) -> Iterator[RealServer]:
    # pytest's folders may have paths too long for a socket.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RealServer(Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def mute() -> Iterator[str]:
    """The URL of something that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def look(url: str) -> Any:
    """A client that looks at what there is in Redis; to be closed."""
    from redis import Redis

    return Redis.from_url(url)
