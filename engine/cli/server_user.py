"""`crs server user|key|account|keys`: the users of a server and what they show to be let in; while it runs or not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.cli.table import instant, table
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.server.auth.staff import Listed, Staff

NAMES = ("user", "key", "account", "keys")
ROLES = ("trader", "support", "compliance", "admin")


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verbs."""
    user = verbs.add_parser("user", help="add, list, lock and unlock users").add_subparsers(dest="act", required=True)
    add = _act(user, "add", "make a verified, active user with one trading account", email=True)
    add.add_argument("--password-stdin", action="store_true", required=True, help="read the password's line from stdin")
    add.add_argument("--username", metavar="NAME", help="3 to 30 characters (default: made of the address)")
    add.add_argument("--role", choices=ROLES, default="trader", help="what the user is here (default: trader)")
    found = _act(user, "list", "list users")
    found.add_argument("text", metavar="TEXT", nargs="?", default="", help="only those whose address or name has it")
    _act(user, "lock", "let a user in no more; sessions end, keys rest", email=True)
    _act(user, "unlock", "let a user in again", email=True)
    _act(user, "logout", "end all sessions of a user", email=True)
    role = _act(user, "role", "give a user another role", email=True)
    role.add_argument("--role", choices=ROLES, required=True, help="the new one")
    password = _act(user, "password", "give a user a new password; every session ends", email=True)
    password.add_argument("--password-stdin", action="store_true", required=True, help="read it from stdin")
    key = verbs.add_parser("key", help="make, list and revoke API keys").add_subparsers(dest="act", required=True)
    made = _act(key, "add", "make an API key that reads and trades; its secret is shown once", email=True)
    made.add_argument("--name", default="command line", help="what to call it")
    made.add_argument("--scopes", default="read,trade", help="read, trade or both (default)")
    made.add_argument("--address", action="append", default=[], metavar="NET", help="allowed network (default: any)")
    made.add_argument("--account", metavar="ID", help="which of the user's accounts (default: the first)")
    _act(key, "list", "list a user's keys", email=True)
    _act(key, "revoke", "take a key out of force", email=True).add_argument("key_id", type=int, metavar="KEY_ID")
    account = verbs.add_parser("account", help="open trading accounts").add_subparsers(dest="act", required=True)
    _act(account, "add", "open one more trading account", email=True).add_argument("--name", default="Account")
    keys = verbs.add_parser("keys", help="the server's signing keys").add_subparsers(dest="act", required=True)
    rotate = _act(keys, "rotate", "sign access tokens with a fresh key")
    rotate.add_argument("--drop-old", action="store_true", help="refuse tokens of the old keys at once (they leaked)")


def run(args: argparse.Namespace) -> int:
    """Run a verb and return the exit status."""
    with _staff(args) as staff:
        _ACTS[args.verb, args.act](staff, args)
    return 0


@contextmanager
def _staff(args: argparse.Namespace) -> Iterator[Staff]:
    from engine.server.auth.parts import open_parts
    from engine.server.auth.staff import Staff
    from engine.server.settings import load_settings

    parts = open_parts(load_settings(args.data_dir, database=args.database))
    try:
        yield Staff(parts)
    finally:
        parts.close()


def _act(verbs: Any, name: str, purpose: str, *, email: bool = False) -> argparse.ArgumentParser:  # noqa: ANN401 - as above
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=purpose, allow_abbrev=False)
    parser.add_argument("--data-dir", metavar="DIR", required=True, help="where the server keeps its data")
    parser.add_argument("--database", metavar="URL", help="its PostgreSQL database, if it is not in server.toml")
    parser.add_argument("--json", action="store_true", help="print JSON")
    if email:
        parser.add_argument("--email", metavar="E", required=True, help="the user's address")
    return parser


def _password() -> str:
    line = sys.stdin.readline()
    if not line.strip("\r\n"):
        raise InvalidInput("There is no password on standard input; its first line is read.")
    return line.rstrip("\n").removesuffix("\r")


def _add_user(staff: Staff, args: argparse.Namespace) -> None:
    from engine.server.principal import Role

    added = staff.add_user(args.email, _password(), username=args.username, role=Role(args.role))
    text = f"User {added.user.email} ({added.user.username}) added with account {added.accounts[0].account}."
    print(json.dumps(_plain(added)) if args.json else text)


