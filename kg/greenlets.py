"""Waiting without a thread, by greenlets: in the thread of an event loop others work meanwhile.

What `run_in_loop` calls is ordinary code. It gives way to the loop where it waits by the functions here, and nowhere
else: so it must be short, and may hold no lock while it waits. What turns out to take long leaves the loop
(`leave_loop`), or has a part of it done elsewhere (`run_outside_loop`).

See docs/decisions/web-server.md.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar, cast

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    import asyncio  # where it is used it is read late, or not at all: most processes have no loop

P = ParamSpec("P")
T = TypeVar("T")


class NotInLoopError(BaseException):
    """The call takes long and must be repeated in a thread.

    Not an Exception, which handlers would answer.
    """


class _Outcome(NamedTuple):
    """The result of a function: its value, or its exception."""

    returned: Any
    raised: BaseException | None = None


class _LoopCall(greenlet):
    """A greenlet that calls functions in the thread of a loop, each suspended where it waits, and resumed later.

    It is used again, since a new one has a stack of its own to begin with, which costs as much as a small answer.
    """

    def __init__(self) -> None:
        super().__init__(self._run)
        self._function: Callable[[], Any] = lambda: None

    def begin(self, function: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> Any:
        """Call a function; return the awaitable that it waits for, or its _Outcome."""
        self._function, self.loop, self.gr_context = function, loop, copy_context()
        return self.switch()

    def give_way(self, awaited: Awaitable[T]) -> T:
        """Let the loop run until an awaitable is done; return its result or raise its exception."""
        return cast(T, self._leave(awaited))

    def _run(self) -> None:
        while True:
            self._leave(self._outcome())

    def _outcome(self) -> _Outcome:
        try:
            return _Outcome(self._function())
        except BaseException as error:
            return _Outcome(None, error)
        finally:
            del self._function

    def _leave(self, given: object) -> Any:
        assert self.parent is not None
        return self.parent.switch(given)


class _IdleCalls(threading.local):
    """The idle greenlets of a thread."""

    def __init__(self) -> None:
        self.calls: list[_LoopCall] = []


_MOST_IDLE = 64
_idle = _IdleCalls()


async def run_in_loop(function: Callable[[], T]) -> T:
    """Call a function in this thread, and let the loop run wherever it waits.

    Raises what it raises; NotInLoopError if it has to be called anew in a thread.
    """
    from asyncio import get_running_loop  # noqa: PLC0415

    called = _idle.calls.pop() if _idle.calls else _LoopCall()
    given = called.begin(function, get_running_loop())
    while not isinstance(given, _Outcome):
        try:
            value = await given
        except BaseException as error:  # cancelled, too: the function has to let go of what it holds
            given = called.throw(error)
        else:
            given = called.switch(value)
    if len(_idle.calls) < _MOST_IDLE:
        _idle.calls.append(called)
    if given.raised is not None:
        raise given.raised
    return cast(T, given.returned)


def leave_loop() -> None:
    """Declare that the call takes long: raise NotInLoopError in the thread of a loop."""
    if _current_call() is not None:
        raise NotInLoopError


def run_outside_loop(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function that takes long or blocks: in another thread if this is the thread of a loop."""
    called = _current_call()
    if called is None:
        return function(*arguments, **named)
    from asyncio import CancelledError, wait  # noqa: PLC0415

    done = called.loop.run_in_executor(None, partial(function, *arguments, **named))
    cancelled = None
    while not done.done():  # what has begun elsewhere is not left alone
        try:
            called.give_way(wait((done,)))
        except CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return done.result()


def wait_until_ready(descriptor: int, seconds: float, *, to_write: bool = False) -> bool:
    """Wait until a pipe can be read or written; return False if `seconds` pass first.

    No one else may wait for the same end of the pipe meanwhile.
    """
    called = _current_call()
    if called is None:
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if to_write else select.POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))
    loop = called.loop
    ready: asyncio.Future[bool] = loop.create_future()
    if to_write:
        loop.add_writer(descriptor, _set, ready, True)
    else:
        loop.add_reader(descriptor, _set, ready, True)
    late = loop.call_later(max(0.0, seconds), _set, ready, False)
    try:
        return called.give_way(ready)
    finally:
        late.cancel()
        (loop.remove_writer if to_write else loop.remove_reader)(descriptor)


class Readable:
    """The read end of a pipe, from any thread or loop.

    A loop watches it from one wait to the next, since to begin and end that costs six system calls. No one else may
    wait for it meanwhile. A loop may report data that another thread has just read, so the pipe must not block.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop: asyncio.AbstractEventLoop | None = None
        """The loop that watches it."""
        self._awaited: asyncio.Future[bool] | None = None

    def wait(self, seconds: float) -> bool:
        """Wait for data or the end of the pipe; return False if `seconds` pass first."""
        called = _current_call()
        if called is None:
            return wait_until_ready(self._descriptor, seconds)
        loop = called.loop
        if self._loop is not loop:
            if (other := self._loop) is not None:
                with suppress(RuntimeError):  # it is closed
                    other.call_soon_threadsafe(other.remove_reader, self._descriptor)
            loop.add_reader(self._descriptor, self._on_readable)
            self._loop = loop
        ready: asyncio.Future[bool] = loop.create_future()
        self._awaited = ready
        late = loop.call_later(max(0.0, seconds), _set, ready, False)
        try:
            return called.give_way(ready)
        finally:
            late.cancel()
            self._awaited = None

    def close(self, close: Callable[[], object]) -> None:
        """Have a function close the pipe, from any thread, once no loop watches it.

        Its descriptor may belong to another file from then on.
        """

        def leave_and_close() -> None:
            self._stop_watching()
            close()

        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(leave_and_close)
                return
        close()

    def _on_readable(self) -> None:
        if self._awaited is None:
            self._stop_watching()  # it is read in a thread now, or not at all; a loop would be called again and again
        else:
            _set(self._awaited, True)

    def _stop_watching(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.remove_reader(self._descriptor)


class WakeUp:
    """An event for one waiter, in the thread or loop that made it; any thread may set it."""

    def __init__(self) -> None:
        self._called = _current_call()
        self._event = threading.Event() if self._called is None else None
        self._future: asyncio.Future[bool] | None = self._called.loop.create_future() if self._called else None

    def set(self) -> None:
        """Wake the waiter."""
        if self._event is not None:
            self._event.set()
        if self._called is None or self._future is None:
            return
        giver, loop = _current_call(), self._called.loop
        if giver is not None and giver.loop is loop:
            _set(self._future, True)
            return
        with suppress(RuntimeError):  # the loop is closed, and there is no waiter any more
            loop.call_soon_threadsafe(_set, self._future, True)

    def wait(self, seconds: float) -> bool:
        """Wait until it is set; return False if `seconds` pass first."""
        if self._event is not None:
            return self._event.wait(seconds)
        assert self._called is not None
        assert self._future is not None
        late = self._called.loop.call_later(seconds, _set, self._future, False)
        try:
            return self._called.give_way(self._future)
        finally:
            late.cancel()


def _current_call() -> _LoopCall | None:
    """Return the greenlet that runs this code; None outside of run_in_loop."""
    current = getcurrent()
    return current if isinstance(current, _LoopCall) else None


def _set(future: asyncio.Future[bool], value: bool) -> None:
    if not future.done():
        future.set_result(value)
