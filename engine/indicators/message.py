"""What is said to a worker that computes indicators, and what it answers.

One frame is four bytes of length (little endian) and a message in msgpack with the sizes of the columns that follow it.
Those travel as they are: `start` as int64, everything else as float64, in this machine's order: both ends run on it.
Packing a million bars into a message would hold up every other thread. `seconds` is how long an answer may take.
Nothing here touches a pipe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from engine.indicators.spec import (
    BarRow,
    ChoiceParam,
    Columns,
    FloatParam,
    Floats,
    Indicator,
    InstantParam,
    IntParam,
    Mark,
    Output,
    Param,
    Value,
)

LENGTH_BYTES = 4
Read = Callable[[int], bytes]
"""Returns up to so many bytes, b"" at the end."""


class ParamInfo(msgspec.Struct, frozen=True):
    """A parameter; `kind` says which fields mean something."""

    kind: str
    name: str
    title: str
    default: Value
    low: float = 0
    high: float = 0
    step: float = 0
    choices: tuple[str, ...] = ()


class OutputInfo(msgspec.Struct, frozen=True):
    """An output."""

    name: str
    mark: str
    token: str


class Load(msgspec.Struct, frozen=True, tag=True):
    """Read a file's text and say what it defines."""

    name: str
    file: str
    text: str
    seconds: float


class Start(msgspec.Struct, frozen=True, tag=True):
    """Begin a series of the loaded indicator with these bars; replaces the session of that number."""

    session: int
    values: dict[str, Value]
    columns: tuple[bytes, ...]
    seconds: float


class Advance(msgspec.Struct, frozen=True, tag=True):
    """Take closed bars, and look at the forming one."""

    session: int
    closed: tuple[BarRow, ...]
    live: BarRow | None
    seconds: float


class Calculate(msgspec.Struct, frozen=True, tag=True):
    """Compute a built-in indicator over bars.

    `batch` asks for the outputs alone, which is quick over long columns; without it a stream is brought to where the
    bars end, which says the outputs as it goes.
    """

    name: str
    batch: bool
    values: dict[str, Value]
    columns: tuple[bytes, ...]
    seconds: float


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """What a file defines."""

    title: str
    sentence: str
    params: tuple[ParamInfo, ...]
    outputs: tuple[OutputInfo, ...]
    overlay: bool
    levels: tuple[float, ...]


class Filled(msgspec.Struct, frozen=True, tag=True):
    """One column per output; `stream` is the pickled stream of a built-in indicator."""

    outputs: tuple[bytes, ...]
    stream: bytes = b""


class Advanced(msgspec.Struct, frozen=True, tag=True):
    """Values per closed bar, and those of the forming one."""

    closed: tuple[tuple[float, ...], ...]
    live: tuple[float, ...] | None


class Trouble(msgspec.Struct, frozen=True, tag=True):
    """Why there is no answer; `line` is of the user's file, 0 if none is to blame.

    `lost`: the series is not known (any more) and must be started again. `gone`: the whole process is.
    """

    message: str
    line: int = 0
    lost: bool = False
    gone: bool = False


Request = Load | Start | Advance | Calculate
Reply = Loaded | Filled | Advanced | Trouble

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(tuple[Request, tuple[int, ...]])
_replies = msgspec.msgpack.Decoder(tuple[Reply, tuple[int, ...]])


def frame(message: Request | Reply) -> list[bytes]:
    """Return a message as it goes through the pipe, in pieces: its columns follow it as they are."""
    parts: tuple[bytes, ...] = ()
    if isinstance(message, Start | Calculate):
        parts, message = message.columns, msgspec.structs.replace(message, columns=())
    elif isinstance(message, Filled):
        parts, message = message.outputs, msgspec.structs.replace(message, outputs=())
    body = _encoder.encode((message, tuple(len(part) for part in parts)))
    return [len(body).to_bytes(LENGTH_BYTES, "little") + body, *parts]


