"""Plain callbacks with an end: how view-models tell each other and their panes that something changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Link(Generic[T]):
    """One callback on a hook; `close` (idempotent) takes it off."""

    __slots__ = ("_links", "call")

    def __init__(self, links: list[Link[T]], call: Callable[[T], object]) -> None:
        self._links = links
        self.call = call
        links.append(self)

    def close(self) -> None:
        """Stop being called; safe to call twice and from within the callback."""
        if self in self._links:
            self._links.remove(self)


class Hook(Generic[T]):
    """A list of callbacks, called in the order in which they were added."""

    __slots__ = ("_links",)

    def __init__(self) -> None:
        self._links: list[Link[T]] = []

    def add(self, call: Callable[[T], object]) -> Link[T]:
        """Call back at every `fire` until the link is closed."""
        return Link(self._links, call)

    def fire(self, value: T) -> None:
        """Call everybody."""
        for link in tuple(self._links):
            link.call(value)

    def __len__(self) -> int:
        return len(self._links)
