"""Rows 18 to 20: the disk is full, or fails, at every single write: nothing partial, one sentence, then on again."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crs_desktop.viewmodels.drawings.desk import FILE
from crs_desktop.viewmodels.drawings.file import DrawingFile
from crs_desktop.viewmodels.layout import Layout, LayoutFile
from crs_desktop.viewmodels.workspace import Workspace
from engine.adapters.sql.backup import create
from engine.adapters.sql.manifest import Kind
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.restore import restore
from engine.adapters.sql.tables import move
from engine.adapters.sql.verify import verify
from engine.bootstrap import Engine
from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Lots, Ticks
from engine.domain.order import ListKind, OrderId, OrderType, Side
from engine.errors import StorageUnavailable
from engine.observe import failpoint
from engine.profile import Profile
from engine.settings import changed, load, save
from tests.engine.adapters.desk import opened, works_again
from tests.engine.adapters.small_market import MIDDLE, SYMBOL
from tests.faults.headless import NOW_NS

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("small_market")]

LOW, FAR = MIDDLE - 5_000, MIDDLE - 20_000

SITES = [each for each in failpoint.WRITES if each.startswith(("journal.", "snapshot.", "account_snapshot."))]

OFTEN = [each for each in SITES if each.startswith("journal.")]
"""Sites that every order comes to; a snapshot that cannot be written keeps nobody from trading for long."""

ERRORS = {"ENOSPC": r"is full.*free some space|is full.*Free some space", "EIO": r"Input/output error"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the journal try again at once, and leave nothing armed."""
    monkeypatch.setattr("engine.adapters.sql.journal.RETRY_S", 0.01)
    monkeypatch.setattr("engine.adapters.sql.journal.SNAPSHOT_RECORDS", 4)
    yield
    failpoint.disarm()


def script(running: Engine) -> list[SubmitOrder | SubmitList | CancelOrder | AmendOrder]:
    """Return what is done in every run: the ids are its own, so that runs can be compared."""
    account = running.venue.account

    def buy(name: str, price: int, kind: OrderType = OrderType.LIMIT) -> SubmitOrder:
        limit, stop = (None, price) if kind is OrderType.STOP else (price, None)
        return SubmitOrder(
            account=account,
            order_id=OrderId(name),
            symbol=SYMBOL,
            side=Side.BUY,
            order_type=kind,
            qty=Lots(500),
            price=None if limit is None else Ticks(limit),
            stop_price=None if stop is None else Ticks(stop),
        )

    legs = (buy("leg 1", FAR), buy("leg 2", MIDDLE + 5_000, OrderType.STOP))
    return [
        buy("one", LOW),
        SubmitList(account, OrderId("list"), ListKind.OCO, legs),
        AmendOrder(account=account, order_id=OrderId("one"), price=Ticks(LOW - 1)),
        buy("two", LOW - 2),
        CancelOrder(account, OrderId("leg 1")),
        CancelOrder(account, OrderId("two")),
    ]


async def send(running: Engine, command: SubmitOrder | SubmitList | CancelOrder | AmendOrder) -> object:
    venue = running.venue
    if isinstance(command, SubmitOrder):
        return await venue.submit(command)
    if isinstance(command, SubmitList):
        return await venue.submit_list(command)
    return await (venue.cancel(command) if isinstance(command, CancelOrder) else venue.amend(command))


async def run(directory: Path, sentence: str, *, freed: bool = False) -> int:
    """Do the script, sending again what is refused once the disk works again; return how much was refused.

    With `freed` the disk stays as it is after the first refusal until the test frees it.
    """
    try:
        async with opened(directory) as running:
            return await do(running, sentence, freed)
    except StorageUnavailable as error:  # the account could not be opened
        assert_sentence(str(error), sentence)
        if freed:
            failpoint.disarm()
    async with opened(directory) as running:
        return 1 + await do(running, sentence, freed)


async def do(running: Engine, sentence: str, freed: bool) -> int:
    refused = 0
    for command in script(running):
        try:
            await send(running, command)
        except StorageUnavailable as error:
            refused += 1
            assert_sentence(str(error), sentence)
            if freed:
                await closed_until_freed(running)
            await works_again(running)
            await send(running, command)  # what was refused is either done by now or done now
    running.runner.save()
    await asyncio.sleep(0.05)  # the writer takes it up
    if freed:
        failpoint.disarm()
    await works_again(running)
    await running.cancel_everywhere()
    return refused


def assert_sentence(text: str, sentence: str) -> None:
    assert re.search(sentence, text), text
    assert text.endswith(".")


