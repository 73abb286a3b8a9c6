# SPDX-License-Identifier: Apache-2.0
"""Names, asked of resolvers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from listeners import HOST, name_server, serving

from nacre.hooks.library.dns import Names, dns_module
from nacre.hooks.library.reach import Reach


@pytest.fixture
def run(lua: Any) -> Iterator[Any]:
    """Run a chunk that knows the module as ``D``."""
    with serving(name_server()) as port:
        module = dns_module(Names([HOST], port), Reach([], patience=60.0))
        yield lambda source: lua('local D = require("nauthilus_dns")\n' + source, nauthilus_dns=module)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ('"example.test"', ["192.0.2.1", "192.0.2.2"]),
        ('"example.test", "a"', ["192.0.2.1", "192.0.2.2"]),
        ('"example.test", "AAAA"', ["2001:db8::1"]),
        ('"example.test", "MX"', [{"host": "mail.example.test.", "pref": 10}]),
        ('"example.test", "NS"', ["ns.example.test."]),
        ('"example.test", "TXT"', ["v=spf1 -all"]),
        ('"www.example.test", "CNAME"', "example.test."),
        ('"192.0.2.1", "PTR"', ["example.test."]),
        ('"1.2.0.192.in-addr.arpa", "PTR"', ["example.test."]),
    ],
)
def test_each_type_of_record_has_its_form(run: Any, question: str, answer: object) -> None:
    """
    Names end with a dot, as Go's resolver returns them; a CNAME is one text.
    """
    found = run(f"return D.resolve({question})")

    assert (sorted(found, key=str) if isinstance(found, list) else found) == answer


def test_what_is_not_found_is_nil_and_a_reason(run: Any) -> None:
    """
    A plug-in goes on without.
    """
    assert run('return D.resolve("missing.test")') == (None, "lookup missing.test: no such host")
