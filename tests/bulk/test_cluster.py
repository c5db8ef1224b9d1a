"""Exports by a Dask cluster, tried in a process of their own."""

from __future__ import annotations

import subprocess
import sys


def test_the_suite_of_the_cluster_passes() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "tests/bulk/cluster_suite.py",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout
