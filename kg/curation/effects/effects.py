"""All that a change would mean, together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Store

from kg.curation.effects.answers import Answers, AskedQuestion, questions
from kg.curation.effects.objections import Objections, objections
from kg.curation.effects.pages import MOST_SHOWN, Listed, facts, pages, things_shown
from kg.curation.effects.result import ChangeResult
from kg.findings import MOST_FINDINGS
from kg.messages import bilingual
from kg.rdf.change import Change
from kg.sentences import ChangedThing, changed_sentences
from kg.wording import Wording


@dataclass(frozen=True)
class Effects:
    """What a change would mean: what it contradicts, says of what, lets follow by rule, and on which pages it shows.

    `new` are the IRIs of what the graph has nothing on yet. `whole` is the change with all that follows from it, by
    which others compare the answers to `asked`, the most telling first; `answers` are None until then.
    """

    objections: Objections
    sentences: Sequence[ChangedThing]
    inferred: Listed
    no_longer_inferred: Listed
    pages: Listed
    new: frozenset[str]
    whole: Change
    asked: Sequence[AskedQuestion]
    answers: Answers | None = None

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        told = self.objections
        return {
            "contradicts": told.contradicted,
            "confirms": len(told.confirming),
            "kinds": told.counts,
            "objections": [one.as_dict() for one in told.raised],
            "objectionsEnded": [one.as_dict() for one in told.ended],
            "confirming": told.confirming,
            "confirmed": [one.as_dict() for one in told.confirmed],
            "confirmingNoLonger": sorted({one.statement for one in told.confirmed_no_longer}),
            "confirmedNoLonger": [one.as_dict() for one in told.confirmed_no_longer],
            "things": len(self.sentences),
            "sentences": list(self.sentences[:MOST_SHOWN]),
            "inferred": self.inferred.as_dict(),
            "inferredNoLonger": self.no_longer_inferred.as_dict(),
            "pages": self.pages.as_dict(),
            **({"answers": self.answers.as_dict()} if self.answers is not None else {}),
            "notTried": [] if self.answers is not None and not self.answers.not_tried else ["answers"],
        }

    def messages(self) -> Iterator[tuple[str, str]]:
        """Yield what it contradicts and confirms in English and in Chinese, the gravest first."""
        told = self.objections
        if not told.raised:
            yield bilingual("Nothing in the graph says otherwise.")
        if told.raised or told.confirming:
            kinds = ", ".join(f"{kind} {number}" for kind, number in told.counts.items())
            yield bilingual(
                "Statements of the change that other sources confirm: {confirming}; on which they differ: "
                "{differing}{kinds}; of these contradicted: {contradicting}.",
                confirming=len(told.confirming),
                differing=sum(told.counts.values()),
                kinds=f" ({kinds})" if kinds else "",
                contradicting=told.contradicted,
            )
        yield from (one.sentence() for one in [*told.raised, *told.confirmed][:MOST_FINDINGS])
        for one in told.ended[:MOST_FINDINGS]:
            yield bilingual("No longer: {objection}", objection=one.sentence()[0])


def effects_of(store: Store, change: Change) -> Effects:
    """Return what a change would mean for an unchanging store. Raises CityKgError for one of terms."""
    result = ChangeResult(store, change)
    before, after = Wording(store), Wording(result.store_after)
    things = things_shown(result)
    return Effects(
        objections(result),
        changed_sentences(store, change.remaining_in(store)),
        facts(result.inferred, after),
        facts(result.no_longer_inferred, before),
        pages(things, after),
        change.new_in(store),
        result.whole,
        questions(result, things, after),
    )
