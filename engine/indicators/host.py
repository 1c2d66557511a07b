"""The worker's side: answers requests from a pipe, and runs a user's own indicator where it can harm nobody.

It reads frames from its standard input and writes frames to what was its standard output; whatever the user's code
prints goes to the standard error. An exception in that code is an answer with its line. What takes too long is answered
from a second thread, with the line it is at, and the process ends; a crash, or a loop inside of C code, is for whoever
started the process to notice. Should that one be gone, the process ends by itself: it must not outlive the program.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType, ModuleType

from engine.errors import CrsError
from engine.indicators.message import (
    Advance,
    Advanced,
    Calculate,
    Filled,
    Load,
    Loaded,
    Reply,
    Request,
    Start,
    Trouble,
    described,
    frame,
    read_request,
    unpacked,
)
from engine.indicators.own import OwnIndicator, OwnStream, WrongAnswer, definition
from engine.indicators.spec import Indicator
from engine.indicators.warm import pushed

MEMORY_BYTES = 3 * 2**30
"""Most address space of the worker, where the system can limit it."""
LAST_S = 3.0
"""Beyond its limit a request is ended by a watch that needs no Python, should nobody else have ended it."""


class Host:
    """One loaded file, and the series that run on it."""

    def __init__(self) -> None:
        self.file = ""
        """What the loaded file is called in tracebacks."""
        self._own: Indicator | None = None
        self._sessions: dict[int, OwnStream] = {}

    def answer(self, request: Request) -> Reply:
        """Do what is asked; whatever goes wrong in the user's code is an answer."""
        try:
            return self._answer(request)
        except BaseException as error:  # SystemExit of the user's code as well
            return trouble_of(error, self.file)

    def _answer(self, request: Request) -> Reply:
        if isinstance(request, Load):
            return self._load(request)
        if isinstance(request, Start):
            return self._start(request)
        if isinstance(request, Advance):
            return self._advance(request)
        return calculated(request)

    def _load(self, request: Load) -> Loaded:
        self.file = request.file
        self._sessions.clear()
        self._own = load(request.text, request.file, request.name)
        return described(self._own)

    def _start(self, request: Start) -> Filled | Trouble:
        if self._own is None:
            return Trouble("Nothing is loaded.", lost=True)
        stream = self._own.stream(request.values)
        assert isinstance(stream, OwnStream)  # noqa: S101 - what `definition` makes
        outputs = stream.fill(unpacked(request.columns))
        self._sessions[request.session] = stream
        return Filled(tuple(each.tobytes() for each in outputs))

    def _advance(self, request: Advance) -> Advanced | Trouble:
        stream = self._sessions.get(request.session)
        if stream is None:
            return Trouble("The series is not known.", lost=True)
        try:
            closed = tuple(stream.push(row) for row in request.closed)
        except BaseException:
            del self._sessions[request.session]  # half a push: what it knows is worth nothing
            raise
        return Advanced(closed, None if request.live is None else stream.preview(request.live))


def load(text: str, file: str, name: str) -> Indicator:
    """Run the text of a user's file and return the indicator that it defines.

    Raises:
        WrongAnswer: it defines none, or more than one.
        Exception: whatever its code raises; a SyntaxError names its line.
    """
    module = ModuleType(f"own_{name}")
    module.__file__ = file
    sys.modules[module.__name__] = module  # dataclasses and pickling look their module up
    exec(compile(text, file, "exec"), module.__dict__)  # noqa: S102 - this is what the worker is for
    found = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, OwnIndicator) and each.__module__ == module.__name__
    ]
    if not found:
        raise WrongAnswer("The file defines no indicator. Write: class MyIndicator(OwnIndicator): …")
    if len(found) > 1:
        raise WrongAnswer(f"The file defines {len(found)} indicators. Keep one in a file.")
    if not found[0].__doc__ and module.__doc__:
        found[0].__doc__ = module.__doc__
    return definition(found[0], name)


