"""A stream that saw bars says what the batch says, and goes on alike after a journey between processes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from engine.indicators.registry import BUILT_IN
from engine.indicators.spec import BarRow
from engine.indicators.warm import pushed
from tests.engine.indicators.test_own import bars


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_stream_travels(name: str) -> None:
    indicator, data = BUILT_IN[name], bars(150)
    stream = indicator.stream()
    outputs = pushed(stream, data, len(indicator.outputs))
    bar = BarRow(10_000, 100.0, 103.0, 98.0, 101.0, 4.0)

    travelled = pickle.loads(pickle.dumps(stream))  # noqa: S301 - our own

    for got, want in zip(outputs, indicator.compute(data), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(travelled.preview(bar), stream.preview(bar))
    np.testing.assert_array_equal(travelled.push(bar), stream.push(bar))
