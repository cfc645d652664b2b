"""What is generated in docs is what commands, addresses and contracts are."""

from __future__ import annotations

import re

from kg.store import DataFolder
from server.app import create_app
from tests.docs import reference


def test_the_pages_are_those_that_the_code_gives(folder: DataFolder) -> None:
    for path, wanted in reference.pages(folder).items():
        assert path.read_text(encoding="utf-8") == wanted, "run: make reference"


def test_every_option_has_a_row_with_its_variable() -> None:
    page = reference.commands_page()
    for name, command in reference.commands().items():
        section = page[page.index(f"## {name}\n") :].partition("\n## ")[0]
        options = reference.options(command)
        assert options
        for option in options:
            assert re.search(rf"^\| .*`{option.opts[-1]}`.* \| `{option.envvar}` \|", section, re.M), (
                name,
                option.opts,
            )


def test_every_route_has_a_row(folder: DataFolder) -> None:
    app = create_app(folder)
    routes = {re.sub(r"<(?:path:|int:)?(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    stated = set(re.findall(r"^\| [A-Z]+ \| `(/[^`]*)` \|", reference.addresses_page(reference.openapi(folder)), re.M))
    assert stated == routes
