"""The frozen `crs-desktop`: PyInstaller wants a file to start from."""

import sys

from crs_desktop.__main__ import main

sys.exit(main())
