"""The frozen `crs-desktop`: PyInstaller wants a file to start from."""

import sys

from engine.adapters.worker import worker_of

worker = worker_of(sys.argv[1:])
if worker is None:
    from crs_desktop.__main__ import main

    sys.exit(main())
worker()
