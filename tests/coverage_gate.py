"""Hold the last test run to `[tool.coverage-gates]` of pyproject.toml; says nothing when every gate is met."""

from __future__ import annotations

import io
import sys
import tomllib
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print each package below its gate with the lines that lack; exit status 1 if there is one."""
    gates: dict[str, int] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "coverage-gates"
    ]
    data = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
    data.load()
    if not data.get_data().measured_files():
        print("There is no coverage to look at: run `make test`.")
        return 1
    missed = 0
    for package, wanted in gates.items():
        report = io.StringIO()
        reached = data.report(include=[f"{ROOT}/{package}/*"], show_missing=True, skip_covered=True, file=report)
        if reached < wanted:
            missed += 1
            print(f"{package}: {reached:.2f} % covered by branch, {wanted} % wanted\n{report.getvalue()}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
