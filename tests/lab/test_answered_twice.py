"""A station that answers twice is wrong, also where both answers come in one breath."""

from collections.abc import Awaitable, Callable

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.rpc.connection import RpcConnection
from tests.lab.mutation import replaced


async def _twice(right: Callable[[RpcConnection, str], Awaitable[None]], self: RpcConnection, text: str) -> None:
    await right(self, text)
    if text.startswith(("[3,", "[4,")):
        await right(self, text)


@pytest.mark.parametrize("case", ["TC_P_01_CS", "TC_B_30_CS"], ids=["CALLRESULT", "CALLERROR"])
def test_an_answer_that_comes_twice_fails_the_case(case: str) -> None:
    """The second is the answer to no CALL."""
    result = run_in_memory(
        load_cases()[case],
        load("sec1000-240y"),
        LabConfig(),
        mutate=lambda: replaced(RpcConnection, "_send", _twice),
    )
    assert result.verdict is Verdict.FAIL
    assert "another one to the same CALL" in result.reason
