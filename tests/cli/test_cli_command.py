from __future__ import annotations

import ast

import pytest

from lootlocker_async import LootLockerError, __version__
from lootlocker_async.cli import main
from lootlocker_async.cli.exits import MEANINGS

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {blocked!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
        return None

sys.meta_path.insert(0, Blocker())
sys.argv = ["lootlocker", *{arguments!r}]
from lootlocker_async.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("blocked", "arguments", "extra"),
    [
        ("typer", ["--help"], "cli"),
        ("rich", ["demo", "--scores", "10", "--players", "2"], "cli"),
        ("sortedcontainers", ["demo", "--scores", "10", "--players", "2"], "emulator"),
        ("jsonschema_rs", ["emulator", "--port", "0"], "emulator"),
        ("yaml", ["emulator", "--seed", "world.yaml"], "emulator"),
        ("pyarrow", ["leaderboards", "top", "daily", "-o", "top.csv"], "arrow"),
        ("pyarrow", ["bulk", "run", "names", "--ids", "ids.txt", "-o", "names.parquet"], "arrow"),
    ],
)
def test_a_missing_extra_is_named_in_one_line(run_python, blocked, arguments, extra):
    done = run_python("-c", BLOCKER.format(blocked=blocked, arguments=arguments))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"pip install 'lootlocker-async[{extra}]'" in done.stderr
    assert not done.stdout


def test_help_and_version(run_python):
    told = run_python("-m", "lootlocker_async.cli", "--help")
    version = run_python("-m", "lootlocker_async.cli", "--version")

    assert (told.returncode, told.stderr) == (0, "")
    assert "Usage: lootlocker" in told.stdout
    assert {"demo", "emulator"} <= set(told.stdout.split())
    assert (version.returncode, version.stdout) == (0, f"lootlocker-async {__version__}\n")


def test_the_help_tells_all_and_loads_little(run_python):
    code = (
        "import sys; sys.argv = ['lootlocker', '--help']\n"
        "from lootlocker_async.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted(it for it in sys.modules if it.startswith('lootlocker_async.')), file=sys.stderr)"
    )
    told = run_python("-c", code)
    groups = {"doctor", "call", "leaderboards", "inventory", "players", "wallet", "progressions", "storage", "bulk"}
    assert groups | {"demo", "emulator"} <= set(told.stdout.split())
    assert all(f"{code.value} {meaning}" in " ".join(told.stdout.split()) for code, meaning in MEANINGS.items())
    loaded = ast.literal_eval(told.stderr)
    heavy = ("bulk", "emulator", "services", "cli.demo", "cli.drift", "cli.checks", "core.retry", "core.converter")
    assert [it for it in loaded if it.startswith(tuple(f"lootlocker_async.{name}" for name in heavy))] == []


@pytest.fixture
def app_raises(monkeypatch):
    def raises(error):
        def app(**_):
            raise error

        monkeypatch.setattr("lootlocker_async.cli.app.app", app)

    return raises


@pytest.mark.parametrize(
    "error",
    [
        LootLockerError("it is broken"),
        ExceptionGroup("tasks", [LootLockerError("it is broken"), LootLockerError("so is this")]),
        ExceptionGroup("outer", [ExceptionGroup("inner", [LootLockerError("it is broken")])]),
    ],
)
def test_an_error_of_the_sdk_is_one_line(app_raises, capsys, error):
    app_raises(error)

    assert main() == 1
    assert capsys.readouterr() == ("", "lootlocker: LootLockerError: it is broken\n")


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("a mistake"),
        ImportError("a mistake"),
        ModuleNotFoundError("a mistake", name="unheard_of"),
        ExceptionGroup("mixed", [LootLockerError("it is broken"), ZeroDivisionError("a mistake")]),
    ],
)
def test_a_mistake_of_ours_keeps_its_traceback(app_raises, error):
    app_raises(error)

    with pytest.raises(type(error)) as raised:
        main()
    assert raised.value is error


def test_a_command_that_returns_is_a_success(monkeypatch):
    monkeypatch.setattr("lootlocker_async.cli.app.app", lambda **_: None)

    assert main() == 0
