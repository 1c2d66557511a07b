"""What a start must not load: heavy packages are imported where they are first used."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys

import pytest

import crs_desktop.viewmodels

pytestmark = pytest.mark.integration

HEAVY = ("PySide6", "numpy", "sqlalchemy", "alembic", "pyarrow", "asyncio", "qasync", "psutil", "hypothesis", "pytest")


def loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport json, sys\nprint(json.dumps([name for name in sys.modules if '.' not in name]))"
    unmeasured = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", program], env=unmeasured, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_engine_loads_nothing_heavy() -> None:
    assert loaded_by("import engine") & set(HEAVY) == set()


def test_the_command_line_answers_help_without_anything_heavy() -> None:
    shown = "import engine.cli.__main__ as c\ntry: c.main(['--help'])\nexcept SystemExit: pass"

    assert loaded_by(shown) & set(HEAVY) == set()


def test_crs_simulate_matches_without_numpy_or_a_database() -> None:
    unwanted = {"PySide6", "numpy", "sqlalchemy", "alembic", "pyarrow", "qasync"}

    assert loaded_by("import engine.cli.simulate, engine.exchange.kernel") & unwanted == set()


def test_the_desktop_answers_help_without_qt() -> None:
    shown = "import sys, crs_desktop.__main__ as m\nsys.argv = ['', '--help']\ntry: m.main()\nexcept SystemExit: pass"

    assert loaded_by(shown) & set(HEAVY) == set()


def test_the_chart_leaves_its_dialogs_until_they_are_asked_for() -> None:
    shown = (
        "import sys, crs_desktop.panes.charts\n"
        "late = ('indicator_dialog', 'indicator_picker', 'drawing_style', 'chart_menu')\n"
        "assert not [name for name in late if f'crs_desktop.panes.{name}' in sys.modules]\n"
        "assert 'engine.indicators.registry' not in sys.modules"
    )

    assert "PySide6" in loaded_by(shown)


def test_no_view_model_loads_qt() -> None:
    modules = [each.name for each in pkgutil.iter_modules(crs_desktop.viewmodels.__path__, "crs_desktop.viewmodels.")]

    assert "PySide6" not in loaded_by(f"import {', '.join(modules)}")
    assert len(modules) > 5
