"""Memory of a server with all its processes: a page that they share is counted once."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.processes import Server


def test_shared_pages_are_counted_once() -> None:
    server = Server("this one", 0, os.getpid(), 0.0)
    says_ready = [sys.executable, "-c", "print('ready', flush=True); input()"]
    with subprocess.Popen(says_ready, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        now, peaks = server.megabytes(), server.peak_megabytes()
        child.communicate(b"go\n")
    assert {os.getpid(), child.pid} <= now.keys() & peaks.keys()
    assert now[child.pid] < 0.8 * peaks[child.pid]  # its code is the code of this process
    assert sum(now.values()) < sum(peaks.values())
