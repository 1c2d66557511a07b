"""Which hall a request is for: the first part of its path names one, and what follows is asked of that."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Halls:
    """An ASGI application before the root's and those of the halls.

    The path loses the hall's name; `raw_path` keeps it, so that what was signed for one hall opens no other.
    """

    def __init__(self, root: ASGIApp, halls: Mapping[str, ASGIApp]) -> None:
        self._root = root
        self._halls = {f"/{name}": app for name, app in halls.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] in ("http", "websocket"):
            path: str = scope["path"]
            end = path.find("/", 1)
            app = self._halls.get(path[:end]) if end > 0 else None
            if app is not None:
                await app({**scope, "path": path[end:]}, receive, send)
                return
        await self._root(scope, receive, send)
