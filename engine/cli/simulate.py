"""`crs simulate`: drive the exchange from a file of commands, one JSON object per line.

Prints one event per line. A malformed line ends the run with status 2 and `line N: what is wrong` on
standard error; what happened before it is printed. Lines that hold nothing but white space count, and
are skipped. The exchange runs without a risk gate.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from engine.cli.simulate_input import Reader
from engine.cli.simulate_output import Writer, state_line
from engine.cli.simulate_values import Malformed
from engine.domain.command import ListPair
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange

CHUNK = 1 << 16
"""Bytes read at once; whatever they complete is answered before more is waited for."""

OK, FAILED, MALFORMED = 0, 1, 2
BROKEN_PIPE = 141
"""What a shell reports for a program that a closed pipe ended: 128 + SIGPIPE."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Run commands through a fresh exchange and print what happens, one JSON object per line."
    parser.add_argument("--orders", required=True, metavar="FILE", help="commands, one JSON object per line; - = stdin")
    parser.add_argument("--state", action="store_true", help="print balances, fees, books and open orders at the end")


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    name: str = args.orders
    try:
        if name == "-":
            return simulate(sys.stdin.buffer, sys.stdout.buffer, state=args.state)
        with open(name, "rb") as source:
            return simulate(source, sys.stdout.buffer, state=args.state)
    except BrokenPipeError:
        _forget_stdout()
        return BROKEN_PIPE
    except OSError as error:
        print(f"crs simulate: {name}: {error.strerror or error}", file=sys.stderr)
        return FAILED


def simulate(source: BinaryIO, target: BinaryIO, *, state: bool = False) -> int:
    """Answer every line of `source` on `target`; return the exit status."""
    limit, collecting = sys.get_int_max_str_digits(), gc.isenabled()
    sys.set_int_max_str_digits(0)  # huge numbers are not special
    gc.disable()  # nothing here is cyclic once it ended
    try:
        return _simulate(source, target, state)
    finally:
        sys.set_int_max_str_digits(limit)
        if collecting:
            gc.enable()


def _simulate(source: BinaryIO, target: BinaryIO, state: bool) -> int:
    session = Session()
    number = 0
    for lines in _batches(source):
        answers: list[str] = []
        problem = None
        for line in lines:
            number += 1
            try:
                session.answer(line, answers)
            except Malformed as error:
                problem = f"line {number}: {error}"
                break
        target.write("".join(answers).encode("ascii"))
        target.flush()
        if problem is not None:
            print(problem, file=sys.stderr)
            return MALFORMED
    if state:
        target.write(state_line(session.exchange.state()).encode("ascii"))
        target.flush()
    return OK


class Session:
    """An exchange with its reader and writer."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self._reader = Reader(self.exchange.pair_of)
        self._writer = Writer()

    def answer(self, line: bytes, answers: list[str]) -> None:
        """Carry out one line and append the lines of its events.

        Raises:
            Malformed: the line is not well formed.
        """
        if not line or line.isspace():
            return
        reader, write = self._reader, self._writer.write
        command = reader.read(line)
        now = reader.now if reader.now is not None else self.exchange.now
        try:
            events = self.exchange.advance(now) if command is None else self.exchange.handle(command, now)
        except InvalidInput as error:
            raise Malformed(str(error)) from None
        if isinstance(command, ListPair):
            reader.listed(command.pair)
            self._writer.listed(command.pair)
        for event in events:
            text = write(event)
            if text is not None:
                answers.append(text)


def _batches(source: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the complete lines of each chunk as it arrives; a last line needs no newline."""
    read = getattr(source, "read1", source.read)
    begun: list[bytes] = []
    while chunk := read(CHUNK):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            begun.append(chunk)
            continue
        begun.append(head)
        yield b"".join(begun).split(b"\n")
        begun = [tail] if tail else []
    if begun:
        yield [b"".join(begun)]


def _forget_stdout() -> None:
    """Point standard output nowhere, so that the interpreter's last flush finds no broken pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
