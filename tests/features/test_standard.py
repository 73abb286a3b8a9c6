# SPDX-License-Identifier: Apache-2.0
"""What is known of an attempt before its outcome."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from outcomes import DIGESTS, NOW, History, attempt, value

from nacre.features.columns import PROTOCOLS, STANDARD
from nacre.features.flags import Flag
from nacre.features.layout import DAY, WEEK
from nacre.features.profile import Profile
from nacre.features.standard import LAYOUTS, LONG, NOTHING, Surroundings, see


@pytest.fixture
def history() -> History:
    """Nothing that happened yet."""
    return History()


def same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether two lists of numbers agree, unknown ones too."""
    return np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("said", [0.0, 1.0, math.nan])
def test_a_block_list_is_believed_as_it_was_looked_up(history: History, said: float) -> None:
    """
    Nobody looked is neither yes nor no.
    """
    seen = value(history.see(attempt(), suspicious=said), "original.suspicious_network")

    assert seen == pytest.approx(said, nan_ok=True)


# -- what is not known


ODD: tuple[dict[str, Any], ...] = (
    {"client_ip": ""},
    {"username": ""},
    {"client_ip": "", "username": ""},
    {"username": " "},
    {"protocol": "gopher"},
    {"password": "x" * 4000},
    {"user_agent": "\ud800" * 600},
    {"username": "\x00" * 500},
    {"attributes": {"asn": "no number", "country": None}},
    {"known_user": False},
    {"time": 0.0},
    {"time": 2.0**33 - 1},
)


@pytest.mark.parametrize("odd", ODD)
def test_no_attempt_is_too_odd_to_be_seen(history: History, odd: dict[str, Any]) -> None:
    """
    Before and after it was counted: numbers or unknown, never an exception and never infinite.
    """
    for accepted in (False, True, False):
        seen = history.add(attempt(**odd), accepted=accepted)
        vector = STANDARD.vector(seen.values)

        assert not np.isinf(vector).any()
        # Counters have no sign; shares in logins and rises do.
        assert (vector[np.isfinite(vector)] > -20).all()


def test_an_account_without_a_name_is_not_known(history: History) -> None:
    """
    Not even its age; nothing novel is said of it that was not given.
    """
    seen = history.see(attempt(username="", known_user=True))

    account = [value(seen, name) for name in STANDARD.names if name.startswith("user.")]
    assert [number for number in account if not math.isnan(number)] == [0.0, 0.0]
    assert value(seen, "novelty.history") == 0.0


def test_without_a_password_nothing_is_known_of_it(history: History) -> None:
    """
    As in a log of sshd.
    """
    seen = history.see(attempt())

    token = {name: value(seen, name) for name in STANDARD.names if name.startswith("token.")}
    assert token.pop("token.known") == 0.0
    assert all(math.isnan(number) for number in token.values())


def test_where_an_address_is_may_be_unknown(history: History) -> None:
    """
    The share of an unknown operator is not that of a rare one.
    """
    seen = history.see(attempt())

    assert value(seen, "novelty.count") == 2.0  # address and network
    for group in ("asn", "country", "client"):
        assert all(math.isnan(value(seen, name)) for name in STANDARD.names if name.startswith(f"{group}."))


def test_what_was_never_seen_has_no_age_and_has_long_been_idle(history: History) -> None:
    """
    The neutral answers of an empty store.
    """
    seen = history.see(attempt(password="x"))

    assert value(seen, "address.age") == value(seen, "user.age") == value(seen, "address.failures_24h") == 0.0
    assert value(seen, "address.idle") == value(seen, "user.since_success") == LONG
    assert value(seen, "token.since_right") == value(seen, "token.since_tried") == LONG
    assert value(seen, "address.failure_ratio_24h") == 0.3


def test_the_surroundings_have_layouts_of_their_own() -> None:
    """
    A vector of empty profiles is what a first attempt gets.
    """
    empty = Surroundings(*(Profile(layout) for layout in LAYOUTS))
    tried = attempt(password="x")

    assert same(see(DIGESTS.facts(tried), empty, time=NOW).values, History().see(tried).values)


# -- what is known


