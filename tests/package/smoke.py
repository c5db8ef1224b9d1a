"""What a user gets: the built distributions hold the right files, and the wheel works outside the checkout.

`python -m tests.package.smoke WORKPLACE`, where WORKPLACE/dist holds one sdist and one wheel. `nox -s package` runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from email import message_from_bytes
from email.message import Message
from functools import cache
from pathlib import Path

from tests.docs import tutorial

PACKAGE = "lootlocker_async"
PLUGIN = "_lootlocker_pytestplugin.py"
PAGE = {f"{PACKAGE}/emulator/page/{name}" for name in ("index.html", "page.css", "main.js", "icon.svg")}
IN_WHEEL = {f"{PACKAGE}/py.typed", f"{PACKAGE}/emulator/contract.json.gz", PLUGIN, *PAGE}
IN_SDIST = {"README.md", "CHANGELOG.md", "LICENSE", "noxfile.py", "pyproject.toml", "tests/package/smoke.py", PLUGIN}
LARGEST_WHEEL = 600_000  # bytes
FOLDERS_IN_SDIST = {"benchmarks", "docs", "examples", "tests", PACKAGE}
TEST = """
def test_other_things():
    pass


def test_with_the_plugin(lootlocker_game, lootlocker_client, lootlocker_emulator):
    assert lootlocker_game.balance(lootlocker_game.player(balances={"gold": "0.10"})) * 10 == 1
    lootlocker_emulator.assert_executed("*", times=0)
"""


# What each extra is there for: a program that needs it. The plugin of `testing` is seen to by pytest itself.
NEEDS = {
    "arrow": f"from {PACKAGE}.bulk.arrow import read_parquet",
    "cli": f"from {PACKAGE}.cli.app import app",
    "dask": f"from {PACKAGE}.bulk.cluster import export_dataset",
    "emulator": f"from {PACKAGE}.emulator import Emulator; Emulator().game.close()",
    "fastapi": f"from {PACKAGE}.integrations.fastapi import LootLockerDep",
    "otel": f"from {PACKAGE}.integrations.opentelemetry import instrument",
    "redis": f"from {PACKAGE}.integrations.redis import SharedState; SharedState(workers=1)",
    "testing": f"import pytest; from {PACKAGE}.testing import running_emulator as it; it().__enter__().base_url",
    "uvloop": f"import uvloop, {PACKAGE}",
}
# Without it: the command speaks for itself, pytest for the plugin, and nothing of the package's asks for uvloop.
SAID_ELSEWHERE = {"cli", "testing", "uvloop"}
PROBE = f"import {PACKAGE} as it; print(it.__version__, it.__file__)"


def outside() -> dict[str, str]:
    """The environment without what leads back into the checkout or into this program's own libraries."""
    kept_out = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_COMPILE_BYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in kept_out}


@cache
def quick_installer() -> list[str]:
    """uv, where it is to be had and gets at packages."""
    uv = shutil.which("uv")
    if uv is None:
        return []
    probe = [uv, "pip", "install", "--quiet", "--dry-run", "--python", sys.executable, "attrs"]
    return [uv] if subprocess.run(probe, check=False, capture_output=True, env=outside()).returncode == 0 else []


