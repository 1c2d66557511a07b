"""The frozen `crs-desktop`: PyInstaller wants a file to start from. With one of these options it is a worker."""

import sys
from importlib import import_module

WORKERS = {
    "--indicator-host": "engine.indicators.host",
    "--key-host": "engine.adapters.keys.host",
    "--practice-host": "engine.adapters.practice.host",
}

chosen = WORKERS.get(sys.argv[1], "") if len(sys.argv) == 2 else ""
sys.exit(import_module(chosen or "crs_desktop.__main__").main())
