"""The frozen `crs`: PyInstaller wants a file to start from."""

import sys

from engine.cli.__main__ import main

sys.exit(main())
