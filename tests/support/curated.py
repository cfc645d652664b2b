"""A served data folder of a module's own, with people who may change it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.store import DataFolder
from tests.support.curl import asker
from tests.support.http import Answer


@dataclass(frozen=True)
class Curated:
    """A served data folder of a module's own, and tokens by the names of their holders."""

    folder: DataFolder
    address: str
    tokens: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)
    """Of sessions at the desk, by the names of who has signed in."""

    def ask(self, *arguments: str, by: str = "") -> Answer:
        """Ask for a path, by somebody or nobody, with options of curl before it."""
        who = ("-H", f"Authorization: Bearer {self.tokens[by]}") if by else ()
        return asker(self.address)(*who, *arguments)

    def at_desk(self, *arguments: str, by: str) -> Answer:
        """Ask for a path as the browser of somebody does who has signed in, with options of curl before it."""
        if by not in self.cookies:
            signed_in = self.browse("-d", f"token={self.tokens[by]}", "/desk/sign-in")
            assert signed_in.status == 303, signed_in.body
            self.cookies[by] = signed_in.headers["set-cookie"].partition(";")[0]
        return self.browse("-H", f"Cookie: {self.cookies[by]}", *arguments)

    def browse(self, *arguments: str) -> Answer:
        """Ask for a path as a page of the service makes a browser do, with options of curl before it."""
        return asker(self.address)("-H", "Sec-Fetch-Site: same-origin", "-H", "Accept: text/html", *arguments)
