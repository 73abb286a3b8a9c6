# SPDX-License-Identifier: Apache-2.0
"""What resolvers say, and what they do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from listeners import HOST, name_server, serving

from nacre.hooks.library.resolver import Resolver


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    """A resolver with a server of the test."""
    with serving(name_server()) as port:
        yield Resolver([HOST], port)


@pytest.mark.parametrize(
    ("name", "kind", "error"),
    [
        ("missing.test", "A", "no such host"),
        ("www.example.test", "MX", "no such record"),
        ("silent.test", "A", "timeout"),
        ("example.test", "SRV", "unsupported record type"),
        ("..", "A", "lookup"),
        ("x" * 300, "A", "lookup"),
    ],
)
def test_what_is_not_found_is_an_error(resolver: Resolver, name: str, kind: str, error: str) -> None:
    """
    A resolver that says nothing costs a script its patience and no more.
    """
    with pytest.raises(ValueError, match=error):
        resolver.find(name, kind, 1.0 if error == "timeout" else 60.0)


def test_records_come_back_plain(resolver: Resolver) -> None:
    """
    The pieces of a text are one text.
    """
    assert resolver.find("example.test", "TXT", 5.0) == [b"v=spf1 -all"]
    assert resolver.find("example.test", "MX", 5.0) == [{"host": "mail.example.test.", "pref": 10}]
