# SPDX-License-Identifier: Apache-2.0
"""Who tries what from where, in digests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import DIGESTS, IDENTITY, attempt, facts

from nacre.features.facts import Digests, Facts
from nacre.features.place import Place

SUBJECTS = ("address", "network", "user", "token", "asn", "client", "country", "protocol")


def test_what_is_not_known_is_nought() -> None:
    """
    A log of sshd knows neither password nor client.
    """
    unknown = facts("", "")

    assert [getattr(unknown, name) for name in SUBJECTS] == [0] * 8
    assert (unknown.flags, any(msgspec.to_builtins(unknown.known))) == (0, False)


def test_what_is_known_has_digests_of_its_own() -> None:
    """
    Never nought, and no two alike: equal texts of different kinds are different subjects.
    """
    known = facts(password="x", user_agent="imap", protocol="imap", attributes={"country": "DE", "asn": 64500})

    digests = [getattr(known, name) for name in SUBJECTS]
    assert all(0 < digest < 2**32 for digest in digests)
    assert len(set(digests)) == 8


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", "network"),
        ("192.0.2.1", "192.0.3.1", ""),
        ("192.0.2.1", "::ffff:192.0.2.1", "address network"),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", "address network"),
        ("2001:db8:0:1::1", "2001:db8:0:ff::1", "network"),
        ("2001:db8:0:1::1", "2001:db8:0:100::1", ""),
    ],
)
def test_an_address_is_one_of_ipv4_or_64_bits_and_a_network_24_or_56(one: str, other: str, same: str) -> None:
    """
    What a provider gives to one customer is one address, however many they take from it.
    """
    a, b = facts(one), facts(other)

    assert {name for name in ("address", "network") if getattr(a, name) == getattr(b, name)} == set(same.split())


def test_a_password_leaves_32_bits_of_its_digest() -> None:
    """
    The same for everybody who tries it, and none of its letters.
    """
    one, other = facts(password="hunter2"), facts("198.51.100.1", "max", password="hunter2")

    assert one.token == other.token < 2**32
    assert one.token != facts(password="hunter3").token


def test_a_digest_that_begins_with_noughts_is_a_password_all_the_same() -> None:
    """
    Nought stands for none.
    """
    tried = msgspec.structs.replace(attempt(), token=bytes(8))

    assert DIGESTS.facts(tried).token == 1


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({"country": "de", "asn": 64500}, Place("DE", 64500)),
        ({"asn": "AS64500"}, Place("", 64500)),
        ({"asn": "64500", "country": None}, Place("", 64500)),
        ({"country": "Germany"}, Place()),
        ({"country": 49, "asn": True}, Place()),
        ({"asn": -1}, Place()),
        ({"asn": 1.5}, Place()),
        ({"asn": "²³"}, Place()),
        ({"asn": "9" * 4000}, Place()),
    ],
)
def test_a_caller_may_say_where_an_address_is(attributes: dict[str, Any], place: Place) -> None:
    """
    What cannot be understood is not known.
    """
    assert DIGESTS.place(attempt(attributes=attributes)) == place


def test_databases_are_asked_where_the_caller_says_nothing() -> None:
    """
    And only for addresses that there are.
    """
    asked = []

    def places(address: bytes) -> Place:
        asked.append(address)
        return Place("FR", 64501)

    digests = Digests(IDENTITY, places)

    assert digests.place(attempt()) == Place("FR", 64501)
    assert digests.place(attempt(attributes={"country": "DE"})) == Place("DE")
    assert digests.place(attempt("")) == Place()
    assert asked == [attempt().address]


def test_versions_of_a_client_are_one_client() -> None:
    """
    An update overnight makes nobody a stranger.
    """
    clients = [facts(user_agent=f"Thunderbird/{version}").client for version in ("115.1", "115.2", "128.0")]

    assert clients[0] == clients[1] != clients[2]


def test_ever_new_clients_fill_no_memory() -> None:
    """
    Who makes up a client for each attempt gets digests all the same.
    """
    digests = Digests(IDENTITY)
    first = digests.facts(attempt(user_agent="curl/8.5.0")).client

    for number in range(5000):
        digests.facts(attempt(user_agent=f"client{number}/1"))

    assert digests.facts(attempt(user_agent="curl/8.5.0")).client == first
    assert len(digests._families) <= 4096  # noqa: SLF001  the bound is the claim


@given(
    name=st.text(max_size=40),
    protocol=st.text(st.characters(), max_size=20),
    agent=st.text(max_size=60),
    country=st.text(st.characters(), min_size=2, max_size=2),
)
def test_every_text_that_an_attempt_may_carry_has_digests(name: str, protocol: str, agent: str, country: str) -> None:
    """
    Lone surrogates too: they come from logs that are not UTF-8.
    """
    for odd in ("", "\ud800"):
        tried = facts(
            username=name + odd, protocol=protocol + odd, user_agent=agent + odd, attributes={"country": country}
        )

        assert tried == facts(
            username=name + odd, protocol=protocol + odd, user_agent=agent + odd, attributes={"country": country}
        )
    facts(attributes={"country": "\ud800\udfff"})


def test_facts_survive_the_way_to_the_report() -> None:
    """
    They are kept with the decision, packed.
    """
    known = facts(password="x", protocol="imap")
    known.flags = 16

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(known), type=Facts) == known
