"""The walk from one initialised tick to the next, in the contract's stretches of 256: V3's TickBitmap.

The contract keeps a bit for each usable tick in words of 256 and looks into one word at a time, so a swap also stops
at a word's edge, where nothing is crossed; since every stop rounds, the walk must stop at the same places. Here the
initialised ticks are a sorted tuple; a stop is its tick and the place among them, -1 for the edge of a word.
"""

from __future__ import annotations

from bisect import bisect_right

from engine.defi.v3math.tick import MAX_TICK, MIN_TICK


def next_below(ticks: tuple[int, ...], tick: int, spacing: int) -> tuple[int, int]:
    """Return the greatest initialised tick at or below `tick`, or the lowest usable tick of its word."""
    edge = (tick // spacing >> 8 << 8) * spacing
    index = bisect_right(ticks, tick) - 1
    if index >= 0 and ticks[index] >= edge:
        return ticks[index], index
    return edge, -1


def next_above(ticks: tuple[int, ...], tick: int, spacing: int) -> tuple[int, int]:
    """Return the least initialised tick above `tick`, or the highest usable one in the word of what follows `tick`."""
    edge = (tick // spacing + 1 | 255) * spacing
    index = bisect_right(ticks, tick)
    if index < len(ticks) and ticks[index] <= edge:
        return ticks[index], index
    return edge, -1


def last_edge_below(ticks: tuple[int, ...], tick: int, spacing: int) -> tuple[int, int]:
    """Return the last edge that a walk down stops at before the next initialised tick, or that tick.

    Where there is no liquidity a stop changes nothing, so that all edges before the last can be left out.
    """
    index = bisect_right(ticks, tick) - 1
    stop = ticks[index] if index >= 0 else MIN_TICK
    edge = ((stop // spacing >> 8) + 1 << 8) * spacing
    return (edge, -1) if edge <= tick else next_below(ticks, tick, spacing)


def last_edge_above(ticks: tuple[int, ...], tick: int, spacing: int) -> tuple[int, int]:
    """Return the last edge that a walk up stops at before the next initialised tick, or that tick."""
    index = bisect_right(ticks, tick)
    stop = ticks[index] if index < len(ticks) else MAX_TICK
    edge = ((stop // spacing >> 8 << 8) - 1) * spacing
    return (edge, -1) if edge > tick else next_above(ticks, tick, spacing)
