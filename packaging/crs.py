"""The frozen `crs`: PyInstaller wants a file to start from."""

import sys

from engine.adapters.indicators.process import HOST_OPTION

if sys.argv[1:] == [HOST_OPTION]:
    from engine.indicators.host import main
else:
    from engine.cli.__main__ import main

sys.exit(main())
