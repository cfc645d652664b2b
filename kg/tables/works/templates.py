"""The tables of a work: which columns each has, and what a cell states (docs/curating/works.md).

The properties are those of kg/facts/README.md. A column that means the same as a field of a mapping has its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from pyoxigraph import NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, DCTERMS, FOAF, SKOS
from kg.tables.templates import MEMBERSHIP, ORGANISATIONS, POLITIES, TWINNING, RelationTemplate

Form = OneOf["text", "plain", "printed", "date", "number", "yes", "address", "concept", "thing", "term"]
"""What a cell holds: words in English or Chinese; a text without a language; names as printed; a date; a number; yes or
no; an address of the web; concepts of a scheme; things; things, concepts or classes. The last three may be several, as
may names as printed, with `;` between."""

ANYTHING = tuple(sorted(ns.ENTITY_TYPES, key=lambda kind: kind != "city"))
ACTORS = (*POLITIES, *ORGANISATIONS, "person")
PLACES = ("city", "district", "region", "nation", "polity")
LANDS = ("country", "nation", "region", "city", "district", "zone")


@dataclass(frozen=True)
class Column:
    """A column: its property, what its cells hold, and of which scheme or kinds.

    `default` stands for an empty cell. `of_thing`: it is stated of the thing in the register, not on the account.
    """

    name: str
    predicate: NamedNode
    form: Form
    of: tuple[str, ...] = ()
    required: bool = False
    default: str = ""
    of_thing: bool = False


@dataclass(frozen=True)
class WorkTable:
    """A table of a work: the kind of IRI of what its rows describe, the class of that, and its columns.

    `plain` are columns that the reader reads by name. `named_by` is the column from whose words an IRI is made.
    """

    kind: str
    rdf_class: NamedNode | None
    plain: tuple[str, ...]
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    named_by: str = ""
    relation: RelationTemplate | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, required ones first."""
        every = (*self.plain, *(column.name for column in self.columns))
        return tuple(sorted(every, key=lambda name: name not in self.needed))

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of the columns that must be there and filled."""
        return (*self.required, *(column.name for column in self.columns if column.required))


def _concept(name: str, predicate: NamedNode, scheme: str = "", default: str = "") -> Column:
    return Column(name, predicate, "concept", (scheme or name.replace("_", "-"),), default=default)


def _things(name: str, predicate: NamedNode, kinds: tuple[str, ...] = ANYTHING) -> Column:
    return Column(name, predicate, "thing", kinds)


def _needed(column: Column) -> Column:
    return replace(column, required=True)


def _of_thing(column: Column) -> Column:
    return replace(column, of_thing=True)


_HEDGES = (
    _concept("hedge", CD.hedge),
    _concept("frequency", CD.frequency),
    _things("attributed_to", CD.attributedTo, (*ACTORS, "publication")),
    Column("at_time", CD.atTime, "date"),
)
_ACCOUNT = (
    *_HEDGES,
    Column("printed_name", CD.printedName, "printed"),
    Column("since", CD.begin, "date"),
    Column("until", CD.end, "date"),
    _concept("extent", CD.extent),
    _concept("theme", CD.theme),
    Column("note", CD.note, "text"),
)
_TIE = (_concept("status", CD.status, "tie-status"), *_ACCOUNT, Column("implied", CD.implied, "yes"))
_NAMES = ("name", "name_zh", "slug")
_LINKS = (
    _of_thing(Column("homepage", FOAF.homepage, "address")),
    _of_thing(Column("definition", SKOS.definition, "text")),
)
_SEATED = (
    _things("location", CD.location, POLITIES),
    _things("part_of", CD.partOf, ORGANISATIONS),
    Column("purpose", CD.purpose, "text"),
    *_ACCOUNT,
)
_SAID = Column("says", CD.says, "text", required=True)
_ABOUT = Column("about", CD.about, "term", ANYTHING)
_QUANTIFIED = _things("quantified_by", CD.quantifiedBy, ("statistic",))


def _statement(kind: str, rdf_class: NamedNode, *columns: Column, named_by: str = "says") -> WorkTable:
    return WorkTable(kind, rdf_class, ("passage", "slug"), (*columns, *_HEDGES), ("passage",), named_by)


def _finding(rdf_class: NamedNode, *columns: Column, kind: str = "finding") -> WorkTable:
    own = {column.name for column in columns}
    common = (_SAID, _ABOUT, _concept("theme", CD.theme))
    return _statement(kind, rdf_class, *(column for column in common if column.name not in own), *columns)


def _described(kind: str, rdf_class: NamedNode, *columns: Column) -> WorkTable:
    return WorkTable(kind, rdf_class, (*_NAMES, "passage"), columns, ("name",), "name")


def _ties(relation: RelationTemplate, *columns: Column) -> WorkTable:
    parties = tuple(party.column for party in relation.parties)
    plain = ("passage", *parties)
    return WorkTable(relation.kind, relation.rdf_class, plain, (*columns, *_TIE), plain, relation=relation)


WORK_TABLES: Mapping[str, WorkTable] = {
    "work": WorkTable(
        "publication",
        CD.Publication,
        ("work", "name", "name_zh"),
        (
            Column("title", DCTERMS.title, "text", required=True),
            _needed(_concept("kind", CD.publicationKind, "publication-kind")),
            _things("creator", DCTERMS.creator, ("person", *ORGANISATIONS)),
            Column("issued", DCTERMS.issued, "date"),
            Column("as_of", CD.asOf, "date"),
            Column("publisher", DCTERMS.publisher, "plain"),
            Column("series", DCTERMS.isPartOf, "plain"),
            Column("language", DCTERMS.language, "plain"),
            Column("missing", CD.missing, "text"),
        ),
        ("work", "name"),
    ),
    "passages": WorkTable(
        "passage",
        CD.Passage,
        ("passage", "name", "name_zh"),
        (
            _concept("kind", CD.passageKind, "passage-kind", "paragraph"),
            Column("locator", CD.locator, "plain", required=True),
            Column("paraphrase", CD.paraphrase, "text", required=True),
            _concept("availability", CD.textAvailability),
            Column("missing", CD.missing, "text"),
        ),
        ("passage",),
    ),
    "places": WorkTable(
        "city",
        None,
        (*_NAMES, "type", "country", "latitude", "longitude", "wikidata", "geonames"),
        (_things("source", DCTERMS.source, ("source", "publication")),),
        ("name", "country"),
        "name",
    ),
    "persons": _described("person", CD.Person, *_ACCOUNT),
    "organisations": _described(
        "organisation",
        CD.Organization,
        _of_thing(_concept("kind", CD.organizationKind, "organization-kind")),
        *_LINKS,
        *_SEATED,
    ),
    "networks": _described(
        "network",
        CD.CityNetwork,
        *_LINKS,
        _concept("scope", CD.scope, "network-scope"),
        *_SEATED,
    ),
    "groups": _described(
        "group",
        CD.Group,
        _of_thing(Column("group_of", CD.groupOf, "term", ANYTHING, required=True)),
        _of_thing(_things("in_place", CD.inPlace, LANDS)),
        _of_thing(Column("definition", SKOS.definition, "text", required=True)),
        _things("members", CD.groupMember),
        _things("subgroup_of", CD.subgroupOf, ("group",)),
    ),
    "activities": _described(
        "activity",
        CD.Activity,
        _of_thing(_needed(_concept("kind", CD.activityKind, "activity-kind"))),
        Column("says", CD.says, "text"),
        _things("participant", CD.participant, ACTORS),
        _things("organizer", CD.organizer, ACTORS),
        _things("host", CD.host, ACTORS),
        _things("location", CD.location, (*POLITIES, "zone")),
        _concept("status", CD.status, "tie-status"),
        Column("purpose", CD.purpose, "text"),
        *_ACCOUNT,
    ),
    "twinnings": _ties(
        TWINNING,
        _concept("standing", CD.standing, "tie-standing"),
        _concept("character", CD.character, "tie-character"),
        _concept("basis", CD.basis, "agreement-basis"),
    ),
    "memberships": _ties(MEMBERSHIP, _needed(_concept("role", CD.role, "membership-role"))),
    "findings": _finding(CD.Finding),
    "quantified": _finding(
        CD.QuantifiedStatement,
        _needed(_concept("quantifier", CD.quantifier)),
        _needed(_things("of_population", CD.ofPopulation, ("group", *ACTORS))),
        _things("exception", CD.exception),
        _QUANTIFIED,
    ),
    "absences": _finding(
        CD.AbsenceFinding,
        replace(_SAID, required=False),
        _needed(_things("absent_for", CD.absentFor, (*ACTORS, "group"))),
        _needed(_concept("tie_kind", CD.tieKind)),
        _things("counterpart", CD.counterpart),
        _needed(_concept("basis", CD.absenceBasis, "absence-basis")),
        _concept("standing", CD.standing, "tie-standing"),
        kind="absence",
    ),
    "effects": _finding(
        CD.Effect,
        Column("cause", CD.cause, "term", ANYTHING),
        _needed(Column("affected", CD.affected, "term", ANYTHING)),
        _concept("aspect", CD.aspect),
        _needed(_concept("direction", CD.effectDirection, "effect-direction")),
        _concept("magnitude", CD.magnitude),
        _concept("causality", CD.causality),
        _QUANTIFIED,
    ),
    "comparisons": _finding(
        CD.Comparison,
        _needed(Column("compared", CD.compared, "term", ANYTHING)),
        _needed(Column("compared_with", CD.comparedWith, "term", ANYTHING)),
        Column("compared_by", CD.comparedBy, "text"),
        _needed(_concept("outcome", CD.outcome, "comparison-outcome")),
        _concept("aspect", CD.aspect),
        _concept("magnitude", CD.magnitude),
        _QUANTIFIED,
    ),
    "recommendations": _finding(
        CD.Recommendation,
        _things("addressed_to", CD.addressedTo, (*ACTORS, "group")),
        Column("advises_against", CD.advisesAgainst, "yes"),
        kind="recommendation",
    ),
    "definitions": _finding(CD.Definition, _needed(Column("defines", CD.defines, "term", ANYTHING)), kind="definition"),
    "statistics": _statement(
        "statistic",
        CD.Statistic,
        Column("value", CD.value, "number", required=True),
        Column("upper_value", CD.upperValue, "number"),
        Column("printed_value", CD.printedValue, "plain"),
        _concept("unit", CD.unit, default="one"),
        _concept("measure", CD.measure, default="count"),
        _concept("qualifier", CD.qualifier),
        Column("counts", CD.counts, "text", required=True),
        Column("counted", CD.counted, "term", ANYTHING),
        _needed(_things("of_population", CD.ofPopulation)),
        _ABOUT,
        named_by="counts",
    ),
}
"""By the name of the file, without `.csv`."""
