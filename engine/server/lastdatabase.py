"""Which PostgreSQL database a data directory belongs to: kept in it, for commands that are told none.

The URL is kept without its password, which then comes from where the driver looks for one (`PGPASSFILE`).
"""

from __future__ import annotations

from pathlib import Path

NAME = "database"


def remembered(data_dir: Path) -> str | None:
    """Return the URL that was used last; None if none ever was."""
    try:
        return (data_dir / NAME).read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def remember(data_dir: Path, url: str) -> None:
    """Keep the URL that is used; nothing is said of SQLite, which is what there is without one."""
    if not url:
        return
    from sqlalchemy import make_url

    text = make_url(url)._replace(password=None).difference_update_query(["password"]).render_as_string()
    if remembered(data_dir) != text:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data_dir / NAME).write_text(text + "\n", encoding="utf-8")