class Environment:
    """A fresh virtual environment whose programs run in an empty folder of their own."""

    def __init__(
        self, workplace: Path, name: str, *requirements: str, python: str = sys.executable, quick: bool = False
    ) -> None:
        """Make it as a user would, with pip; or, if it is to be made quickly, with uv where that can be done."""
        self.home = workplace / name / "empty"
        self.home.mkdir(parents=True)
        root = workplace / name / "venv"
        self.bin = root / ("Scripts" if os.name == "nt" else "bin")
        uv = quick_installer() if quick else []
        if uv:
            self.run(*uv, "venv", "--quiet", "--python", python, str(root))
            self.run(*uv, "pip", "install", "--quiet", "--python", str(self.bin / "python"), *requirements)
        else:
            self.run(python, "-m", "venv", str(root))
            self.run("python", "-m", "pip", "install", "--quiet", *requirements)

    def run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        print("$", program, *arguments, flush=True)
        done = subprocess.run(
            [str(self.bin / program), *arguments],  # a whole path stays what it is
            cwd=self.home,
            env=outside(),
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
    size = wheel.stat().st_size
    print(f"{wheel.name}: {len(names)} files, {size:,} bytes")
    expect(size < LARGEST_WHEEL, f"the wheel has {size:,} bytes, and may have {LARGEST_WHEEL:,}")


def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [it for it in archive.namelist() if it.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


def check_sdist(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = {name.partition("/")[0] for name in names if "/" in name}
    expect(names >= IN_SDIST, f"the sdist lacks {sorted(IN_SDIST - names)}")
    expect(folders >= FOLDERS_IN_SDIST, f"the sdist lacks the folders {sorted(FOLDERS_IN_SDIST - folders)}")
    print(f"{sdist.name}: {len(names)} files, {sdist.stat().st_size:,} bytes")


def check_without_extras(workplace: Path, wheel: Path) -> None:
    """The core imports alone, and whatever lacks its extra names it."""
    bare = Environment(workplace, "bare", str(wheel))
    bare.run("python", "-W", "error", "-c", PROBE)
    bare.run("python", "-W", "error", "-c", f"from {PACKAGE} import *; print(LootLockerClient)")
    told = bare.run("lootlocker", "--help", check=False)
    expect(told.returncode != 0, "without its extra the command must fail")
    expect("lootlocker-async[cli]" in told.stdout, "without its extra the command must name it")
    expect("Traceback" not in told.stdout, "without its extra the command must not print a traceback")
    for extra in sorted(NEEDS.keys() - SAID_ELSEWHERE):
        told = bare.run("python", "-W", "error", "-c", NEEDS[extra], check=False)
        expect(told.returncode != 0, f"{extra}: without the extra this can't work")
        last = told.stdout.strip().splitlines()[-1]
        expect(f"pip install 'lootlocker-async[{extra}]'" in last, f"{extra}: the error must say what to install")
    bare.run("python", "-m", "pip", "install", "--quiet", "pytest")
    (bare.home / "test_it.py").write_text(TEST, encoding="utf-8")
    told = bare.run("python", "-W", "error", "-m", "pytest", check=False)
    expect("1 passed, 1 error" in told.stdout, "without its extra the plugin must fail the tests that use it alone")
    expect("lootlocker-async[testing]" in told.stdout, "without its extra the plugin must name it")


def check_each_extra(workplace: Path, wheel: Path) -> None:
    """Each extra brings all that what it is for needs, by itself."""
    extras = set(metadata(wheel).get_all("Provides-Extra") or []) - {"all"}
    expect(extras == NEEDS.keys(), f"extras that are not seen to, or are not there: {sorted(extras ^ NEEDS.keys())}")
    for extra in sorted(extras):
        alone = Environment(workplace, f"only-{extra}", f"{wheel}[{extra}]", quick=True)
        alone.run("python", "-W", "error", "-c", NEEDS[extra])


def check_each_interpreter(workplace: Path, wheel: Path) -> None:
    """The package is imported without a warning by each Python that it names and that is installed."""
    stated = [it.rpartition(" ")[2] for it in metadata(wheel).get_all("Classifier") or [] if "Python :: 3." in it]
    for version in stated:
        program = shutil.which(f"python{version}")
        usable = [str(program), "-c", "import ensurepip, venv"]  # a launcher may be there without its Python
        if program is None or subprocess.run(usable, check=False, capture_output=True).returncode != 0:
            print(f"Python {version} is not installed")
            continue
        there = Environment(workplace, f"python-{version}", str(wheel), python=program, quick=True)
        there.run("python", "-W", "error", "-c", PROBE)


def check_the_tutorial(workplace: Path, wheel: Path) -> None:
    """Who follows the tutorial to the letter, in an empty folder, arrives."""
    folder = workplace / "tutorial"
    folder.mkdir()
    # `python` is this one's: the libraries beside it aren't in the environment that the reader makes.
    environ = {**outside(), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    reader = tutorial.Reader(folder, environ, lambda typed: typed.replace("lootlocker-async[", f"{wheel}["))
    for printed in reader.follow(tutorial.PAGE.read_text("utf-8")):
        print(printed, flush=True)


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
    checks = (
        check_without_extras,
        check_each_extra,
        check_each_interpreter,
        check_the_tutorial,
        check_with_extras,
    )
    for check in checks:
        began = time.monotonic()
        check(workplace, wheel)
        print(f"package: {check.__name__} took {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
