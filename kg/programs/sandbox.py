"""The sandbox of a worker: no sockets, no other programs, no writing, and no memory beyond its share.

The engine would contact any address that a query names. The guard refuses such queries; the sandbox takes away the
means, by a filter of system calls on Linux (seccomp(2)). Files may still be opened for reading, since the engine opens
those of its snapshot when it first needs them; no function of a query opens any.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _ALL_THREADS = 38, 1, 1
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_NOT_LESS, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of classic BPF
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_NUMBER, _ARCHITECTURE = 0, 4  # where struct seccomp_data has them
_OTHER_ABI = 0x40000000  # x32 calls of an x86-64 kernel have this bit

# The machine's AUDIT_ARCH_…, its number of seccomp, and those of socket, connect, execve, execveat, ptrace; the number
# of io_uring_setup is the same on all.
_MACHINES = {
    "x86_64": (0xC000003E, 317, (41, 42, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, 277, (198, 203, 221, 281, 117, 425)),
}

CLOSES_FILES = platform.machine() not in _MACHINES
"""True if no file can be opened in the sandbox, since there is no filter of system calls for this machine."""


def enter(memory_bytes: int) -> None:
    """Enter the sandbox for good; the process may use `memory_bytes` of address space more than it has now.

    Raises OSError if the kernel rejects the filter. On a machine without a filter no file can be opened any more, so
    that a graph with many changes may have to be rebuilt before it can be read.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if CLOSES_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    else:
        _filter_calls(*_MACHINES[platform.machine()])


def _filter_calls(architecture: int, seccomp: int, refused: tuple[int, ...]) -> None:
    program = _program(architecture, refused)
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))  # struct sock_fprog
    libc = ctypes.CDLL(None, use_errno=True)
    unsigned = ctypes.c_ulong
    no_more = libc.prctl(_PR_SET_NO_NEW_PRIVS, unsigned(1), unsigned(0), unsigned(0), unsigned(0))
    if no_more or libc.syscall(unsigned(seccomp), unsigned(_SET_MODE_FILTER), unsigned(_ALL_THREADS), head):
        raise OSError(ctypes.get_errno(), f"no filter of system calls: {os.strerror(ctypes.get_errno())}")


def _program(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter: calls of another architecture, and those to refuse, jump to the last instruction."""
    to_last = len(refused) + 2  # from the first of the comparisons of the number
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_IF_EQUAL, 0, to_last + 1, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_NOT_LESS, to_last - 1, 0, _OTHER_ABI),
        *((_JUMP_IF_EQUAL, to_last - 2 - place, 0, number) for place, number in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
