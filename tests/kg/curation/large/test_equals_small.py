"""The large way and the small way come to the same: random histories, made in both, with what others do meanwhile."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from kg.building.verification import verify
from kg.curation.curation import CurationService
from kg.curation.refusals import RefusedChangeError
from kg.errors import CityKgError
from kg.history import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SKOS
from kg.store import DataFolder
from tests.kg.conftest import draft
from tests.kg.curation.large.conftest import Here
from tests.support.tiers import by_tier
from tests.support.turtle import node

pytestmark = pytest.mark.drawn

Renewed = Callable[[int], Change]

CURATED, OTHER = (NamedNode(f"{ns.GRAPH}curated/{name}") for name in ("test", "other"))
NONE_LARGE = 1_000_000
_WITHOUT_WORDS = 1  # of an outcome: what came, without what was told of it
TRUE = Literal("true", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))


TOWN, ACCOUNT = node("city:newtown"), node("account:test--renewed-2001")


def english(text: str) -> Literal:
    return Literal(text, language="en")


STATED = [
    Quad(TOWN, RDF.type, CD.City, CURATED),
    Quad(TOWN, SKOS.prefLabel, english("Newtown"), CURATED),
    Quad(TOWN, CD.within, node("country:china"), CURATED),
    Quad(TOWN, DCTERMS.source, node("source:geonames"), CURATED),
]
"""A town, which conforms."""
WRONG = [
    Quad(TOWN, NamedNode(f"{ns.CD}twinn"), node("city:beijing"), CURATED),  # no such term
    Quad(TOWN, OWL.deprecated, TRUE, CURATED),  # takes two
]
SINGLE = [
    *(Quad(ACCOUNT, CD.note, english(f"Seen in {year}."), CURATED) for year in range(2010, 2018)),
    Quad(ACCOUNT, CD.note, english("Since spring."), CURATED),
    Quad(ACCOUNT, CD.note, english("Since spring."), OTHER),  # the same triple in another graph
    Quad(ACCOUNT, CD.statedIn, node("source:geonames"), OTHER),
    Quad(ACCOUNT, CD.statedIn, node("source:wikidata"), CURATED),
    Quad(TOWN, SKOS.altLabel, english("Beijing"), CURATED),  # a warning: the name of another city
    Quad(TOWN, SKOS.altLabel, english("Neuestadt"), OTHER),
    Quad(TOWN, CD.within, node("city:beijing"), OTHER),  # more follows from it
    Quad(TOWN, RDF.type, CD.City, OTHER),
    Quad(TOWN, SKOS.prefLabel, english("Newton"), OTHER),  # a second label
    *WRONG,
]


@dataclass(frozen=True)
class Turn:
    """States parts that are not there, and takes away those that are."""

    parts: frozenset[int]


@dataclass(frozen=True)
class Told:
    """States some parts and takes away others, whether they are there or not."""

    stated: frozenset[int]
    taken: frozenset[int]


@dataclass(frozen=True)
class Undo:
    """Takes back a change, by its number if so many were made."""

    number: int


Action = Turn | Told | Undo
Outcome = tuple[object, ...]


@dataclass(frozen=True)
class Step:
    """What somebody does, having seen the warnings or not; and what somebody else does while it is prepared."""

    action: Action
    acknowledged: bool
    meanwhile: Action | None


FIRST = (Step(Turn(frozenset({0, 2})), True, None), Step(Turn(frozenset({1, 3, 4})), True, None))
"""What is there before anything is drawn, by the places of the parts; else most would be refused."""
GOOD = st.sampled_from(range(3 + len(SINGLE) - len(WRONG)))
SOME = st.frozensets(GOOD, min_size=1, max_size=3)
ANY = st.frozensets(st.sampled_from(range(3 + len(SINGLE))), min_size=1, max_size=3)
TURN, UNDO = st.builds(Turn, SOME), st.builds(Undo, st.integers(0, 9))
ACTIONS = st.one_of(TURN, TURN, TURN, UNDO, UNDO, st.builds(Turn, ANY), st.builds(Told, ANY, ANY))
STEPS = st.lists(
    st.builds(Step, ACTIONS, st.sampled_from([True, True, True, False]), st.one_of(st.none(), TURN, TURN, UNDO)),
    min_size=2,
    max_size=6,
)


@dataclass
class Way:
    """A data folder in which changes of more than so many statements are large."""

    folder: DataFolder
    large: int
    parts: Sequence[frozenset[Quad]]
    curation: CurationService = field(init=False)

    def __post_init__(self) -> None:
        self.curation = CurationService(self.folder)

    def doing(self, action: Action, key: str, acknowledged: bool) -> Callable[[], Record]:
        """Return how an action is done that somebody has drawn up now."""
        if isinstance(action, Undo):
            number = 1 + action.number % max(1, self.curation.gate.build.changes)
            return lambda: self.curation.undo(number, key, agent="ann", summary="Never was", acknowledged=acknowledged)
        there = self.said()
        if isinstance(action, Turn):
            turned = [self.parts[place] for place in sorted(action.parts)]
            come = {quad for part in turned if not part <= there for quad in part - there}
            gone = {quad for part in turned if part <= there for quad in part}
            change = Change.of(come, gone)
        else:
            come, gone = ({quad for one in some for quad in self.parts[one]} for some in (action.stated, action.taken))
            change = Change.of(come, gone)
        drafted = replace(draft(change, key, "Stated"), acknowledged=acknowledged)
        return lambda: self.curation.gate.commit(drafted)

    def others(self, action: Action | None, key: str) -> Outcome:
        """Do what somebody else does, in the small way, and return what came of it."""
        return () if action is None else self.outcome(self.doing(action, f"other-{key}", acknowledged=True))

    def outcome(self, do: Callable[[], Record], statements: int = NONE_LARGE) -> Outcome:
        """Do something, and return what came of it; with more than so many statements it is large."""
        with large(statements):
            try:
                made = do()
            except RefusedChangeError as error:
                found = Counter((one.severity, one.message, one.focus) for one in error.report.findings)
                return type(error).__name__, error.message, error.hint, found
            except CityKgError as error:
                return type(error).__name__, error.message, error.hint
        return told(made)

    def said(self) -> frozenset[Quad]:
        """Return what all graphs say but that of the history, which has times."""
        return frozenset(quad for quad in self.folder.open() if quad.graph_name != graphs.HISTORY)

    def standing(self) -> Outcome:
        """Return all that is to be the same in both ways."""
        build, gate = self.curation.gate.build, self.curation.gate
        with large(self.large):
            records = [told(record) for record in gate.history.records()]
        snapshot = self.folder.open()
        noted = Counter(str(quad.predicate) for quad in snapshot if quad.graph_name == graphs.HISTORY)
        graphs_named = frozenset(map(str, snapshot.named_graphs()))
        return (
            (build.quads, build.inferred, build.changes),
            *(records, noted, graphs_named, self.said(), gate.validation.ledger.rows()),
        )


def told(record: Record) -> Outcome:
    """Return what a record says but for its time, and what depends on that."""
    return (
        f"change {record.number}",
        *(record.added_quads(), record.removed_quads(), Counter(record.acknowledged)),
        *(record.id, record.kind, record.reverts, record.agent, record.summary, record.source),
    )


@contextmanager
def large(statements: int) -> Iterator[None]:
    """Let a change of more than so many statements be a large one."""
    before, History.LARGE = History.LARGE, statements
    try:
        yield
    finally:
        History.LARGE = before


@pytest.fixture
def begun(small: DataFolder, renewed: Renewed, here: type[Here], tmp_path: Path) -> Callable[[int], tuple[Way, Way]]:
    """Begin the same history twice: in the small way, and in that in which so many statements are the most of one."""
    parts = [renewed(2001).added, renewed(2002).added, frozenset(STATED), *(frozenset([quad]) for quad in SINGLE)]

    def way(name: str, statements: int) -> Way:
        folder = DataFolder(tmp_path / name)
        shutil.rmtree(folder.path, ignore_errors=True)
        shutil.copytree(small.path, folder.path)
        return Way(folder, statements, parts)

    return lambda statements: (way("in-small", NONE_LARGE), way("in-large", statements))


# 2 is taken back, and meanwhile 3, which had the say over a part of it
@settings(max_examples=by_tier(1, 2, 250))
@given(statements=st.sampled_from([0, 1, 3]), steps=STEPS)
@example(statements=0, steps=[Step(Turn(frozenset({3})), True, None), Step(Undo(1), True, Undo(2))])
def test_random_histories_come_to_the_same_in_both_ways(
    statements: int, steps: list[Step], begun: Callable[[int], tuple[Way, Way]]
) -> None:
    in_small, in_large = begun(statements)
    with in_small.curation, in_large.curation:
        for number, step in enumerate((*FIRST, *steps)):
            _in_both(in_small, in_large, step, f"step-{number}")
            assert in_small.standing() == in_large.standing()
    with large(statements):
        assert [check for check in verify(in_large.folder) if not check.passed] == []


def _in_both(in_small: Way, in_large: Way, step: Step, key: str) -> None:
    """Make a step in the large way, then in the small way in the order that it had there."""
    ways, came = (in_small, in_large), list[Outcome]()
    in_turn, prepared = (way.doing(step.action, key, step.acknowledged) for way in ways)
    Here.meanwhile = [lambda: came or came.append(in_large.others(step.meanwhile, key))]
    of_large = in_large.outcome(prepared, in_large.large)
    if came:
        assert came == [in_small.others(step.meanwhile, key)]
    of_small = in_small.outcome(in_turn)
    if came:  # what both break or warn of together may be told of either
        of_small, of_large = of_small[:_WITHOUT_WORDS], of_large[:_WITHOUT_WORDS]
    assert of_small == of_large
    if not came:
        assert in_small.others(step.meanwhile, key) == in_large.others(step.meanwhile, key)
