"""Playing a recording of one's own: the market as it was recorded, a new paper account in it.

    engine = await open_recording(profile, "binance/BTC-USDT/20261129T175100Z.tape")

Nothing of it touches other accounts. The account of the replay before is removed, so that the same orders at the same
instants end the same every time.
"""

from __future__ import annotations

import shutil
from contextlib import suppress

from engine.adapters.recordings.library import Library
from engine.bootstrap.assembly import open_on
from engine.bootstrap.engine import Engine
from engine.errors import StorageUnavailable
from engine.exchange.offline import RECORDING
from engine.profile import Profile, ProfileLock
from engine.services.offload import offload
from engine.settings import load


async def open_recording(
    profile: Profile,
    name: str,
    *,
    speed: float | None = None,
    lock: ProfileLock | None = None,
    beside: Profile | None = None,
) -> Engine:
    """Play a recording of a profile's library.

    Args:
        profile: the user's own.
        name: the recording's name in the library.
        speed: market seconds per second; None takes the setting.
        lock: shared by another engine of this program on the same profile (`FrontEngine.share_lock`); it is given back
            if nothing opens.
        beside: the `home` of a replay of this program that still runs, until this one takes its place.

    Raises:
        InvalidInput: there is no such recording, or it is damaged.
        ProfileInUse, InvalidSetting, StorageUnavailable: as `open_engine`.
    """
    lock = lock or ProfileLock(profile)
    try:
        library = Library(profile.recordings_dir)
        home = profile.replay(other=beside == profile.replay())
        await offload(library.open, name)  # before anything is removed
        await offload(_clear, home)
        settings = load(profile.settings_file)
        recorded = await offload(library.look, name)
        engine = await open_on(profile, home, settings, lock, (RECORDING + name, 0), speed, library.open)
        engine.recording = recorded
        return engine
    except BaseException:
        lock.release()
        raise


def _clear(home: Profile) -> None:
    """Remove the account of the replay before."""
    try:
        with suppress(FileNotFoundError):
            shutil.rmtree(home.data_dir)
        home.create()
    except OSError as error:
        raise StorageUnavailable(
            f"The account of the replay before cannot be removed: {error.strerror}. Look at {home.data_dir}."
        ) from error
