"""The folder of a user's own indicators: which files there are, and what changed. Blocking; belongs on a thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOST_FILES = 200
MOST_BYTES = 1_000_000
TEMPLATE = '''"""How far the close is from its average, in percent."""

from engine.indicators.own import OwnIndicator, line, whole


class {name}(OwnIndicator):
    # Parameters become fields of the dialog; on self each one is its value.
    period = whole(20, low=2, high=500)

    # Outputs are drawn: line(), histogram(), dots() or steps().
    distance = line()

    levels = (0.0,)  # guide lines; over_candles = True would draw it over the price

    def start(self):
        """Called once, before the first bar."""
        self.closes = []

    def push(self, bar):
        """Called for every closed bar: bar.open, bar.high, bar.low, bar.close, bar.volume, bar.start (ns UTC)."""
        self.closes.append(bar.close)
        if len(self.closes) < self.period:
            return None  # not known yet
        self.closes = self.closes[-self.period :]
        average = sum(self.closes) / self.period
        return 100 * (bar.close / average - 1)
'''


@dataclass(frozen=True, slots=True)
class OwnFile:
    """One file as it was last read; `stamp` changes when it does."""

    name: str
    path: Path
    stamp: tuple[int, int]
    text: str
    problem: str = ""
    """Why the text could not be read."""


def scan(folder: Path, known: dict[str, OwnFile]) -> dict[str, OwnFile]:
    """Return the files of the folder by name, read again only where they changed; none if there is no folder."""
    try:
        paths = sorted(
            each for each in folder.iterdir() if each.suffix == ".py" and not each.name.startswith((".", "_"))
        )
    except OSError:
        return {}
    found: dict[str, OwnFile] = {}
    for path in paths[:MOST_FILES]:
        try:
            status = path.stat()
        except OSError:  # it was there a moment ago
            continue
        stamp = (status.st_mtime_ns, status.st_size)
        before = known.get(path.stem)
        found[path.stem] = before if before is not None and before.stamp == stamp else _read(path, stamp)
    return found


def write_template(folder: Path) -> Path:
    """Write a first version of an indicator under a name that is free, and return its path.

    Raises:
        OSError: the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = folder / (f"my_indicator_{number}.py" if number > 1 else "my_indicator.py")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(TEMPLATE.format(name=f"MyIndicator{number if number > 1 else ''}"))
        except FileExistsError:
            number += 1
            continue
        return path


def _read(path: Path, stamp: tuple[int, int]) -> OwnFile:
    if stamp[1] > MOST_BYTES:
        return OwnFile(path.stem, path, stamp, "", f"{path.name} is too large for an indicator.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return OwnFile(path.stem, path, stamp, "", f"{path.name} is no text in UTF-8.")
    except OSError as error:
        return OwnFile(path.stem, path, stamp, "", f"{path.name} cannot be read: {error.strerror}.")
    return OwnFile(path.stem, path, stamp, text)
