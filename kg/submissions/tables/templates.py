"""The CSV templates: which columns a table has, and what each row is (docs/curating/templates.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.rdf.vocabulary import CD

PLACES = {"city": "City", "district": "CityDistrict", "region": "Region", "nation": "ConstituentNation"}
"""What the table of places may add, first that of a bare name, and the classes."""
POLITIES = ("city", "country", "district", "nation", "polity", "region")
DATES = {
    "since": (CD.begin, CD.beginEarliest, CD.beginLatest),
    "until": (CD.end, CD.endEarliest, CD.endLatest),
}
"""The columns with dates, each with what says the date and its first and last day."""
SOURCE_COLUMNS = ("source_title", "source_url", "source_licence")


@dataclass(frozen=True)
class Template:
    """A kind of table: the columns that must be there, and those that may."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, those that must be there first."""
        return (*self.required, *self.optional)


@dataclass(frozen=True)
class Party:
    """A column that names a party: the property, and the types of what it may name, first that of a bare name."""

    column: str
    predicate: NamedNode
    types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OfRelations(Template):
    """A table of relations: their type and class, their parties, and the schemes of the columns that choose."""

    kind: str
    of_class: NamedNode
    parties: tuple[Party, Party]
    label: str
    choices: Mapping[str, str]
    alphabetical: bool

    def in_order(self, parties: Sequence[str]) -> list[str]:
        """Return the IRIs of two parties in the order in which the label and the IRI of a relation name them."""
        return sorted(parties, key=lambda iri: iri.rpartition("/")[2]) if self.alphabetical else [*parties]


TWINNING = OfRelations(
    required=("city_a", "city_b", "source"),
    optional=("status", "character", *DATES, "note", *SOURCE_COLUMNS),
    kind="twinning",
    of_class=CD.Twinning,
    parties=(Party("city_a", CD.twin, POLITIES), Party("city_b", CD.twin, POLITIES)),
    label="Twinning of {} and {}",
    choices={"status": "tie-status", "character": "tie-character"},
    alphabetical=True,
)
MEMBERSHIP = OfRelations(
    required=("city", "network", "role", "source"),
    optional=("status", *DATES, "note", *SOURCE_COLUMNS),
    kind="membership",
    of_class=CD.Membership,
    parties=(
        Party("city", CD.member, (*POLITIES, "group", "organisation", "network", "person")),
        Party("network", CD.network, ("network", "organisation", "group")),
    ),
    label="Membership of {} in {}",
    choices={"status": "tie-status", "role": "membership-role"},
    alphabetical=False,
)
PLACE = Template(
    required=("place", "name", "within", "source"),
    optional=("name_zh", "latitude", "longitude", "wikidata", "geonames", *SOURCE_COLUMNS),
)
COUNTRY = Template(required=("country",), optional=())
TEMPLATES = (TWINNING, MEMBERSHIP, PLACE, COUNTRY)
