"""A program that does everything that can be done with keys, and everything that can go wrong, with planted secrets.

Reads one JSON object with the secrets from its standard input; writes the phrase that it makes to a pipe that is named
there. Whatever else it writes (its output, logs, crash reports, files of the profile) must hold none of them. Keys are
held in this process, so that all that is said there is heard here, but for a while in one of their own, which crashes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable
from typing import Any

from engine.adapters.keys.keyfile import KeyFolder
from engine.adapters.keys.keyring import KeyProcess
from engine.errors import CrsError
from engine.observe.log import TAIL, ProgramLog
from engine.ports.chain import UnsignedTransaction
from engine.profile import Profile
from engine.services.wallet.accounts import WalletAccounts
from tests.engine.adapters.keys.wallets import ThreadHost, light_process

is_apart = [False]
SHOWN: set[str] = set()
"""Objects that were written already; most stay as they are."""


class Raw(logging.Handler):
    """Writes every record with all there is to it, and nothing masked."""

    def emit(self, record: logging.LogRecord) -> None:
        print("LOG", record.__dict__, flush=True)
        if record.exc_info and record.exc_info[1] is not None:
            told(record.exc_info[1])


def told(error: BaseException | None) -> None:
    """Write all that an error says, and those behind it."""
    while error is not None:
        print("ERROR", repr(error), str(error), error.args, getattr(error, "__notes__", ""), flush=True)
        traceback.print_exception(error)
        error = error.__cause__ or error.__context__


async def tried(work: Awaitable[object]) -> None:
    """Do something that may be refused, and write how everything of ours looks afterwards."""
    try:
        print("DID", repr(await work), flush=True)
    except CrsError as error:
        told(error)
    for each in gc.get_objects():
        if str(type(each).__module__).startswith("engine.") and not isinstance(each, type):
            looks = repr(each)
            if looks not in SHOWN:
                SHOWN.add(looks)
                print(looks)


async def live(given: dict[str, str], profile: Profile) -> None:
    folder = profile.common / "wallet" / "keys"
    keys = KeyProcess(folder, start=lambda: light_process() if is_apart[0] else ThreadHost())
    accounts = WalletAccounts(profile.common / "wallet" / "wallet.json", keys)
    await keys.load()
    await tried(keys.create(password=given["short"]))
    made = await keys.create(words=24, password=given["password"])
    os.write(int(given["made"]), " ".join(made.words).encode())
    source = made.account.source
    print("MADE", made, keys)
    asked = keys.positions(source)
    await tried(keys.confirm(source, dict.fromkeys(asked, given["phrase"])))
    await tried(keys.confirm(source, {place: made.words[place - 1] for place in asked}))
    del made
    await tried(keys.import_phrase(given["phrase"], passphrase=given["passphrase"], password=given["wrong"]))
    await tried(keys.import_phrase(given["bad phrase"]))
    await tried(keys.import_phrase(given["bad checksum"]))
    await tried(keys.import_phrase(given["phrase"], passphrase=given["passphrase"]))
    await tried(keys.import_phrase(given["phrase"], passphrase=given["passphrase"]))
    await tried(keys.import_key(given["key"][:-1] + "zz"))
    await tried(keys.import_key(given["key"], password=given["password"]))
    await tried(keys.import_keystore(given["keystore"], given["wrong"]))
    await tried(keys.import_keystore(given["keystore"], given["export"]))
    await tried(keys.add_account())
    await tried(accounts.rename(keys.accounts[0].address, "Main"))
    for account in keys.accounts:
        sent = UnsignedTransaction(1, account.address, 0, account.address, 1, b"", 21_000, 2, 1)
        await tried(keys.sign(sent))
        await tried(keys.sign(UnsignedTransaction(0, account.address, -1, None, 1, b"", 0, 2, 9)))
    await tried(keys.reveal_phrase(source, given["wrong"]))
    revealed = await keys.reveal_phrase(source, given["password"])
    print("REVEALED", revealed)
    del revealed
    await tried(keys.export_keystore(keys.accounts[-1].address, given["wrong"], given["export"]))
    exported = await keys.export_keystore(keys.accounts[-1].address, given["password"], given["export"])
    print("EXPORTED", exported)
    await failing(keys, given)


async def failing(keys: KeyProcess, given: dict[str, str]) -> None:
    """Crash the process that holds the keys while it works, be wrong, change, remove."""
    keys.lock()
    is_apart[0] = True
    await tried(keys.unlock(given["password"]))
    is_apart[0] = False
    assert keys.pid is not None
    work = asyncio.ensure_future(keys.import_key(given["other key"], password=given["password"]))
    await asyncio.sleep(0)
    os.kill(keys.pid, signal.SIGKILL)
    await tried(work)
    await tried(keys.unlock(given["wrong"]))
    await tried(keys.unlock(given["password"]))
    await tried(keys.change_password(given["wrong"], given["new"]))
    await tried(keys.change_password(given["password"], given["new"]))
    await tried(keys.unlock(given["new"]))
    await tried(keys.remove(keys.accounts[-1].source, given["wrong"]))
    await tried(keys.remove(keys.accounts[-1].source, given["new"]))

    def broken(self: KeyFolder, file: object) -> None:
        raise RuntimeError(f"a bug while {file!r} is written")

    KeyFolder.write = broken  # type: ignore[method-assign]
    try:
        await keys.import_key(given["other key"])
    finally:
        await keys.close()


def main() -> None:
    given: dict[str, Any] = json.loads(sys.stdin.read())
    profile = Profile.at(given["profile"])
    profile.create()
    log = ProgramLog(level=logging.DEBUG)
    log.write_to(profile.log_dir, "desktop.log")
    logging.getLogger().addHandler(Raw())
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    try:
        loop.run_until_complete(live(given, profile))
    except RuntimeError as error:
        logging.getLogger("crash").error("unexpected", exc_info=error)
        (profile.log_dir / "crash.txt").write_text("".join(traceback.format_exception(error)))
    for line in TAIL.lines:
        print("TAIL", line)
    log.close()
    print("LIVED")


if __name__ == "__main__":
    main()
