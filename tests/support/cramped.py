"""The program that decides on the rows of an import, on a disk that is full after a page of each file."""

from __future__ import annotations

import resource
import sys

from kg.importing.program import main

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    sys.exit(main())
