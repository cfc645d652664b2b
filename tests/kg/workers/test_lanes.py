"""Who has a worker and who waits, by a clock that the test sets and workers that are none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from kg.lanes import FAST_SECONDS, ClientTurn, Lane, Slots
from kg.publish.reconciliation_api import candidates
from kg.workers.jobs import ReadingJob
from kg.workers.lanes import Lanes, QueueEntry

PLACE, OTHER = Path("a"), Path("b")


@dataclass(eq=False)
class Worker:
    snapshot: Path = PLACE
    has_rules: bool = False
    has_assisted: bool = False
    began: float = math.inf
    is_killed: bool = False
    now: Callable[[], float] = lambda: 0.0

    def age(self) -> float:
        return max(0.0, self.now() - self.began)

    def kill(self) -> None:
        self.is_killed = True


class Task(NamedTuple):
    label: str
    turn: ClientTurn | None
    is_slow: bool
    slots: Slots = Slots.QUERIES


def lanes_of(*workers: Worker) -> Lanes:
    """Lanes with as many slots of each kind as there are workers, which are enough."""

    def start(_: Path) -> Worker:
        raise AssertionError

    return Lanes(workers, len(workers), start)


@dataclass
class Service:
    """Lanes with so many workers; `marked` are the clients whose queries took long."""

    workers: int = 2
    time: float = 0.0
    marked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lanes: Lanes = lanes_of(*(self.worker() for _ in range(self.workers)))
        self.has: dict[str, Worker] = {}

    def worker(self) -> Worker:
        return Worker(now=lambda: self.time)

    def task(self, name: str, lane: Lane | None) -> Task:
        turn = None if lane is None else ClientTurn(name, lane, lambda: self.marked.append(name))
        return Task(name, turn, lane is Lane.SLOW)

    def ask(self, name: str, lane: Lane | None = Lane.FAST) -> QueueEntry | None:
        """Have a task begin, or return its place in line."""
        task = self.task(name, lane)
        worker = self.lanes.take(task, PLACE)
        if worker is None:
            place: QueueEntry = QueueEntry(task, PLACE)
            self.lanes.wait(place)
            return place
        self._begin(name, worker)
        return None

    def _begin(self, name: str, worker: Worker) -> None:
        self.has[name], worker.began = worker, self.time

    def end(self, name: str) -> bool:
        """End a task, let others begin, and return whether it was stopped."""
        worker = self.has.pop(name)
        was_stopped = self.lanes.end(worker)
        if was_stopped:
            self.lanes.replace(worker, worker := self.worker())
        before = list(self.lanes.queue)
        self.lanes.give_back(worker)
        for place in before:
            if place.worker is not None:
                assert isinstance(place.task, Task)
                self._begin(place.task.label, place.worker)
        return was_stopped

    def pass_time(self, seconds: float = FAST_SECONDS) -> None:
        """Let time pass, at which those that are at work are looked at."""
        self.time += seconds
        for worker in self.has.values():
            self.lanes.look_at(worker)


def test_the_first_long_query_goes_on_in_the_slow_lane_and_the_second_makes_room_for_who_waits() -> None:
    service = Service()
    service.ask("long")
    service.ask("longer")
    service.pass_time()
    assert service.marked == ["long", "longer"]
    assert not any(worker.is_killed for worker in service.has.values())  # nobody waits
    service.ask("small")
    assert service.has["longer"].is_killed
    assert not service.has["long"].is_killed
    assert service.end("longer")
    assert "small" in service.has


def test_a_query_is_stopped_when_its_time_is_over_if_others_wait_already() -> None:
    service = Service()
    service.ask("long")
    service.pass_time()
    service.ask("longer")
    service.ask("small")
    assert not service.has["longer"].is_killed
    service.pass_time()
    assert service.has["longer"].is_killed


def test_queries_that_fit_into_the_fast_lane_are_never_stopped_however_many_wait() -> None:
    service = Service()
    for number in range(30):
        service.ask(f"middling {number}")
    for _ in range(30):
        service.pass_time(FAST_SECONDS / 3)
        assert not any(worker.is_killed for worker in service.has.values())
        service.end(next(iter(service.has)))
    assert service.marked == []


def test_newcomers_with_endless_queries_hold_up_a_small_one_for_their_time_in_the_fast_lane_each() -> None:
    service = Service()
    attackers = [f"attacker {n}" for n in range(4)]
    for attacker in attackers:
        service.ask(attacker)
    service.pass_time(0.0)
    service.ask("small")
    while "small" not in service.has:
        service.pass_time(FAST_SECONDS / 20)
        for name in [name for name, worker in service.has.items() if worker.is_killed]:
            service.end(name)
    assert service.time <= len(attackers) * FAST_SECONDS
    assert set(service.marked) >= set(attackers[1:])


def test_with_two_workers_the_slow_lane_has_one() -> None:
    service = Service()
    service.ask("slow", Lane.SLOW)
    assert service.ask("slower", Lane.SLOW) is not None
    service.ask("small")
    assert set(service.has) == {"slow", "small"}
    service.end("small")
    assert set(service.has) == {"slow"}
    service.end("slow")
    assert set(service.has) == {"slower"}


def test_who_waits_for_the_slow_lane_stops_nobody() -> None:
    service = Service()
    service.ask("slow", Lane.SLOW)
    service.ask("long")
    service.pass_time()
    service.ask("slower", Lane.SLOW)
    service.pass_time()
    assert not any(worker.is_killed for worker in service.has.values())


def test_one_worker_alone_has_no_lanes() -> None:
    service = Service(workers=1)
    service.ask("long")
    service.ask("small")
    service.pass_time(10)
    assert not service.has["long"].is_killed
    service.end("long")
    assert set(service.has) == {"small"}


def test_what_we_ask_ourselves_is_never_stopped_and_marks_nobody() -> None:
    service = Service()
    service.ask("slow", Lane.SLOW)
    service.ask("ours", None)
    service.pass_time()
    service.ask("small")
    assert not service.has["ours"].is_killed
    assert service.marked == ["slow"]


def test_a_query_whose_answer_is_there_is_not_stopped_any_more() -> None:
    service = Service()
    service.ask("slow", Lane.SLOW)
    service.ask("long")
    service.pass_time()
    assert not service.lanes.end(service.has["long"])
    service.ask("small")
    assert not service.has["long"].is_killed


def test_a_worker_that_starts_has_not_begun() -> None:
    service = Service()
    service.ask("slow", Lane.SLOW)
    service.ask("long")
    service.has["long"].began = math.inf
    service.pass_time()
    service.ask("small")
    assert not service.has["long"].is_killed


def test_one_that_has_the_snapshot_open_comes_first() -> None:
    workers = [Worker(OTHER), Worker(PLACE), Worker(OTHER)]
    assert lanes_of(*workers).take(Task("any", None, is_slow=False), PLACE) is workers[1]


def test_no_kind_of_task_takes_the_slots_of_another() -> None:
    lanes = Lanes([Worker(), Worker()], 2, lambda _: Worker())
    tasks = {kind: [Task(f"{kind} {n}", None, is_slow=False, slots=kind) for n in range(3)] for kind in Slots}
    for kind in Slots:
        assert [lanes.take(task, PLACE) is not None for task in tasks[kind]] == [True, True, False]
        assert lanes.busy_in(kind) == 2


def test_each_kind_of_slots_has_room_in_the_slow_lane() -> None:
    lanes = Lanes([Worker() for _ in range(4)], 2, lambda _: Worker())
    slow = [Task(f"{kind} {n}", None, is_slow=True, slots=kind) for kind in (Slots.QUERIES, Slots.OWN) for n in (1, 2)]
    assert [lanes.take(task, PLACE) is not None for task in slow] == [True, False, True, False]


def test_of_batches_and_whole_graphs_that_come_by_the_slow_lane_one_slot_of_our_own_is_kept_free() -> None:
    lanes = lanes_of(Worker(), Worker())
    batch = ReadingJob(candidates, ({},), PLACE, turn=ClientTurn("one", Lane.SLOW))
    assert lanes.take(batch, PLACE) is not None
    assert lanes.take(batch, PLACE) is None
    assert lanes.take(ReadingJob(candidates, ({},), PLACE, turn=ClientTurn("other", Lane.FAST)), PLACE) is not None
    assert lanes.busy_in(Slots.OWN) == 2


def test_who_waits_for_other_slots_stops_nobody() -> None:
    service = Service()
    service.ask("slow", Lane.SLOW)
    service.ask("long")
    service.lanes.wait(QueueEntry(Task("ours", None, is_slow=False, slots=Slots.OWN), PLACE))
    service.pass_time()
    assert not service.has["long"].is_killed


def test_evidence_goes_to_a_worker_that_has_read_the_rules_and_other_tasks_to_others() -> None:
    workers = [Worker(OTHER, has_rules=True), Worker(PLACE)]
    evidence = Task("evidence", None, is_slow=False, slots=Slots.EVIDENCE)
    assert lanes_of(*workers).take(evidence, PLACE) is workers[0]
    workers = [Worker(PLACE), Worker(PLACE, has_rules=True)]
    assert lanes_of(*workers).take(Task("any", None, is_slow=False), PLACE) is workers[0]
    assert lanes_of(*workers[1:], Worker(OTHER)).take(Task("any", None, is_slow=False), PLACE) is workers[1]


def test_an_editor_is_helped_by_a_worker_that_has_done_so_before_and_others_leave_it_free() -> None:
    first, second = workers = [Worker(), Worker()]
    lanes = lanes_of(*workers)
    assist = Task("assist", None, is_slow=False, slots=Slots.ASSIST)
    helper = lanes.take(assist, PLACE)
    assert helper is not None
    lanes.give_back(helper)
    assert lanes.take(Task("any", None, is_slow=False), PLACE) is ({first, second} - {helper}).pop()
    assert lanes.take(assist, PLACE) is helper


def test_one_that_takes_the_place_of_another_has_not_read_the_rules_yet() -> None:
    lanes = lanes_of(Worker(has_rules=True))
    worker = lanes.take(Task("evidence", None, is_slow=False, slots=Slots.EVIDENCE), PLACE)
    assert worker is not None
    lanes.replace(worker, new := Worker())
    assert not new.has_rules


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from([Lane.FAST, Lane.SLOW, None])),
    st.tuples(st.just("end"), st.integers(0, 9)),
    st.tuples(st.just("pass"), st.sampled_from([0.1, FAST_SECONDS, 1.0])),
)


@given(st.integers(1, 4), st.lists(STEPS, max_size=60))
def test_whatever_comes_no_worker_is_idle_for_who_may_have_it_and_small_ones_wait_for_no_long_one(
    workers: int, steps: list[tuple[str, object]]
) -> None:
    service = Service(workers)
    for number, (what, more) in enumerate(steps):
        if what == "ask":
            service.ask(str(number), more)  # type: ignore[arg-type]
        elif what == "pass":
            service.pass_time(more)  # type: ignore[arg-type]
        elif service.has:
            assert isinstance(more, int)
            service.end(sorted(service.has)[more % len(service.has)])
        lanes = service.lanes
        slow = sum(running.is_slow for running in lanes.busy.values())
        waiting = [place.task for place in lanes.queue]
        assert len(lanes.busy) + len(lanes.idle) == workers
        assert slow <= max(1, workers - 1)
        assert not lanes.idle or all(task.is_slow for task in waiting)
        assert not lanes.idle or not waiting or slow == max(1, workers - 1)
        if workers > 1 and any(not task.is_slow for task in waiting):
            for worker, running in lanes.busy.items():
                is_ours = running.task.turn is None
                is_young = service.time - worker.began < FAST_SECONDS
                assert running.is_slow or is_ours or is_young or worker.is_killed
