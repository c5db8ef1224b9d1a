"""What a user gets: the built distributions hold the right files, and the wheel works outside the checkout.

`python smoke.py WORKPLACE`, where WORKPLACE/dist holds one sdist and one wheel. `nox -s package` runs it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

PACKAGE = "lootlocker_async"
PLUGIN = "_lootlocker_pytestplugin.py"
PAGE = {f"{PACKAGE}/emulator/page/{name}" for name in ("index.html", "page.css", "main.js", "icon.svg")}
IN_WHEEL = {f"{PACKAGE}/py.typed", f"{PACKAGE}/emulator/contract.json.gz", PLUGIN, *PAGE}
IN_SDIST = {"README.md", "CHANGELOG.md", "LICENSE", "noxfile.py", "pyproject.toml", "tests/package/smoke.py", PLUGIN}
FOLDERS_IN_SDIST = {"benchmarks", "docs", "examples", "tests", PACKAGE}
TEST = """
def test_other_things():
    pass


def test_with_the_plugin(lootlocker_game, lootlocker_client, lootlocker_emulator):
    assert lootlocker_game.balance(lootlocker_game.player(balances={"gold": "0.10"})) * 10 == 1
    lootlocker_emulator.assert_executed("*", times=0)
"""


class Environment:
    """A fresh virtual environment whose programs run in an empty folder of their own."""

    def __init__(self, workplace: Path, name: str, *requirements: str) -> None:
        self.home = workplace / name / "empty"
        self.home.mkdir(parents=True)
        root = workplace / name / "venv"
        venv.create(root, with_pip=True)
        self.bin = root / ("Scripts" if os.name == "nt" else "bin")
        self.run("python", "-m", "pip", "install", "--quiet", *requirements)

    def run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        print("$", program, *arguments, flush=True)
        kept_out = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
        environ = {name: value for name, value in os.environ.items() if name not in kept_out}
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.home,
            env=environ,
            text=True,
            encoding="utf-8",
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        print(done.stdout, flush=True)
        if check:
            expect(done.returncode == 0, f"{program} ended with {done.returncode}")
        return done


def expect(holds: bool, otherwise: str) -> None:
    """End the run with a message unless something holds."""
    if not holds:
        sys.exit(f"package: {otherwise}")


def only_file(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    expect(len(found) == 1, f"one {pattern} expected in {folder}, found {found}")
    return found[0]


def check_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    strangers = {name for name in names if not name.startswith((f"{PACKAGE}/", f"{PACKAGE}-"))} - {PLUGIN}
    expect(not strangers, f"the wheel holds more than the package: {sorted(strangers)}")
    expect(names >= IN_WHEEL, f"the wheel lacks {sorted(IN_WHEEL - names)}")
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size:,} bytes")


def check_sdist(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = {name.partition("/")[0] for name in names if "/" in name}
    expect(names >= IN_SDIST, f"the sdist lacks {sorted(IN_SDIST - names)}")
    expect(folders >= FOLDERS_IN_SDIST, f"the sdist lacks the folders {sorted(FOLDERS_IN_SDIST - folders)}")
    print(f"{sdist.name}: {len(names)} files, {sdist.stat().st_size:,} bytes")


def check_without_extras(workplace: Path, wheel: Path) -> None:
    """The core imports alone, and the command names the extra that it lacks."""
    bare = Environment(workplace, "bare", str(wheel))
    bare.run("python", "-W", "error", "-c", f"import {PACKAGE} as it; print(it.__version__, it.__file__)")
    bare.run("python", "-W", "error", "-c", f"from {PACKAGE} import *; print(LootLockerClient)")
    told = bare.run("lootlocker", "--help", check=False)
    expect(told.returncode != 0, "without its extra the command must fail")
    expect("lootlocker-async[" in told.stdout, "without its extra the command must name it")
    expect("Traceback" not in told.stdout, "without its extra the command must not print a traceback")
    told = bare.run("python", "-c", f"import {PACKAGE}.integrations.opentelemetry", check=False)
    expect("lootlocker-async[otel]" in told.stdout, "without its extra the telemetry must name it")
    bare.run("python", "-m", "pip", "install", "--quiet", "pytest")
    (bare.home / "test_it.py").write_text(TEST, encoding="utf-8")
    told = bare.run("python", "-W", "error", "-m", "pytest", check=False)
    expect("1 passed, 1 error" in told.stdout, "without its extra the plugin must fail the tests that use it alone")
    expect("lootlocker-async[testing]" in told.stdout, "without its extra the plugin must name it")


def check_with_extras(workplace: Path, wheel: Path) -> None:
    """Everything works from the wheel: the demo runs in an empty folder."""
    full = Environment(workplace, "full", f"{wheel}[all]")
    full.run("python", "-m", "pip", "check")
    full.run("lootlocker", "--help")
    full.run("lootlocker", "demo")
    (full.home / "test_it.py").write_text(TEST, encoding="utf-8")
    full.run("python", "-W", "error", "-m", "pytest")


def main() -> None:
    """Check the distributions in WORKPLACE/dist."""
    workplace = Path(sys.argv[1]).resolve()
    wheel = only_file(workplace / "dist", "*.whl")
    check_wheel(wheel)
    check_sdist(only_file(workplace / "dist", "*.tar.gz"))
    check_without_extras(workplace, wheel)
    check_with_extras(workplace, wheel)


if __name__ == "__main__":
    main()
