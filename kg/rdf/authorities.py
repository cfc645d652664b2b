"""The authorities that give things identifiers, and how their addresses are written: the one table of them.

The shape of `schema:sameAs` has the same patterns, and docs/curating/authorities.md the same rows; tests compare them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kg.rdf.vocabulary import OWL, SCHEMA, SKOS

LINKS = (SCHEMA.sameAs, NamedNode("http://schema.org/sameAs"), OWL.sameAs, SKOS.exactMatch)
"""The properties that link a thing to an address which identifies it."""


@dataclass(frozen=True)
class Authority:
    """An authority that gives identifiers: its name, the prefix of one (`wd:Q84`), and what it identifies.

    `identifier` is the pattern of one, `address` how the graph writes its address, with the identifier for `{}`.
    `spellings` are patterns of other addresses that lead to the same, without http:// or https://.
    """

    name: str
    prefix: str
    identifies: str
    identifier: str
    address: str
    spellings: tuple[str, ...] = ()
    _forms: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns."""
        bare = re.escape(self.address.partition("://")[2].rstrip("/")).replace(r"\{\}", "{}")
        patterns = (form.replace("{}", f"({self.identifier})") for form in (bare, *self.spellings))
        forms = tuple(re.compile(rf"https?://(?:www\.)?(?:{form})/?", re.IGNORECASE) for form in patterns)
        object.__setattr__(self, "_forms", forms)

    @property
    def namespace(self) -> str:
        """The beginning of all its addresses in the graph."""
        return self.address.partition("{}")[0]

    @property
    def pattern(self) -> str:
        """The pattern of its addresses as the graph writes them."""
        return re.sub(r"[.]", r"\\.", self.address).replace("{}", f"({self.identifier})")

    def identifier_in(self, address: str) -> str | None:
        """Return the identifier in an address of the authority, in any of its spellings; None for other addresses."""
        found = next(filter(None, (form.fullmatch(address) for form in self._forms)), None)
        return None if found is None else self._in_usual_case(found[1])

    def as_identifier(self, text: str) -> str | None:
        """Return a text as an identifier of the authority, None if it is not one."""
        text = text.replace(" ", "")
        return self._in_usual_case(text) if re.fullmatch(self.identifier, text, re.IGNORECASE) else None

    def _in_usual_case(self, text: str) -> str:
        """Return an identifier in the authority's own case."""
        cases = (text, text.upper(), text.lower())
        return next(one for one in cases if re.fullmatch(self.identifier, one))


AUTHORITIES: Sequence[Authority] = (
    Authority(
        "Wikidata",
        "wd",
        "anything",
        "Q[1-9][0-9]*",
        "http://www.wikidata.org/entity/{}",
        (r"(?:m\.)?wikidata\.org/(?:entity|wiki)/(?:Special:EntityPage/)?{}",),
    ),
    Authority(
        "GeoNames",
        "geonames",
        "places",
        "[1-9][0-9]*",
        "https://sws.geonames.org/{}/",
        (r"(?:sws\.)?geonames\.org/{}(?:/.*)?",),
    ),
    Authority(
        "OpenStreetMap",
        "osm",
        "places",
        "(node|way|relation)/[1-9][0-9]*",
        "https://www.openstreetmap.org/{}",
        (r"openstreetmap\.org/{}", r"osm\.org/{}"),
    ),
    Authority(
        "TGN", "tgn", "places", "[1-9][0-9]{6}", "http://vocab.getty.edu/tgn/{}", (r"vocab\.getty\.edu/page/tgn/{}",)
    ),
    Authority("ROR", "ror", "organisations", "0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}", "https://ror.org/{}"),
    Authority(
        "GND",
        "gnd",
        "organisations, people, places, works",
        "1[0-9]{7,9}[0-9X]|[47][0-9]{6}-[0-9]|[1-9][0-9]{0,7}-[0-9X]|3[0-9]{7}[0-9X]",
        "https://d-nb.info/gnd/{}",
        (r"explore\.gnd\.network/gnd/{}",),
    ),
    Authority("ISNI", "isni", "organisations, people", "[0-9]{15}[0-9X]", "https://isni.org/isni/{}"),
    Authority("VIAF", "viaf", "organisations, people, places, works", "[1-9][0-9]*", "http://viaf.org/viaf/{}"),
    Authority(
        "LoC",
        "lcnaf",
        "organisations, people, places",
        "n[bors]?[0-9]{8,10}",
        "http://id.loc.gov/authorities/names/{}",
        (r"id\.loc\.gov/authorities/names/{}\.html", r"lccn\.loc\.gov/{}"),
    ),
    Authority("ORCID", "orcid", "people", "[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", "https://orcid.org/{}"),
)
"""In the order in which messages and the guide have them."""

ENCYCLOPAEDIA = r"https://[a-z-]+\.wikipedia\.org/wiki/[^ ]+"
"""The pattern of pages of Wikipedia: links that say what is meant, of which a thing has one in each language."""

SAME_AS = f"^({'|'.join((*(authority.pattern for authority in AUTHORITIES), ENCYCLOPAEDIA))})$"
"""The pattern of all addresses that a thing may be said to be the same as."""
