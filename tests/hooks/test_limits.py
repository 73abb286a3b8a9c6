# SPDX-License-Identifier: Apache-2.0
"""The reserve of a state."""

from __future__ import annotations

import pytest
from seats import says, seat

from nacre.hooks.limits import Limits


@pytest.mark.parametrize("output", [2**16, 2**20])
def test_the_reserve_takes_the_largest_value_that_can_be_pushed(output: int) -> None:
    """
    While a value is pushed there is nobody to catch that memory ran out: the process would end.
    """
    state = seat(limits=Limits(memory=2**23, compute=1.0, output=output))
    for value in ("x" * (output // 2 - 1), [1] * (output // 64 - 2), {str(n): n for n in range(output // 64 - 2)}):
        says("return 1", value, state=state)

    assert Limits(output=output).reserve > 4 * output


def test_tables_are_let_go_of_when_a_run_ends() -> None:
    """
    A state serves for weeks: what a thousand runs leave in it must be nothing.
    """
    state = seat({"tables": lambda seat: {"plain": lambda table: seat.table([seat.plain(table)])}}, Limits())
    sizes = []
    for _ in range(3):
        for _ in range(1000):
            says("return require('tables').plain({a = {1, 2}})", state=state)
        sizes.append(state.memory)

    assert sizes[-1] < sizes[0] + 100_000