async def closed_until_freed(running: Engine) -> None:
    """Check that nothing is taken and everything can still be looked at; then free the disk."""
    orders = {each.order_id for each in running.orders.open()}
    assert running.runner.text, "the market does not say why it stands still"
    with pytest.raises(StorageUnavailable):
        await running.venue.submit(script(running)[0])  # type: ignore[arg-type]
    with Reader(running.profile.database) as reader:
        verify(reader)
        assert orders <= {row["order_id"] for row in reader.table("order")}
    failpoint.disarm()


def left_behind(directory: Path) -> dict[str, object]:
    """Return what a profile holds in the end, without times and numbers that differ from run to run."""
    with Reader(directory / "crs.sqlite") as reader:
        verify(reader)
        accepted = [each for each in reader.entries() if each.kind == OrderAccepted.__name__]
        assert len({each.payload for each in accepted}) == len(accepted) == 4
        return {
            "orders": {row["order_id"]: (row["status"], row["price"], row["qty"]) for row in reader.table("order")},
            "balances": {row["asset"]: (row["free"], row["locked"]) for row in reader.table("portfolio_balance")},
        }


@pytest.mark.parametrize(
    ("site", "error"),
    [*((site, "ENOSPC") for site in SITES), ("journal.before_commit", "EIO"), ("journal.after_commit", "EIO")],
)
async def test_row_20_write_error_mid_commit(site: str, error: str, tmp_path: Path) -> None:
    await run(tmp_path / "undisturbed", "")
    expected = left_behind(tmp_path / "undisturbed")
    nth = refusals = 0
    while True:
        nth += 1
        failpoint.arm(f"{site}:{nth}=error {error}")
        refusals += await run(tmp_path / f"{nth}", ERRORS[error])
        untouched = failpoint.times(site) < nth
        failpoint.disarm()

        assert left_behind(tmp_path / f"{nth}") == expected, f"the {nth}. time"
        if untouched:
            break
    assert nth > (3 if site in OFTEN else 1), "the site was hardly ever reached"
    assert refusals > (3 if site in OFTEN else -1)


@pytest.mark.parametrize("site", SITES)
async def test_row_18_disk_full_journal(site: str, tmp_path: Path) -> None:
    await run(tmp_path / "undisturbed", "")
    expected = left_behind(tmp_path / "undisturbed")
    for nth in (1, 4):
        failpoint.arm(f"{site}:{nth}+=error ENOSPC")

        await run(tmp_path / f"{nth}", ERRORS["ENOSPC"], freed=True)

        failpoint.disarm()
        assert left_behind(tmp_path / f"{nth}") == expected


def _back_up(profile: Profile) -> None:
    create(profile.database, Kind.MANUAL, NOW_NS)


def _restore(profile: Profile) -> None:
    restore(profile.database, max(profile.backup_dir.glob("crs-*.sqlite")), NOW_NS)


def _migrate(profile: Profile) -> None:
    move(profile.database, "0001", NOW_NS)


def _save_settings(profile: Profile) -> None:
    save(changed(load(profile.settings_file), "market.seed", 99), profile.settings_file)


def _save_layout(profile: Profile) -> None:
    if not LayoutFile(profile.layout_file).save(Layout((Workspace(symbol="S99"),))):
        raise StorageUnavailable("The layout could not be saved; the next change tries again.")


def _save_drawings(profile: Profile) -> None:
    file = DrawingFile(profile.data_dir / FILE)
    if not file.save({"pairs": {}, "tools": {"magnet": True}}):
        raise StorageUnavailable(str(file.problem))


ACTS = {
    "backup": _back_up,
    "restore": _restore,
    "migration": _migrate,
    "settings": _save_settings,
    "layout": _save_layout,
    "drawings": _save_drawings,
}


@pytest.mark.parametrize("site", [each for each in failpoint.WRITES if each.partition(".")[0] in ACTS])
async def test_row_19_disk_full_at_every_other_write(site: str, tmp_path: Path, traded: Path) -> None:
    profile, act = Profile(tmp_path / "profile"), ACTS[site.partition(".")[0]]
    shutil.copytree(traded, profile.data_dir)
    backup = create(profile.database, Kind.MANUAL, NOW_NS)

    with failpoint.armed(f"{site}=error ENOSPC"), pytest.raises(StorageUnavailable) as refused:
        act(profile)

    assert str(refused.value).endswith(".")
    async with opened(profile.data_dir) as running:
        assert running.recovery.records == backup.records
    act(profile)
    with Reader(profile.database, older=True) as reader:
        assert reader.damage() is None
