"""What README and docs say, compared with what is there."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from kg import catalogue, cli, snapshots
from server.app import create_app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    """All commands by name, those of a group with its name before theirs."""
    added = {entry.name: entry.load() for entry in entry_points(group="citykg.commands")}
    found: dict[str, click.Command] = {}
    for name, command in {**cli.cli.commands, **added}.items():
        below = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {other}": one for other, one in below.items()} if below else {name: command}
    return found


def shown(option: click.Option, command: str) -> str:
    flags = ", ".join(f"`{flag}`" for flag in option.opts)
    variable = f"`{option.envvar}`" if option.envvar else ""
    default = (
        f"`{option.default}`"
        if isinstance(option.default, str | int | float) and option.default != "" and not option.is_flag
        else ""
    )
    return f"| {command} | {flags} | {variable} | {default} |"


def test_the_table_of_options_is_the_commands() -> None:
    wanted = [
        shown(parameter, name)
        for name, command in sorted(commands().items())
        for parameter in command.params
        if isinstance(parameter, click.Option)
    ]
    stated = [match[0] for match in re.finditer(r"^\| \w+(?: \w+)? \| `-.*?\|.*?\|.*?\|", README, re.M)]
    assert stated == wanted


def test_every_command_is_named() -> None:
    example = README[README.index("## Commands") : README.index("| command |")]
    for name in commands():
        assert all(re.search(rf"\b{word}\b", example) for word in name.split()), name


def test_the_table_of_addresses_is_the_routes(tmp_path: Path) -> None:
    app = create_app(snapshots.DataFolder(tmp_path))
    routes = {re.sub(r"<(?:path:|int:)?(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    stated = set(re.findall(r"^\| `(/[^`]*)` \|", README, re.M))
    assert stated == routes - {"/queries/"}


def test_the_number_of_questions_is_right() -> None:
    assert f"{len(catalogue.canned_queries())} canned questions" in README


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted(ROOT.glob("**/*.md"))
        if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_between_files_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs/decisions").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in listed