def _list_users(staff: Staff, args: argparse.Namespace) -> None:
    found: list[Listed] = []
    while page := staff.find(args.text, after=found[-1].user.id if found else 0, count=500):
        found += page
    if args.json:
        print(json.dumps([_plain(each) for each in found]))
        return
    rows = [
        (str(each["user_id"]), each["email"], each["username"], each["role"], each["state"], " ".join(each["accounts"]))
        for each in map(_plain, found)
    ]
    print(table("Users", ("id", "e-mail", "name", "role", "state", "accounts"), rows))


def _plain(listed: Listed) -> dict[str, Any]:
    user = listed.user
    return {
        "user_id": user.id,
        "email": user.email,
        "username": user.username,
        "role": str(user.role),
        "state": "locked" if user.locked else "active" if user.verified_ns else "not verified",
        "accounts": [each.account for each in listed.accounts],
        "created_ms": user.created_ns // 1_000_000,
    }


def _on_user(act: str, said: str) -> Any:  # noqa: ANN401 - a function of the table below
    def carry_out(staff: Staff, args: argparse.Namespace) -> None:
        getattr(staff, act)(staff.id_of(args.email))
        _say(args, said.format(args.email))

    return carry_out


def _set_role(staff: Staff, args: argparse.Namespace) -> None:
    from engine.server.principal import Role

    staff.set_role(staff.id_of(args.email), Role(args.role))
    _say(args, f"{args.email} is {args.role} now.")


def _set_password(staff: Staff, args: argparse.Namespace) -> None:
    staff.set_password(args.email, _password())
    _say(args, f"{args.email} has a new password; every session ended.")


def _add_key(staff: Staff, args: argparse.Namespace) -> None:
    scopes = tuple(each.strip() for each in args.scopes.split(","))
    made = staff.add_key(
        args.email, args.name, scopes=scopes, addresses=tuple(args.address), account=args.account
    )  # fmt: skip
    if args.json:
        print(json.dumps({"key_id": made.id, "api_key": made.api_key, "secret": made.secret}))
    else:
        print(f"Key {made.id}\napi_key {made.api_key}\nsecret  {made.secret}\nThe secret is not shown again.")


def _list_keys(staff: Staff, args: argparse.Namespace) -> None:
    keys = staff.keys(args.email)
    if args.json:
        names = ("id", "name", "api_key", "scopes", "addresses", "created_ns", "used_ns")
        print(json.dumps([{name: getattr(each, name) for name in names} for each in keys]))
        return
    rows = [
        (str(each.id), each.name, each.api_key[:8] + "…", each.scopes, each.addresses or "any",
         instant(each.created_ns), "never" if each.used_ns is None else instant(each.used_ns))
        for each in keys
    ]  # fmt: skip
    print(table("API keys", ("id", "name", "key", "scopes", "addresses", "made (UTC)", "used (UTC)"), rows))


def _revoke_key(staff: Staff, args: argparse.Namespace) -> None:
    staff.revoke_key(args.email, args.key_id)
    _say(args, f"Key {args.key_id} is out of force.")


def _add_account(staff: Staff, args: argparse.Namespace) -> None:
    added = staff.add_account(args.email, args.name)
    _say(args, f"Account {added.account} ({added.name}) opened.", account=added.account)


def _rotate(staff: Staff, args: argparse.Namespace) -> None:
    kid = staff.rotate_keys(drop_old=args.drop_old)
    _say(args, f"Access tokens are signed with key {kid} now.", kid=kid)


def _say(args: argparse.Namespace, text: str, **data: str) -> None:
    print(json.dumps({"done": text} | data) if args.json else text)


_ACTS: dict[tuple[str, str], Any] = {
    ("user", "add"): _add_user,
    ("user", "list"): _list_users,
    ("user", "lock"): _on_user("lock", "{} is locked; sessions ended, keys rest."),
    ("user", "unlock"): _on_user("unlock", "{} may sign in again."),
    ("user", "logout"): _on_user("end_sessions", "All sessions of {} ended."),
    ("user", "role"): _set_role,
    ("user", "password"): _set_password,
    ("key", "add"): _add_key,
    ("key", "list"): _list_keys,
    ("key", "revoke"): _revoke_key,
    ("account", "add"): _add_account,
    ("keys", "rotate"): _rotate,
}
