"""What `crs bench defi` holds quotes against is what the real contracts answer for the same pools."""

from __future__ import annotations

import pytest

from engine.cli.bench.quotes import QUESTIONS, RANGES, ROOT, TOKENS, V2, V3, Asked, prove
from engine.cli.bench.rounds import WrongAnswerError
from tests.engine.defi.v2_chain import RealV2
from tests.engine.defi.v3_chain import RealPool, RealV3


@pytest.fixture(scope="module")
def router() -> RealV2:
    return RealV2()


@pytest.fixture(scope="module")
def pool() -> RealPool:
    pool = RealV3().pool(3000, ROOT)
    for each in RANGES:
        pool.mint(*each)
    return pool


@pytest.mark.parametrize("asked", [each for each in QUESTIONS if each.pool is V2], ids=lambda each: each.name)
def test_the_router_answers_that(router: RealV2, asked: Asked) -> None:
    method = "getAmountOut" if asked.is_in else "getAmountIn"

    assert router.ask_router(method, asked.amount, V2.reserve0, V2.reserve1) == asked.answer


@pytest.mark.parametrize("asked", [each for each in QUESTIONS if each.pool is V3], ids=lambda each: each.name)
def test_quoter_v2_answers_that(pool: RealPool, asked: Asked) -> None:
    token = (pool.chain.token0, pool.chain.token1)[TOKENS.index(asked.token_in)]

    answer, _, crossed = pool.quote(asked.is_in, token, asked.amount)

    assert answer == asked.answer
    assert f"{crossed or 'no'} tick" in asked.name


def test_a_wrong_answer_is_not_timed() -> None:
    with pytest.raises(WrongAnswerError, match="instead of the contract's"):
        prove(QUESTIONS[0]._replace(answer=QUESTIONS[0].answer + 1))
