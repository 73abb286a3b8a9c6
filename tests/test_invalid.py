# SPDX-License-Identifier: Apache-2.0
"""What the decoder complains about, as callers are told."""

from __future__ import annotations

import msgspec
import pytest

from nacre.attempt import AttemptFields
from nacre.invalid import Invalid


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ({"username": "erika"}, "client_ip", "Object missing required field `client_ip`"),
        ({"client_ip": "", "username": ""} | {"local_port": -1}, "local_port", "Expected `int` >= 0"),
        ({"client_ip": "", "username": "", "headers": {"k" * 129: "x"}}, "headers", "Expected `str` of length <= 128"),
        ({"client_ip": "", "username": "", "headers": {"k": 1}}, "headers[...]", "Expected `str`, got `int`"),
        ([], "", "Expected `object`, got `array`"),
    ],
)
def test_the_field_is_named_and_what_is_wrong_with_it(body: object, field: str, problem: str) -> None:
    """
    Whether it is missing, a value of it or one of its names: what may hold a secret is not repeated.
    """
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(body, AttemptFields)

    assert Invalid.of(error.value) == (field, problem)
