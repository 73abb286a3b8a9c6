# SPDX-License-Identifier: Apache-2.0
"""The bits of what is known, as journals keep them."""

from __future__ import annotations

from nacre.features.flags import Flag


def test_each_fact_keeps_its_bit() -> None:
    """
    Journals hold the numbers: who gives one another meaning misreads what was written before.
    """
    assert {flag.name: flag.value for flag in Flag} == {
        "SUCCESS": 1,
        "KNOWN": 2,
        "UNKNOWN": 4,
        "REFUSED": 8,
        "RIGHT": 16,
        "FORMER": 32,
        "TRIED": 64,
        "ORPHAN": 128,
        "FRESH": 256,
        "SEEN_IP": 512,
        "SEEN_NET": 1024,
        "SEEN_ASN": 2048,
        "SEEN_CLIENT": 4096,
        "SEEN_COUNTRY": 8192,
        "HISTORY": 16384,
        "LATELY": 32768,
    }


def test_every_fact_is_explained() -> None:
    """
    Orphan, fresh and former are words that nobody knows from elsewhere.
    """
    assert [flag.name for flag in Flag if (flag.name or "") not in (Flag.__doc__ or "")] == []
