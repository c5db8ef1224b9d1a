"""The project's sessions: `nox -s demo`, `nox -s tests`; `nox --list` shows them all. They need Python and no more."""

from __future__ import annotations

import os
import shutil
import tempfile

import nox
from nox.project import dependency_groups, load_toml, python_versions
from packaging.requirements import Requirement

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests"]

PYPROJECT = load_toml("pyproject.toml")
PYTHONS = python_versions(PYPROJECT)
ALL_CORES = ("-n", "auto", "--dist", "worksteal")

# Tests start hundreds of interpreters, which all would compile the package and pytest's plugins anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def install(
    session: nox.Session, *groups: str, extras: str = "all", pins: list[str] | None = None, editable: bool = True
) -> None:
    """Install the package with its extras, and the dependency groups named."""
    package = ["--editable", f".[{extras}]"] if editable else [f".[{extras}]"]
    session.install(*package, *dependency_groups(PYPROJECT, *groups), *(pins or []))


@nox.session
def demo(session: nox.Session) -> None:
    """Run the demo on the embedded emulator; `-- --faults` lets the emulator misbehave."""
    install(session, extras="cli,emulator", editable=False)
    session.run("lootlocker", "demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test on the current interpreter and hold the coverage; with arguments, run pytest on them alone."""
    install(session, "test")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *ALL_CORES)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python=PYTHONS)
def tests_all(session: nox.Session) -> None:
    """Run every test on each supported interpreter that is installed (`tests_all-3.12` for one of them)."""
    install(session, "test")
    session.run("python", "-m", "pytest", *(session.posargs or ALL_CORES))


@nox.session
def conformance(session: nox.Session) -> None:
    """Let schemathesis hold the emulator to the contract; it makes up CONFORMANCE_CASES calls for each operation."""
    install(session, "conformance")
    session.run("python", "-m", "pytest", "tests/conformance/schemathesis_run.py", *(session.posargs or ALL_CORES))


@nox.session
def browser(session: nox.Session) -> None:
    """Use the emulator's page in a headless Chromium; on Debian one is installed where there is none."""
    chromium = find_program(session, "chromium", "chromium", "chromium-browser", "google-chrome")
    install(session, "browser")
    tests = session.posargs or ["tests/browser/page_run.py"]
    session.run("python", "-m", "pytest", *tests, env={"CHROMIUM": chromium})


def find_program(session: nox.Session, package: str, *names: str) -> str:
    """The path of a program that no Python package brings; Debian's is installed where that is allowed."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        session.run("apt-get", "update", "-qq", external=True)
        session.run(
            *("apt-get", "install", "-y", "-qq", "--no-install-recommends", package),
            external=True,
            silent=True,
            env={"DEBIAN_FRONTEND": "noninteractive"},
        )
        found = shutil.which(names[0])
    if found is None:
        session.error(f"this session needs {' or '.join(names)} on the path (Debian: apt-get install {package})")
    return found


@nox.session
def fuzz(session: nox.Session) -> None:
    """Let hypothesis look for odd answers, walks and retries for minutes; the tests do so for seconds."""
    install(session, "test")
    tests = ("tests/fuzz", "tests/unit/test_serde_twins.py", "tests/contract/test_contract_tolerance.py")
    session.run("python", "-m", "pytest", *tests, *session.posargs, env={"FUZZ_PROFILE": "long"})


@nox.session
def soak(session: nox.Session) -> None:
    """Load two clients for ten minutes on an emulator that fails at random, and settle up; or `-- --seconds 60`."""
    install(session, "test")
    session.run("python", "-m", "tests.soak", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Play the fault matrix with many concurrent calls; FAULT_ROUNDS says how often, each time with another seed."""
    install(session, "test")
    session.run("python", "-m", "pytest", "-s", *(session.posargs or ["tests/faults/faults_run.py"]))


@nox.session
def redis(session: nox.Session) -> None:
    """Share state through a real redis-server, which twenty processes lose and find again."""
    find_program(session, "redis-server", "redis-server")
    install(session, "test")
    arguments = session.posargs or ["-s", "tests/redis", "tests/redis/redis_run.py"]
    session.run("python", "-m", "pytest", *arguments, env={"REDIS_SERVER": "real"})


@nox.session
@nox.parametrize("end", ["oldest", "newest"])
def aiohttp_range(session: nox.Session, end: str) -> None:
    """Run the unit tests on the oldest release of aiohttp (and of every core dependency), or on the newest."""
    stated = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
    pins = [f"{it.name}=={lower_bound(it)}" for it in stated] if end == "oldest" else ["--upgrade", "aiohttp"]
    install(session, "test", pins=pins)
    session.run("python", "-c", "import aiohttp; print('aiohttp', aiohttp.__version__)")
    session.run("python", "-m", "pytest", "tests/unit", *(session.posargs or ALL_CORES))


def lower_bound(requirement: Requirement) -> str:
    """The oldest version that a requirement allows."""
    return next(part.version for part in requirement.specifier if part.operator == ">=")


@nox.session
def lint(session: nox.Session) -> None:
    """Check the code with ruff, and its format; and the package's security with bandit."""
    session.install(*dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("bandit", "-q", "-c", "pyproject.toml", "-r", "lootlocker_async", "_lootlocker_pytestplugin.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types with mypy and pyright, and that the installed package's public types are complete."""
    install(session, "types", editable=False)
    session.run("mypy")
    session.run("pyright")
    # From elsewhere, or pyright would look at the checkout.
    with session.chdir(session.create_tmp()):
        session.run("pyright", "--verifytypes", "lootlocker_async", "--ignoreexternal")


@nox.session
def api(session: nox.Session) -> None:
    """Compare the public API with its snapshot, which `-- --write` renews (tests/package/api.txt)."""
    session.install("attrs", *(line for line in dependency_groups(PYPROJECT, "test") if line.startswith("griffelib")))
    session.run("python", "tests/package/api.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/; a warning is an error, and so is a link that leads nowhere."""
    session.install(*dependency_groups(PYPROJECT, "docs"))
    session.run("mkdocs", "build", "--strict", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("python", "tests/docs/links.py", "site")


@nox.session
def lock(session: nox.Session) -> None:
    """Pin what development needs, for every supported interpreter and system, in .ci/requirements-dev.txt."""
    session.install("uv")
    groups = [part for group in PYPROJECT["dependency-groups"] for part in ("--group", group)]
    session.run(
        *("uv", "pip", "compile", "--quiet", "pyproject.toml", "--output-file", ".ci/requirements-dev.txt"),
        *("--all-extras", *groups, "--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--custom-compile-command", "nox -s lock", *session.posargs),
    )


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel, look into them, and use the wheel in fresh environments outside the checkout."""
    session.install(*dependency_groups(PYPROJECT, "package"))
    with tempfile.TemporaryDirectory() as workplace:
        session.run("python", "-m", "build", "--outdir", f"{workplace}/dist")
        session.run("python", "-m", "tests.package.smoke", workplace)


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks; `-- --quick` for a short run."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks", *session.posargs)
