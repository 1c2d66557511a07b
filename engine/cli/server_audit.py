"""`crs server audit`: the security log of a server, verified, listed, anchored; while it runs or not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.table import instant, table
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.server.audit.chain import Tip
    from engine.server.audit.log import SecurityLog

NAME = "audit"
SHOWN = 50


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    acts = verbs.add_parser(NAME, help="verify, list and anchor the security log").add_subparsers(
        dest="act", required=True
    )
    verify = _act(acts, "verify", "say whether every line is the one that was written")
    verify.add_argument("--anchors", metavar="FILE", help="anchors taken earlier; each must still be in the log")
    listed = _act(acts, "list", "show the newest lines")
    listed.add_argument("--count", type=int, default=SHOWN, metavar="N", help=f"how many (default: {SHOWN})")
    listed.add_argument("--subject", default="", metavar="REF", help="only those about one, such as user:7")
    anchor = _act(acts, "anchor", "export where the log ends; kept elsewhere it proves that nothing was cut off")
    anchor.add_argument("--append", metavar="FILE", help="add it to a file, else it is printed")


def run(args: argparse.Namespace) -> int:
    """Run a verb and return the exit status: 1 if the log is not what was written."""
    with _log(args) as log:
        if args.act == "verify":
            return _verify(log, args)
        return _anchor(log, args) if args.act == "anchor" else _list(log, args)


@contextmanager
def _log(args: argparse.Namespace) -> Iterator[SecurityLog]:
    from engine.server.auth.parts import open_parts
    from engine.server.settings import load_settings

    parts = open_parts(load_settings(args.data_dir, database=args.database))
    try:
        yield parts.audit
    finally:
        parts.close()


def _verify(log: SecurityLog, args: argparse.Namespace) -> int:
    anchors = _anchors(Path(args.anchors)) if args.anchors else ()
    tip, broken = log.verify(anchors)
    if args.json:
        told = {"lines": tip.seq, "hash": tip.hash, "ok": broken is None, "anchors": len(anchors)}
        print(json.dumps(told if broken is None else told | {"broken_at": broken.seq, "detail": broken.text}))
    elif broken is None:
        held = f"; {len(anchors)} anchors hold" if anchors else ""
        print(f"{tip.seq:,} lines, each the one that was written{held}. The last one is marked {tip.hash[:16]}….")
    else:
        print(f"The log is broken. {broken.text}", file=sys.stderr)
    return 0 if broken is None else 1


def _list(log: SecurityLog, args: argparse.Namespace) -> int:
    lines = log.page(subject=args.subject, count=max(0, args.count))
    if args.json:
        print(json.dumps([{**each._asdict(), "data": json.loads(each.data)} for each in lines]))
        return 0
    rows = [(str(each.seq), instant(each.at_ns), each.kind, each.actor, each.subject, each.data) for each in lines]
    print(table("Security log, newest first", ("line", "time (UTC)", "kind", "by", "about", "more"), rows))
    return 0


def _anchor(log: SecurityLog, args: argparse.Namespace) -> int:
    tip = log.tip()
    text = json.dumps({"seq": tip.seq, "hash": tip.hash})
    if args.append:
        try:
            with Path(args.append).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            raise InvalidInput(f"The anchor cannot be added to {args.append}: {error}.") from error
    print(text)
    return 0


def _anchors(path: Path) -> tuple[Tip, ...]:
    from engine.server.audit.chain import Tip

    try:
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return tuple(Tip(int(each["seq"]), str(each["hash"])) for each in told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"The anchors in {path} cannot be read: {error!r}.") from error


def _act(acts: Any, name: str, purpose: str) -> argparse.ArgumentParser:  # noqa: ANN401 - as above
    parser: argparse.ArgumentParser = acts.add_parser(name, help=purpose, allow_abbrev=False)
    parser.add_argument("--data-dir", metavar="DIR", required=True, help="where the server keeps its data")
    parser.add_argument("--database", metavar="URL", help="its PostgreSQL database, if it is not in server.toml")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
