"""The worker process of the practice chain.

Its first line of input says what to do, as JSON (`Order`); each line of output is one too (`Word`): progress, then the
address, or why there is none. It ends when its input does: with the program that started it, however that ended.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import sys
import threading
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from engine.adapters.practice.wording import Order, Word, decode_order, encode
from engine.errors import ProfileInUse
from engine.profile import Profile, ProfileLock

BEAT_S, POLL_S = 0.25, 0.05
LOCK_TRIES, LOCK_PAUSE_S = 15, 0.2
_log = logging.getLogger(__name__)


def main() -> None:
    """Serve a chain until the input ends."""
    order = decode_order(sys.stdin.buffer.readline())
    _log_to(Path(order.log_file) if order.log_file else None)
    try:
        _serve(order)
    except Exception as error:
        _log.exception("the practice chain ended")
        _say(Word(error=_sentence(error)))
        sys.exit(1)


def _serve(order: Order) -> None:
    folder = Path(order.folder)
    lock = _lock(folder)  # before the libraries are loaded: a refusal comes at once
    from engine.adapters.practice import kept
    from engine.adapters.practice.contracts import find
    from engine.adapters.practice.door import Door
    from engine.adapters.practice.machine import Machine
    from engine.adapters.practice.store import FILE, open_chain

    if order.reset:
        kept.remove(folder / FILE)
    file, ledger, deployed = open_chain(folder, find(), lambda share, what: _say(Word(share=share, what=what)))
    machine = Machine(file, ledger, deployed)
    machine.set_mining(order.instant, order.interval_s)
    machine.begin()
    door = Door(machine.answer, secrets.token_urlsafe(24), order.port)
    ended = threading.Event()
    threading.Thread(target=door.serve_forever, args=(POLL_S,), name="door", daemon=True).start()
    threading.Thread(target=_wait_for_the_end, args=(ended,), name="input", daemon=True).start()
    _say(Word(url=door.url))
    try:
        while not ended.wait(BEAT_S):
            machine.beat()
    finally:
        door.shutdown()
        door.server_close()
        machine.close()
        lock.release()


def _lock(folder: Path) -> ProfileLock:
    """Take the folder for this worker; one that is ending is waited for.

    Raises:
        ProfileInUse: another program has it.
    """
    for _ in range(LOCK_TRIES):
        with suppress(ProfileInUse):
            return ProfileLock(Profile(folder))
        time.sleep(LOCK_PAUSE_S)
    raise ProfileInUse(
        "The practice chain of this profile is in use by another program: close that one, or use another profile."
    )


def _wait_for_the_end(ended: threading.Event) -> None:
    while sys.stdin.buffer.read(4_096):
        continue
    ended.set()


def _say(word: Word) -> None:
    try:
        sys.stdout.buffer.write(encode(word))
        sys.stdout.buffer.flush()
    except OSError:  # nobody listens any more: the input has ended, or will
        return


def _log_to(path: Path | None) -> None:
    logging.getLogger("eth").setLevel(logging.WARNING)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)


def _sentence(error: Exception) -> str:
    from engine.errors import CrsError

    if isinstance(error, CrsError):
        return str(error)
    if isinstance(error, OSError | sqlite3.Error):
        return f"The practice chain cannot be kept: {error}."
    return "The practice chain could not be started; its log says why."
