"""`crs feed record` with short chunks, to be killed: python -m tests.engine.cli.recording_child ARGUMENTS."""

from __future__ import annotations

import sys

from engine.adapters.recordings import recorder
from engine.cli.__main__ import main
from engine.domain.number import NANOS_PER_SECOND, Nanos

recorder.CHUNK = Nanos(NANOS_PER_SECOND // 5)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
