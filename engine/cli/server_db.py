"""`crs server db`: the databases of a server, made, shown, migrated, emptied, checked, backed up and put back."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.confirm import confirm
from engine.cli.meter import Meter
from engine.cli.table import table

if TYPE_CHECKING:
    from engine.server.databases import Databases, Shown

NAME = "db"


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    acts = verbs.add_parser(NAME, help="make, show, migrate, empty, check and back up the databases")
    found = acts.add_subparsers(dest="act", required=True, metavar="ACT")
    _act(found, "init", "make what is missing: database, tables")
    _act(found, "show", "print versions, sizes, rows, where the journal ends and who writes")
    migrate = _act(found, "migrate", "move the tables to this program's version")
    migrate.add_argument("--to", metavar="VERSION", help="another version of the exchange's tables, older ones too")
    reset = _act(found, "reset", "start anew with empty tables; files are moved aside, PostgreSQL's tables dropped")
    verify = _act(found, "verify", "check every record's hash, the books and every table that follows from them")
    backup = _act(found, "backup", "copy everything while the server runs, and check the copy")
    backup.add_argument("--out", metavar="FILE", type=Path, help="where to (default: a name with the time, in backups)")
    restore = _act(found, "restore", "put a backup back: in the place of files, or into an empty PostgreSQL database")
    restore.add_argument("file", metavar="FILE", type=Path, help="what `backup` wrote")
    for each in (verify, backup, restore):
        each.add_argument(
            "--venue", metavar="NAME", help="the exchange of an upstream market instead of the server's own"
        )
    for each in (migrate, reset, restore):
        each.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    """Run the verb and return the exit status."""
    from engine.server.databases import Databases
    from engine.server.settings import load_settings

    databases = Databases(load_settings(args.data_dir, database=args.database), getattr(args, "venue", None) or "")
    return {
        "init": _init,
        "show": _show,
        "migrate": _migrate,
        "reset": _reset,
        "verify": _verify,
        "backup": _backup,
        "restore": _restore,
    }[args.act](databases, args)


def _init(databases: Databases, args: argparse.Namespace) -> int:
    databases.make()
    shown = databases.show()
    _say(args, {"tables": [{"name": each.name, "revision": each.revision} for each in shown.tables]}, [
        f"{each.name}: version {each.revision} in {each.where}." for each in shown.tables
    ])  # fmt: skip
    return 0


def _show(databases: Databases, args: argparse.Namespace) -> int:
    import msgspec

    shown = databases.show()
    _say(args, msgspec.to_builtins(shown), list(_lines(shown)))
    return 0


def _lines(shown: Shown) -> list[str]:
    rows = [
        (each.name, each.revision or "none", each.newest, f"{each.bytes / 1e6:.1f}", each.where)
        for each in shown.tables
    ]
    said = [table("Tables", ("set", "version", "newest", "MB", "where"), rows)]
    counts = [(each.name, name, f"{count:,}") for each in shown.tables for name, count in each.rows.items()]
    said.append(table("Rows", ("set", "table", "rows"), counts))
    end = f"record {shown.records:,}, hash {shown.last_hash}" if shown.records else "nothing yet"
    said.append(f"The journal ends with {end}.")
    if shown.epoch:
        said.append(f"Last writer: epoch {shown.epoch}, {shown.writer}.")
    pool = shown.pool
    checked = "pinged before use" if pool["pre_ping"] else "not pinged, as it is a file"
    said.append(
        f"Pool of a server: {pool['size']} connections and {pool['overflow']} more under load, {checked}, replaced "
        f"after {pool['recycle_s']} s."
    )
    return said


def _migrate(databases: Databases, args: argparse.Namespace) -> int:
    from engine.adapters.sql.database import REVISION
    from engine.ports.clock import SystemClock

    question = f"The exchange's tables go to version {args.to}; the next start of this program brings them back. Go on?"
    if args.to is not None and args.to < REVISION and not confirm(question, yes=args.yes):
        return _unchanged()
    before, after = databases.migrate(args.to, SystemClock().wall())
    said = f"Nothing to do: they have version {after}." if before == after else f"From version {before} to {after}."
    _say(args, {"before": before, "after": after}, [said])
    return 0


def _reset(databases: Databases, args: argparse.Namespace) -> int:
    from engine.ports.clock import SystemClock

    if databases.postgres is not None and databases.postgres.make():
        databases.make()
    shown = databases.show()
    users = sum(each.rows.get("crs_user", 0) for each in shown.tables)
    question = (
        f"All {shown.records:,} records of the exchange and all {users:,} users in {shown.tables[0].where} would be "
        "gone from the server. `crs server db backup` keeps a copy. Go on?"
    )
    if not confirm(question, yes=args.yes):
        return _unchanged()
    said = databases.reset(SystemClock().wall())
    _say(args, {"done": said}, [*said, "The tables are empty."])
    return 0


def _verify(databases: Databases, args: argparse.Namespace) -> int:
    from engine.adapters.paper.past import Past
    from engine.adapters.sql.reader import Reader
    from engine.adapters.sql.verify import verify

    with Meter("checking the journal") as meter, Reader(databases.store) as reader:
        found = verify(reader, meter, Past())
    _say(args, found._asdict(), [
        f"Sound: {found.records:,} records, {found.accounts:,} accounts, {found.rows:,} rows that follow from them.",
        *([f"The last record's hash is {found.last_hash}."] if found.records else []),
        "The security log has its own check: `crs server audit verify`.",
    ])  # fmt: skip
    return 0


def _backup(databases: Databases, args: argparse.Namespace) -> int:
    from engine.ports.clock import SystemClock
    from engine.server.backups import back_up

    with Meter("checking the backup") as meter:
        made = back_up(databases, args.out, SystemClock().wall(), meter)
    _say(args, made._asdict(), [
        f"Wrote {', '.join(made.files)}: {made.records:,} records, checked.",
        f"The last record's hash is {made.last_hash}.",
        f"The keys in {databases.users_dir / 'keys'} are not in it: copy them to another place.",
    ])  # fmt: skip
    return 0


def _restore(databases: Databases, args: argparse.Namespace) -> int:
    from engine.ports.clock import SystemClock
    from engine.server.backups import put_back, would_replace

    if not confirm(would_replace(databases, args.file), yes=args.yes):
        return _unchanged()
    with Meter("checking what is put back") as meter:
        done = put_back(databases, args.file, SystemClock().wall(), meter)
    _say(args, done._asdict(), [f"Restored: the exchange goes on after record {done.records:,}.", *done.notes])
    return 0


def _unchanged() -> int:
    print("Nothing was changed.")
    return 1


def _say(args: argparse.Namespace, data: Any, lines: list[str]) -> None:  # noqa: ANN401 - JSON
    print(json.dumps(data) if args.json else "\n".join(lines))


def _act(acts: Any, name: str, purpose: str) -> argparse.ArgumentParser:  # noqa: ANN401 - as above
    parser: argparse.ArgumentParser = acts.add_parser(name, help=purpose, allow_abbrev=False)
    parser.add_argument("--data-dir", metavar="DIR", required=True, help="where the server keeps its data")
    parser.add_argument("--database", metavar="URL", help="its PostgreSQL database, if it is not in server.toml")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
