# SPDX-License-Identifier: Apache-2.0
"""What a vector's columns are, and who may look at them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.schema import Column, Schema

COUNT = Column("address.failures", log=True, text="{} failures")
SHARE = Column("address.share", log=False, text="a share of {}")
RIGHT = Column("token.right", log=False, text="the password is right", reveals=True)
HOUR = Column("original.hour", log=False, text="{} o'clock", silent=True)
SCHEMA = Schema([COUNT, SHARE, RIGHT, HOUR])


@given(values=st.lists(st.floats(0.0, 1e9), min_size=4, max_size=4))
def test_counts_enter_as_logarithms_and_the_rest_as_it_is(values: list[float]) -> None:
    """
    The thousandth failure tells less than the first.
    """
    vector = SCHEMA.vector(values)

    assert vector.dtype == np.float32
    assert vector.tolist() == pytest.approx([math.log1p(values[0]), *values[1:]], rel=1e-6)


def test_what_is_not_known_stays_unknown() -> None:
    """
    Without a warning: it happens in every attempt without a password.
    """
    assert np.isnan(SCHEMA.vector([math.nan] * 4)).all()


@pytest.mark.parametrize("values", [[], [0.0] * 3, [0.0] * 5])
def test_a_vector_of_another_length_is_refused(values: list[float]) -> None:
    """
    Filled up or cut, it would tell something else in every column.
    """
    with pytest.raises(ValueError, match=f"{len(values)} values for 4 columns"):
        SCHEMA.vector(values)


def test_who_judges_a_right_password_does_not_see_that_it_is_right() -> None:
    """
    And nobody sees what is silent.
    """
    assert SCHEMA.guess.tolist() == [0, 1, 2]
    assert SCHEMA.accept.tolist() == [0, 1]


@pytest.mark.parametrize(
    "other",
    [
        [COUNT, SHARE, RIGHT],
        [SHARE, COUNT, RIGHT, HOUR],
        [COUNT._replace(name="address.fails"), SHARE, RIGHT, HOUR],
        [COUNT._replace(log=False), SHARE, RIGHT, HOUR],
        [COUNT, SHARE, RIGHT._replace(reveals=False), HOUR],
    ],
    ids=["fewer", "order", "name", "logarithm", "reveals"],
)
def test_another_schema_has_another_digest(other: list[Column]) -> None:
    """
    A model that was trained with it must not be served with ours.
    """
    assert Schema(other).digest != SCHEMA.digest


def test_another_wording_is_the_same_schema() -> None:
    """
    Texts are for people; a model does not depend on them.
    """
    assert Schema([COUNT._replace(text="failed {} times"), SHARE, RIGHT, HOUR]).digest == SCHEMA.digest


def test_columns_are_found_by_name() -> None:
    """
    Nobody writes down their numbers.
    """
    assert [SCHEMA.place(column.name) for column in SCHEMA.columns] == [0, 1, 2, 3]
    assert (COUNT.group, SCHEMA.names[2], len(SCHEMA)) == ("address", "token.right", 4)
    with pytest.raises(ValueError, match="not in"):
        SCHEMA.place("address.unheard")
