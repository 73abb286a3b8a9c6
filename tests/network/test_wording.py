# SPDX-License-Identifier: Apache-2.0
"""How shares are written for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.network.wording import percent


@given(share=st.floats(1e-12, 1.0, exclude_max=True))
def test_a_share_is_read_back_to_three_digits(share: float) -> None:
    """
    Without an exponent, and never as all of it.
    """
    written = percent(share).removesuffix(" %")

    assert "e" not in written
    assert float(written) == pytest.approx(share * 100, rel=6e-3)
    assert float(written) < 100


@pytest.mark.parametrize(
    ("share", "written"),
    [(None, "none"), (0.0, "0 %"), (1.0, "100 %"), (1e-4, "0.01 %"), (1e-7, "0.00001 %"), (0.9999, "99.99 %")],
)
def test_what_people_read(share: float | None, written: str) -> None:
    """
    The budgets among them.
    """
    assert percent(share) == written