def read_request(read: Read) -> Request | None:
    """Return the next request, None at the end of the pipe."""
    body = _frame_body(read)
    if body is None:
        return None
    request: Request
    request, sizes = _requests.decode(body)
    parts = _parts(read, sizes)
    if isinstance(request, Start | Calculate):
        request = msgspec.structs.replace(request, columns=parts)
    return request


def read_reply(read: Read) -> Reply | None:
    """Return the next reply, None at the end of the pipe."""
    body = _frame_body(read)
    if body is None:
        return None
    reply: Reply
    reply, sizes = _replies.decode(body)
    parts = _parts(read, sizes)
    return msgspec.structs.replace(reply, outputs=parts) if isinstance(reply, Filled) else reply


def packed(columns: Columns) -> tuple[bytes, ...]:
    """Return columns as bytes."""
    return tuple(column.tobytes() for column in columns)


def unpacked(columns: Sequence[bytes]) -> Columns:
    """Return columns from bytes."""
    start, *rest = columns
    return Columns(np.frombuffer(start, np.int64), *(np.frombuffer(each, np.float64) for each in rest))


def floats(outputs: Sequence[bytes]) -> tuple[Floats, ...]:
    """Return output columns from bytes."""
    return tuple(np.frombuffer(each, np.float64) for each in outputs)


def described(indicator: Indicator) -> Loaded:
    """Return what crosses the pipe of an indicator."""
    outputs = tuple(OutputInfo(each.name, each.mark.value, each.token) for each in indicator.outputs)
    params = tuple(_info(each) for each in indicator.params)
    return Loaded(indicator.title, indicator.sentence, params, outputs, indicator.overlay, indicator.levels)


def restored(loaded: Loaded, name: str) -> Indicator:
    """Return an indicator whose code is elsewhere: it describes, and does not compute."""

    def elsewhere(*_args: object, **_values: object) -> tuple[Floats, ...]:
        raise NotImplementedError(f"{name} is computed by its worker")

    return Indicator(
        name=name,
        title=loaded.title,
        sentence=loaded.sentence,
        params=tuple(_param(each) for each in loaded.params),
        outputs=tuple(Output(each.name, Mark(each.mark), each.token) for each in loaded.outputs),
        batch=elsewhere,
        make_stream=elsewhere,  # type: ignore[arg-type]
        overlay=loaded.overlay,
        levels=loaded.levels,
        source="your own file",
    )


def _info(param: Param) -> ParamInfo:
    if isinstance(param, IntParam):
        return ParamInfo("whole", param.name, param.title, param.default, param.low, param.high)
    if isinstance(param, FloatParam):
        return ParamInfo("number", param.name, param.title, param.default, param.low, param.high, param.step)
    if isinstance(param, InstantParam):
        return ParamInfo("instant", param.name, param.title, param.default)
    return ParamInfo("choice", param.name, param.title, param.default, choices=param.choices)


def _param(info: ParamInfo) -> Param:
    if info.kind == "whole":
        return IntParam(info.name, int(info.default), int(info.low), int(info.high), info.title)
    if info.kind == "number":
        return FloatParam(info.name, float(info.default), info.low, info.high, info.step, info.title)
    if info.kind == "instant":
        return InstantParam(info.name, int(info.default), info.title)
    return ChoiceParam(info.name, str(info.default), info.choices, info.title)


def _frame_body(read: Read) -> bytes | None:
    head = _exactly(read, LENGTH_BYTES)
    return None if head is None else _exactly(read, int.from_bytes(head, "little"))


def _parts(read: Read, sizes: tuple[int, ...]) -> tuple[bytes, ...]:
    parts = [_exactly(read, size) for size in sizes]
    if None in parts:
        raise EOFError("the pipe ended within a message")
    return tuple(part for part in parts if part is not None)


def _exactly(read: Read, count: int) -> bytes | None:
    parts, missing = [], count
    while missing:
        part = read(missing)
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
