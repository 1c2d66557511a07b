"""The pages of docs/ that are made from the program, and the check of every link. Run by `make docs`.

Made from: the declared settings, the actions, the parsers of the two commands, and the licences of the packages that
the program ships with. Tests hold the files to what this would write.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from importlib import import_module
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from engine.settings import SettingInfo

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs"
MADE = "<!-- Made by `make docs`; change the program instead. -->\n\n"


def main() -> int:
    """Write the generated pages, then name every broken link; exit status 1 if there is one."""
    for path, make in GENERATED.items():
        target = PAGES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(make(), encoding="utf-8")
    broken = broken_links()
    print("\n".join(broken), file=sys.stderr) if broken else None
    return 1 if broken else 0


def stale() -> list[str]:
    """Name the generated pages that differ from what the program says today."""
    return [
        path
        for path, make in GENERATED.items()
        if not (PAGES / path).exists() or (PAGES / path).read_text(encoding="utf-8") != make()
    ]


# Settings


def settings_page() -> str:
    """Every declared setting, by section."""
    from engine.settings import describe

    lines = [MADE + "# Settings\n", "Changed under Settings (`Ctrl+,`) or in `settings.toml` of the profile.\n"]
    section = ""
    for each in describe():
        head, _, name = each.path.rpartition(".")
        if head != section:
            section = head
            lines += [f"\n## {section}\n", "| setting | what it does | default | allowed |", "|---|---|---|---|"]
        lines.append(f"| `{name}` | {each.sentence} | {_default(each.default, each.unit)} | {_allowed(each)} |")
    return "\n".join(lines) + "\n"


def _default(value: object, unit: str) -> str:
    if value is None:
        return "off"
    if isinstance(value, dict):
        return ", ".join(f"{each:,} {key}" for key, each in value.items()) or "none"
    return f"{value} {unit}".strip()


def _allowed(info: SettingInfo) -> str:
    choices, low, high, unit = info.choices, info.minimum, info.maximum, info.unit
    if choices:
        words = ", ".join(f"`{each}`" for each in choices)
    elif low is not None and high is not None:
        words = f"{low:f} to {high:f} {unit}".strip()
    elif low is not None:
        words = f"{low:f} {unit} or more" if unit else f"{low:f} or more"
    else:
        words = "any"
    return words + (", or off" if info.optional else "")


# Shortcuts


def shortcuts_page() -> str:
    """Every action with its key, by group."""
    from crs_desktop.actions import ACTIONS

    lines = [
        MADE + "# Shortcuts\n",
        "`F1` shows this in the program; Settings changes the keys. Every action is in the palette (`Ctrl+K`).\n",
    ]
    group = ""
    for each in sorted(ACTIONS, key=lambda action: str(action.group)):
        if each.group != group:
            group = each.group
            lines += [f"\n## {group}\n", "| key | action |", "|---|---|"]
        lines.append(f"| {f'`{each.shortcut}`' if each.shortcut else ''} | {each.title} |")
    return "\n".join(lines) + "\n"


# The two commands


def commands_page() -> str:
    """Every subcommand and option, from the parsers themselves."""
    from crs_desktop.options import build_parser as desktop_parser
    from engine.cli.__main__ import COMMANDS

    lines = [MADE + "# Commands\n", *_command("crs-desktop", desktop_parser(), 2)]
    lines += [
        "## crs\n",
        "The engine of CRS Desktop on the command line. Each command takes `--profile-dir DIR` (where the data",
        "lives), before or after its name. Results go to standard output, complaints to standard error; exit status",
        "0 = done, 1 = failed, 2 = wrong use or wrong input.\n",
    ]
    for name, purpose in COMMANDS:
        parser = argparse.ArgumentParser(description=f"{purpose[0].upper()}{purpose[1:]}.")
        import_module(f"engine.cli.{name}").add_arguments(parser)
        lines += _command(f"crs {name}", parser, 3)
    return "\n".join(lines) + "\n"


def _command(name: str, parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    yield f"{'#' * level} {name}\n"
    if parser.description:
        yield f"{parser.description}\n"
    below, rows = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            purposes = {each.dest: each.help for each in action._choices_actions}
            for name_below, each in action.choices.items():
                each.description = each.description or f"{(purposes.get(name_below) or '').capitalize()}."
                below.append((name_below, each))
        elif action.help != argparse.SUPPRESS and not isinstance(action, argparse._HelpAction):
            rows.append(f"| `{_signature(action)}` | {_help(action)} |")
    if rows:
        yield "| argument | meaning |\n|---|---|"
        yield from rows
        yield ""
    for child, each in below:
        yield from _command(f"{name} {child}", each, min(level + 1, 4))


def _signature(action: argparse.Action) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    value = " ".join(value) if isinstance(value, tuple) else value
    if not action.option_strings:
        return value.replace("|", "\\|")
    takes_none = action.nargs == 0
    return ", ".join(action.option_strings) + ("" if takes_none else f" {value}".replace("|", "\\|"))


def _help(action: argparse.Action) -> str:
    default = "" if action.default is argparse.SUPPRESS else action.default
    return (action.help or "").replace("%(default)s", str(default)).replace("%%", "%").replace("|", "\\|")


# Licences


@dataclass(frozen=True)
class Licence:
    """What one shipped package says about itself."""

    name: str
    licence: str
    home: str

    @property
    def strong_copyleft(self) -> bool:
        """Whether no choice it offers is free of the GPL's or AGPL's demands on the whole program."""
        choices = re.split(r"\s+OR\s+", self.licence)
        return all(re.search(r"(?<!L)(A?GPL|GNU (Affero )?General)", choice) for choice in choices)


ELSEWHERE = (
    Licence("async-timeout", "Apache-2.0", "https://github.com/aio-libs/async-timeout"),
    Licence("pywin32", "PSF-2.0", "https://github.com/mhammond/pywin32"),
    Licence("pywin32-ctypes", "BSD-3-Clause", "https://github.com/enthought/pywin32-ctypes"),
)
"""Packages that only some systems install, so that the page is the same on all."""


def _named_in(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def licences() -> list[Licence]:
    """The licence of every package that the desktop or the server runs on, from its installed metadata."""
    wanted = _named_in("requirements.lock") | _named_in("packaging/server/requirements.lock")
    found: dict[str, Licence] = {}
    for each in distributions():
        name = re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower()
        if name in wanted:
            found[name] = Licence(name, _licence_of(each), _home_of(each))
    found |= {each.name: each for each in ELSEWHERE if each.name in wanted}
    return [found[name] for name in sorted(found)]


def _licence_of(package: Distribution) -> str:
    about = _about(package)
    plain = about.get("License-Expression") or about.get("License") or ""
    if plain and "\n" not in plain.strip():
        return plain.strip()
    classed = [each.split(" :: ")[-1] for each in about.get_all("Classifier") or [] if each.startswith("License ::")]
    return ", ".join(classed) or "not stated"


def _home_of(package: Distribution) -> str:
    for each in _about(package).get_all("Project-URL") or []:
        label, _, address = each.partition(",")
        if label.strip().lower() in {"homepage", "home", "source", "source code", "repository", "github"}:
            return address.strip()
    return _about(package).get("Home-page") or ""


def _about(package: Distribution) -> Message:
    return cast("Message", package.metadata)  # it is one; the protocol it is typed as leaves out `get`


def licences_page() -> str:
    """Packages, and what lies in resources/."""
    lines = [
        MADE + "# Third-party licences\n",
        "CRS Desktop is under the MIT licence. It runs on these packages; their versions are in `requirements.lock`,",
        "those that only the server needs in `packaging/server/requirements.lock`.\n",
        "| package | of | licence | home |",
        "|---|---|---|---|",
    ]
    desktop = _named_in("requirements.lock")
    lines += [
        f"| {each.name} | {'' if each.name in desktop else 'server'} | {each.licence} | {each.home} |"
        for each in licences()
    ]
    lines += [
        "\npsycopg is used under the LGPL version 3 as the library that it is.",
        "Qt and PySide6 are used under the LGPL version 3, unmodified and as shared libraries that can be replaced.",
        "\n## Shipped data\n",
        "Each folder of `resources/` with work of others carries its licence and source beside it:\n",
    ]
    texts = sorted(
        path for path in (ROOT / "resources").rglob("*") if re.search(r"(?i)licen[cs]e|\bofl\b|source", path.name)
    )
    lines += [f"- [{_from_root(path)}](../{_from_root(path)})" for path in texts]
    return "\n".join(lines) + "\n"


def _from_root(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# Links


def broken_links() -> list[str]:
    """Links of our own pages that lead to no file, or to no heading of it."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(PAGES.rglob("*.md"))]
    return [
        f"{_from_root(page)}: {target}"
        for page in pages
        for target in _targets(page)
        if not re.match(r"[a-z]+:", target) and not _leads_somewhere(page, target)
    ]


def _targets(page: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def _leads_somewhere(page: Path, target: str) -> bool:
    path, _, heading = target.partition("#")
    file = (page.parent / path) if path else page
    if not file.exists():
        return False
    return not heading or heading in {_slug(each) for each in _headings(file)}


def _headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


GENERATED: dict[str, Callable[[], str]] = {
    "reference/settings.md": settings_page,
    "reference/shortcuts.md": shortcuts_page,
    "reference/commands.md": commands_page,
    "third-party-licences.md": licences_page,
}

if __name__ == "__main__":
    sys.exit(main())