def calculated(request: Calculate) -> Filled:
    """Compute a built-in indicator, all at once or bar by bar."""
    from engine.indicators.registry import find

    indicator, columns = find(request.name), unpacked(request.columns)
    if request.batch:
        return Filled(tuple(each.tobytes() for each in indicator.compute(columns, request.values)))
    stream = indicator.stream(request.values)
    outputs = pushed(stream, columns, len(indicator.outputs))
    return Filled(tuple(each.tobytes() for each in outputs), pickle.dumps(stream))


def trouble_of(error: BaseException, file: str) -> Trouble:
    """Return an error of the user's code as an answer: its last line in that file, and what it says."""
    if isinstance(error, WrongAnswer):
        return Trouble(str(error), error.line)
    if isinstance(error, SyntaxError) and error.filename == file:
        return Trouble(f"SyntaxError: {error.msg}", error.lineno or 0)
    if isinstance(error, MemoryError):
        return Trouble("It asked for more memory than it may have.", _line(error, file))
    if isinstance(error, CrsError):
        return Trouble(str(error), _line(error, file))
    return Trouble(f"{type(error).__name__}: {_words(error)}"[:500].rstrip(": "), _line(error, file))


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # the user's own exception class may fail at that, too
        return ""


def _line(error: BaseException, file: str) -> int:
    lines = [each.lineno or 0 for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
    return lines[-1] if lines else 0


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: whoever started the worker watches it
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_BYTES, most)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
    except (ValueError, OSError):  # macOS refuses: likewise
        return


class Patience:
    """Watches one request at a time from its own thread; when it runs out of patience it answers instead, and ends."""

    def __init__(self, give_up: Callable[[Trouble], None]) -> None:
        self._give_up = give_up
        self._done = threading.Event()
        self._lock = threading.Lock()

    def begin(self, seconds: float, file: str) -> None:
        """Begin to wait for the calling thread."""
        faulthandler.dump_traceback_later(seconds + LAST_S, exit=True, file=2)
        self._done = threading.Event()
        watch = (self._done, seconds, file, threading.get_ident())
        threading.Thread(target=self._wait, args=watch, daemon=True).start()

    def end(self) -> bool:
        """Say that the request is done; False if it is too late."""
        with self._lock:
            if self._done.is_set():
                return False
            self._done.set()
        faulthandler.cancel_dump_traceback_later()
        return True

    def _wait(self, done: threading.Event, seconds: float, file: str, thread: int) -> None:
        if done.wait(seconds):
            return
        with self._lock:
            if done.is_set():
                return
            done.set()
        line = _line_at(sys._current_frames().get(thread), file)
        self._give_up(Trouble(f"It did not finish within {seconds:g} s and was stopped.", line, lost=True, gone=True))


def _line_at(frame: FrameType | None, file: str) -> int:
    while frame is not None:
        if frame.f_code.co_filename == file:
            return frame.f_lineno
        frame = frame.f_back
    return 0


def main() -> int:
    """Serve until the pipe is closed, and end the process: a thread of the user's code must not keep it."""
    status = 1
    try:
        _serve()
        status = 0
    finally:
        os._exit(status)


def _serve() -> None:
    source, sink = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    sys.stdout = sys.stderr
    _limit_memory()

    def give_up(trouble: Trouble) -> None:
        try:
            _write(sink, frame(trouble))
        finally:  # nobody may be there to read it
            os._exit(1)

    host, patience = Host(), Patience(give_up)
    with os.fdopen(source, "rb") as pipe:
        while (request := read_request(pipe.read)) is not None:
            patience.begin(request.seconds, request.file if isinstance(request, Load) else host.file)
            reply = host.answer(request)
            if not patience.end():
                threading.Event().wait()  # the other thread answers, and ends the process
            _write(sink, frame(reply))


def _write(sink: int, pieces: list[bytes]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(sink, view) :]


if __name__ == "__main__":
    main()