def test_what_the_account_signed_in_with_is_not_novel(history: History) -> None:
    """
    And grows novel again: half of it in a week.
    """
    home: dict[str, Any] = {"protocol": "imap", "user_agent": "curl/8", "attributes": {"country": "DE", "asn": 1}}
    history.add(attempt(**home), accepted=True)

    at_once = history.see(attempt(**home))
    in_a_week = history.see(attempt(time=NOW + WEEK, **home))
    elsewhere = history.see(attempt("198.51.100.1", **{**home, "protocol": "smtp"}))
    names = ("address", "network", "asn", "country", "client", "protocol")

    assert [value(at_once, f"novelty.{name}") for name in names] == [1.0] * 6
    assert [value(in_a_week, f"novelty.{name}") for name in names] == [0.5] * 6
    assert [value(elsewhere, f"novelty.{name}") for name in names] == [0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    assert [value(seen, "novelty.count") for seen in (at_once, elsewhere)] == [0.0, 3.0]
    seen_flags = Flag.SEEN_IP | Flag.SEEN_NET | Flag.SEEN_ASN | Flag.SEEN_CLIENT | Flag.SEEN_COUNTRY | Flag.HISTORY
    assert in_a_week.facts.flags == seen_flags
    seen_flags |= Flag.LATELY
    assert at_once.facts.flags == seen_flags
    assert elsewhere.facts.flags == seen_flags & ~(Flag.SEEN_IP | Flag.SEEN_NET)


@pytest.mark.parametrize(
    ("password", "flag", "column"),
    [
        ("present", Flag.RIGHT, "token.right"),
        ("past", Flag.FORMER, "token.former"),
        ("wrong", Flag.TRIED, "token.tried"),
        ("unheard", 0, "token.new"),
    ],
)
def test_a_password_is_right_former_tried_or_new(history: History, password: str, flag: int, column: str) -> None:
    """
    Just one of them.
    """
    history.add(attempt(password="past"), accepted=True)
    history.add(attempt(password="present", time=NOW + 1), accepted=True)
    history.add(attempt("198.51.100.1", password="wrong", time=NOW + 2), accepted=False)

    seen = history.see(attempt(password=password, time=NOW + 3))

    columns = ("token.right", "token.former", "token.tried", "token.new")
    assert [name for name in columns if value(seen, name)] == [column]
    assert seen.facts.flags & (Flag.RIGHT | Flag.FORMER | Flag.TRIED) == flag
    assert value(seen, "token.tried_here") == 0.0
    here = history.see(attempt("198.51.100.1", password=password, time=NOW + 3))
    assert value(here, "token.tried_here") == (password == "wrong")


@pytest.mark.parametrize(("known", "flag"), [(True, Flag.KNOWN), (False, Flag.UNKNOWN), (None, 0)])
def test_the_directory_may_know_an_account_or_not_or_say_nothing(
    history: History, *, known: bool | None, flag: int
) -> None:
    """
    Three answers, two columns.
    """
    seen = history.see(attempt(known_user=known))

    assert (value(seen, "user.known"), value(seen, "user.unknown")) == (known is True, known is False)
    assert seen.facts.flags == flag


@pytest.mark.parametrize(
    ("protocol", "meant"),
    [("imap", "imap"), ("imaps", "imap"), ("submission", "smtp"), ("pop3s", "pop3"), ("https", "http"), ("sshd", "ssh"),
     ("", ""), ("gopher", "")],
)  # fmt: skip
def test_names_of_a_protocol_are_one(history: History, protocol: str, meant: str) -> None:
    """
    One of five, or none.
    """
    seen = history.see(attempt(protocol=protocol))

    assert [name for name in PROTOCOLS if value(seen, f"protocol.{name}")] == ([meant] if meant else [])


def test_what_the_account_remembers_of_a_place_goes_with_the_attempt(history: History) -> None:
    """
    So that the address counts an account once, though it forgot it: failures for half a day, logins for five.
    """
    history.add(attempt(), accepted=True)
    history.add(attempt(), accepted=False)

    def known(ip: str, later: float) -> tuple[bool, bool, bool]:
        facts = history.see(attempt(ip, time=NOW + later)).facts.known
        return facts.failed_here, facts.passed_here, facts.passed_near

    assert known("192.0.2.7", 60.0) == (True, True, True)
    assert known("192.0.2.8", 60.0) == (False, False, True)
    assert known("198.51.100.1", 60.0) == (False, False, False)
    assert known("192.0.2.7", DAY) == (False, True, True)
    assert known("192.0.2.7", 6 * DAY) == (False, False, False)


@pytest.mark.parametrize(
    ("one", "other", "failures"),
    [
        ("2001:db8::1", "2001:db8::2", (1.0, 1.0)),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", (0.0, 1.0)),
        ("2001:db8:0:1::1", "2001:db8:0:100::1", (0.0, 0.0)),
        ("192.0.2.1", "192.0.2.2", (0.0, 1.0)),
    ],
)
def test_an_address_of_ipv6_is_64_bits_and_a_network_56(
    history: History, one: str, other: str, failures: tuple[float, float]
) -> None:
    """
    Who rotates within what a provider gave stays one address, or one network.
    """
    history.add(attempt(one), accepted=False)

    seen = history.see(attempt(other))

    assert (value(seen, "address.failures_24h"), value(seen, "network.failures_24h")) == failures


def test_a_storm_of_strangers_is_a_rise(history: History) -> None:
    """
    Beside a quiet day; before it, nothing rises.
    """
    for hour in range(24):
        history.add(attempt(username=f"user{hour}", password="right", time=NOW + 3600 * hour), accepted=True)
    before = history.see(attempt(time=NOW + DAY))
    for number in range(100):
        tried = attempt("203.0.113.9", f"user{number % 24}", password=f"guess{number}", time=NOW + DAY + number)
        history.add(tried, accepted=False)
    after = history.see(attempt(time=NOW + DAY + 100))

    for name in ("orphan_rise", "fresh_rise", "rate_rise"):
        assert value(before, f"everyone.{name}") < 0.1
        assert value(after, f"everyone.{name}") > 3.0


def test_nothing_is_ever_counted_in_what_stands_for_nothing(history: History) -> None:
    """
    All attempts without an operator, a country or a client share those profiles.
    """
    for accepted in (False, True, False):
        history.add(attempt(password="x"), accepted=accepted)

    assert [(profile.first, profile.last, sum(profile.counts)) for profile in NOTHING] == [(0, 0.0, 0.0)] * len(LAYOUTS)
