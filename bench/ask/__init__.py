"""How well questions in people's own words are answered: `python -m bench ask DATA`.

`known.csv` has 300 questions by people who saw the two works and never the canned questions, each with the passages
that answer it. Half of them (s) and the sets of 150 that `--questions FILE` asks were sealed until they were asked
once, and are known since: what came of each is in docs/decisions/ask.md. `--fit` prints the weights of
kg.ask.answerable and kg.ask.fitting. An answer is wrong if none of the passages of its sentences is among those that
answer, also where the works do not answer. `queries/fitting.csv` has for most of the first 150, and of the third and
fifth set, the canned questions that answer them too; those of the set that is asked are left out of what kg.ask knows
meanwhile. `--fits FILE` has them by number (`id,question,parameters`) for another set, such as `fits-sixth.csv`.
Intervals are those of Wilson at 95 %; seconds are those of the processor.
"""

from __future__ import annotations

import csv
import gzip
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from math import sqrt
from pathlib import Path
from unittest.mock import patch

import click

from bench import tables
from bench.ask.fit import show_fit
from bench.ask.fit_queries import fitted_queries
from kg.ask import AskAnswer, ask, fitting
from kg.ask.fitting import Candidate, Fit, QuestionsThatFit, known_fits
from kg.queries.catalogue import find_replacement
from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING
from kg.store import DataFolder

KNOWN = Path(__file__).with_name("known.csv")
_SETS = {
    "first": KNOWN.name,
    "second": "unseen.csv.gz",
    "third": "third.csv.gz",
    "fourth": "fourth.csv.gz",
    "fifth": "fifth.csv.gz",
}
"""The sets by which the weights are set; all but the first half of the first were sealed once."""
_FIRST = 3
_PASSAGE = ns.PREFIXES["passage"]
_OF = {
    "right passage among the first three": "answerable",
    "right sentence": "answerable",
    "wrong answer": "all",
    "not-said wrongly": "all",
    "nothing at all": "all",
    "fitting question among the first three": "with a fitting question",
}
"""What is counted, and of how many questions."""
_NARROWING = {"country", "counterpart", "kind", "theme", "since"}
"""Parameters that a fitting question may have beside those that it needs."""


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--questions", default=KNOWN, type=click.Path(exists=True, path_type=Path), help="A file of questions.")
@click.option("--fits", "fits_of", type=click.Path(exists=True, path_type=Path), help="Canned questions that fit them.")
@click.option("--failures", is_flag=True, help="List the questions with a wrong answer, or without a right passage.")
@click.option("--fit", is_flag=True, help="Print instead by which weights what is answered is told from what is not.")
def main(data: Path, questions: Path, fits_of: Path | None, *, failures: bool, fit: bool) -> None:
    """Print how many questions find a right passage and a right sentence, and how many a wrong answer."""
    fits = fitting_questions(fits_of)
    store = DataFolder(data).scope(EVERYTHING).open()
    if fit:
        sets = {name: questions_of(KNOWN.with_name(file)) for name, file in _SETS.items()}
        show_fit(store, sets, _verdicts)
        labelled = [[row["question"] for row in rows if row["question"] in fits] for rows in sets.values()]
        known_sets = [(asked, without(asked)) for asked in labelled if asked]
        click.echo(fitted_queries(store, known_sets, lambda of, one: _does_fit(fits[of], one)))
        return
    ask(store, "Leeds")  # reads the index
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seconds = []
    rows = questions_of(questions)
    others = without([row["question"] for row in rows])
    for row in rows:
        with others:
            began = time.process_time()
            found = ask(store, row["question"])
            seconds.append(time.process_time() - began)
        known = fits.get(row["id"]) or fits.get(row["question"])
        verdicts = {*_verdicts(row, found), *(_fits(known, found) if known else ())}
        for asker in (row["asker"], f"all {row['id'][:1]}", "all"):
            counts[asker].update(verdicts)
        if failures and ("wrong answer" in verdicts or verdicts.isdisjoint(("unanswerable", next(iter(_OF))))):
            first = ", ".join(one["iri"].removeprefix(_PASSAGE) for one in found["passages"][:_FIRST])
            click.echo(f"{row['id']} {found['status']}: {row['question']} [{row['passages']}] found: {first}")
    tables.show(
        ("asker", *_OF),
        ((asker, *(_wilson(of[what], of[whole]) for what, whole in _OF.items())) for asker, of in counts.items()),
    )
    seconds.sort()
    click.echo(f"Milliseconds: median {seconds[len(seconds) // 2] * 1000:.0f}, p95 {_p95(seconds) * 1000:.0f}")


def questions_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of questions."""
    read = gzip.open if path.suffix == ".gz" else open
    with read(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fitting_questions(file: Path | None = None) -> dict[str, list[Fit]]:
    """Return the canned queries that fit: by the question where that is known, and by its number those of a file."""
    found: dict[str, list[Fit]] = defaultdict(list)
    for question, fit in known_fits():
        found[question].append(fit)
    for row in questions_of(file) if file else ():
        values = [(name, value) for name, _, value in (one.partition("=") for one in row["parameters"].split())]
        replaced = find_replacement(row["question"], [name for name, _ in values])
        if replaced:
            values = [one for one in replaced.given(values) if one[0] not in ("scope", "columns")]
        found[row["id"]].append((replaced.query if replaced else row["question"], frozenset(values)))
    return found


def without(questions: Sequence[str]) -> AbstractContextManager[object]:
    """Leave questions out of those of which kg.ask knows what fits."""
    others = QuestionsThatFit([one for one in known_fits() if one[0] not in questions])
    return patch.object(fitting, "questions_that_fit", lambda: others)


def _fits(fits: Sequence[Fit], found: AskAnswer) -> Iterator[str]:
    yield "with a fitting question"
    if any(_does_fit(fits, (one["question"], tuple(one["parameters"].items()))) for one in found["questions"]):
        yield "fitting question among the first three"


def _does_fit(fits: Sequence[Fit], one: Candidate) -> bool:
    given = dict(one[1])
    return any(
        name == one[0] and values <= {*one[1]} and {*given} <= {*dict(values), *_NARROWING} for name, values in fits
    )


def _wilson(successes: int, of: int) -> str:
    """Return a share with its interval of 95 % confidence, in per cent."""
    if not of:
        return "–"
    z, share = 1.96, successes / of
    middle, width = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = ((middle + sign * width) / (1 + z * z / of) for sign in (-1, 1))
    return f"{share:.1%} ({max(low, 0.0):.1%} to {high:.1%})"


def _p95(seconds: list[float]) -> float:
    return seconds[int(0.95 * len(seconds))]


def _verdicts(row: Mapping[str, str], found: AskAnswer) -> Iterator[str]:
    right = {_PASSAGE + name for name in row["passages"].split()}
    said = {iri for one in found["answers"] for sentence in one["sentences"] for iri in sentence["passages"]}
    yield "all"
    yield "answerable" if right else "unanswerable"
    if right & {one["iri"] for one in found["passages"][:_FIRST]}:
        yield "right passage among the first three"
    if right & said:
        yield "right sentence"
    elif found["status"] in ("answered", "denied", "complete"):
        yield "wrong answer"
    if found["status"] == "not-said" and right:
        yield "not-said wrongly"
    if not (found["answers"] or found["passages"] or found["things"]):
        yield "nothing at all"
