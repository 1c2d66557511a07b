"""Golden pictures by hand.

`python -m tests.crs_desktop.golden --update [SCENE …]` takes them anew (look at each before you commit it);
`python -m tests.crs_desktop.golden --list` names the scenes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.crs_desktop.golden.picture import reduced, write
from tests.crs_desktop.golden.render import render, render_here
from tests.crs_desktop.golden.scenes import SCENES

IMAGES = Path(__file__).resolve().parent / "images"


def main(arguments: list[str]) -> int:
    """Do what was asked and return the exit status."""
    match arguments:
        case ["render", scale, folder, *names]:
            render_here(names, Path(folder), int(scale))
        case ["--update", *names]:
            with tempfile.TemporaryDirectory(prefix="crs-golden-") as folder:
                render(names or list(SCENES), Path(folder))
                for each in sorted(Path(folder).glob("*.npy")):
                    write(IMAGES / f"{each.stem}.png", reduced(np.load(each)))
            if not names:
                _forget_others()
            size = sum(each.stat().st_size for each in IMAGES.glob("*.png"))
            print(f"{len(names or SCENES)} scenes taken; all pictures together have {size / 2**20:.2f} MB")
        case ["--list"]:
            print("\n".join(SCENES))
        case _:
            print(__doc__)
            return 2
    return 0


def _forget_others() -> None:
    for each in IMAGES.glob("*.png"):
        if each.name.rsplit("-", 2)[0] not in SCENES:
            each.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
