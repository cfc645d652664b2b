"""How much is tried: one setting, CITYKG_TESTS, from which all numbers of the tests come.

`quick` (`make test`) tries each kind of proof with small numbers; `moderate` (the slow tests, in CI after the quick
ones and from another seed) with such or larger ones; and `thorough` (`make test-all`) with as many as one waits for. A
test whose numbers come from here is marked `scaled`, unless it is one of hypothesis; what no small number makes quick
is marked `slow`.
"""

from __future__ import annotations

import os
import random
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class Tier(IntEnum):
    """How much is tried."""

    QUICK = 0
    MODERATE = 1
    THOROUGH = 2


TIER = Tier[os.environ.get("CITYKG_TESTS", "quick").upper()]


def by_tier(quick: T, moderate: T, thorough: T) -> T:
    """Return that of the three which the tier asks for."""
    return (quick, moderate, thorough)[TIER]


EXAMPLES = by_tier(20, 20, 1_000)
"""Examples of a test that says nothing; those that take under 5 ms each try MANY, those of over 50 ms FEW."""

MANY = by_tier(100, 100, 10_000)
FEW = by_tier(5, 5, 250)

ONE_IN = by_tier(10, 6, 1)
"""Of the tests of a folder that take long (marked `drawn` or `slow`) one in so many is run."""

SEED = int(os.environ.get("CITYKG_SEED") or random.SystemRandom().randrange(1 << 32))
"""From which all that is drawn comes: fresh in each run unless CITYKG_SEED repeats one."""
os.environ["CITYKG_SEED"] = str(SEED)  # which the processes of a run share: each collects the same tests


def fresh_random(name: str) -> random.Random:
    """Return random numbers for a test, and print the seed that repeats them."""
    print(f"{name}: CITYKG_SEED={SEED}")
    return random.Random(f"{name} {SEED}")
