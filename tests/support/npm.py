"""What tests take from npm: a folder with a package-lock.json, installed once and again when the lock is newer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def require() -> None:
    """Skip the test where npm is missing; in CI it fails."""
    if shutil.which("npm") is None:
        assert "CI" not in os.environ, "The tests need node and npm."
        pytest.skip("node and npm are not installed")


def installed(folder: Path) -> Path:
    """Return the node_modules of a folder, installed if need be, by npm, which is required."""
    require()
    done, locked = folder / "node_modules/.package-lock.json", folder / "package-lock.json"
    if not done.exists() or done.stat().st_mtime < locked.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)
    return folder / "node_modules"
