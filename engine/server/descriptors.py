"""How many sockets and files the process may have open."""

from __future__ import annotations

import logging

WANTED = 65_536

log = logging.getLogger(__name__)


def allow_many_files() -> int:
    """Raise the process's limit of open files as far as the system lets it; return the limit (0 = it has none)."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError) as error:
        log.warning("the limit of open files stays", extra={"limit": soft, "reason": str(error)})
        return soft
    return wanted
