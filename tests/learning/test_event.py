# SPDX-License-Identifier: Apache-2.0
"""The rows of the journal as they lie in the store."""

from __future__ import annotations

import numpy as np

from nacre.learning.event import EVENT, Flag


def test_an_event_has_a_fixed_size_on_every_machine() -> None:
    """
    Rows are appended to one value and overwritten in place: little endian, and nothing between the fields.
    """
    assert EVENT.itemsize == 60
    assert sum(EVENT[name].itemsize for name in EVENT.names or ()) == 60
    assert all(EVENT[name].newbyteorder("<") == EVENT[name] for name in EVENT.names or ())


def test_the_bits_of_flags_are_those_that_were_written_before() -> None:
    """
    Who renumbers them reads last week's journal wrongly.
    """
    assert {flag.name: flag.value for flag in Flag} == {
        "SUCCESS": 1, "KNOWN": 2, "UNKNOWN": 4, "REFUSED": 8, "RIGHT": 16, "FORMER": 32, "TRIED": 64, "ORPHAN": 128,
        "FRESH": 256, "SEEN_IP": 512, "SEEN_NET": 1024, "SEEN_ASN": 2048, "SEEN_CLIENT": 4096, "SEEN_COUNTRY": 8192,
        "HISTORY": 16384, "LATELY": 32768,
    }  # fmt: skip
    assert max(flag.value for flag in Flag) < np.iinfo(EVENT["flags"].type).max
