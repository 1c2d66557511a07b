"""Frames and answers that were recorded from public exchanges, as they came."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path


def answer(shared_data: Path, name: str) -> bytes:
    """Return an answer of REST."""
    with gzip.open(shared_data / "books" / f"{name}.json.gz") as file:
        return file.read()


def frames(shared_data: Path, name: str) -> Iterator[str]:
    """Return the frames of a capture, without its times, its requests and its marks of connections."""
    with gzip.open(shared_data / "books" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        for line in file:
            if not line.startswith("wss"):
                _, _, text = line.strip().partition(" ")
                if text:
                    yield text
