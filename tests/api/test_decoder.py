# SPDX-License-Identifier: Apache-2.0
"""Bodies are decoded strictly, but for fields that we do not know."""

from __future__ import annotations

import msgspec
import pytest

from nacre.api.decoder import Decoder
from nacre.attempt import AttemptFields


def test_a_field_that_we_do_not_know_is_ignored_and_counted() -> None:
    """
    A newer client must not fail at an older service, and its operator must be able to see why nothing happens.
    """
    seen: list[None] = []
    decode = Decoder(AttemptFields, lambda: seen.append(None))

    fields = decode(b'{"client_ip": "192.0.2.7", "username": "erika", "colour": "red", "shape": 3}')

    assert fields.username == "erika"
    assert len(seen) == 1


def test_a_body_that_we_know_in_full_is_not_counted() -> None:
    """
    The count tells of clients to look at, not of traffic.
    """
    seen: list[None] = []

    Decoder(AttemptFields, lambda: seen.append(None))(b'{"client_ip": "192.0.2.7", "username": "erika"}')

    assert seen == []


def test_a_bad_value_is_refused_even_beside_an_unknown_field() -> None:
    """
    Leniency is for what we do not know, not for what we do.
    """
    with pytest.raises(msgspec.ValidationError, match=r"\$\.username"):
        Decoder(AttemptFields, lambda: None)(b'{"colour": "red", "client_ip": "192.0.2.7", "username": 7}')
