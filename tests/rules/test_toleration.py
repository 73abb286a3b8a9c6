# SPDX-License-Identifier: Apache-2.0
"""How many failures are forgiven beside how many successes."""

from __future__ import annotations

from ipaddress import IPv4Network
from math import floor, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.address import Subnet, parse_address
from nacre.rules.toleration import Terms, Toleration, Tolerations

DAY = 86_400.0

adaptive_terms = st.builds(
    lambda least, more, scale: Terms(0, DAY, adaptive=True, least=least, most=min(100, least + more), scale=scale),
    st.integers(0, 100),
    st.integers(0, 100),
    st.floats(0.1, 10),
)
terms = st.one_of(adaptive_terms, st.integers(0, 100).map(lambda percent: Terms(percent, DAY)))


@pytest.mark.parametrize(
    ("positive", "percent", "most"),
    [
        # floor(10 + 40 x min(1, ln(n + 1) / ln(100))) percent, then floor(percent x n / 100): what the Go original's
        # script gives, not the rounded examples of its manual.
        (1, 16, 0),
        (2, 19, 0),
        (3, 22, 0),
        (5, 25, 1),
        (10, 30, 3),
        (20, 36, 7),
        (50, 44, 22),
        (99, 50, 49),
        (100, 50, 50),
        (500, 50, 250),
    ],
)
def test_the_adaptive_table(positive: int, percent: int, most: int) -> None:
    """
    The numbers that operators of the original know.
    """
    adaptive = Terms(0, DAY, adaptive=True)

    assert adaptive.allowance(positive) == (percent, most)
    assert floor(10 + 40 * min(1, log(positive + 1) / log(100))) == percent


@given(given_terms=terms, negative=st.integers(0, 1000))
def test_an_address_never_seen_is_forgiven_nothing(given_terms: Terms, negative: int) -> None:
    """
    In a network that has just been blocked this is the botnet's next address.
    """
    assert not given_terms.tolerates(0, negative)


@given(given_terms=terms, positive=st.integers(1, 5000))
def test_what_is_forgiven_stays_within_the_bounds(given_terms: Terms, positive: int) -> None:
    """
    No combination of settings forgives more failures than the largest percentage says.
    """
    percent, most = given_terms.allowance(positive)

    if given_terms.adaptive:
        assert given_terms.least <= percent <= given_terms.most
    else:
        assert percent == given_terms.percent
    assert most == floor(percent * positive / 100)


@given(given_terms=terms, positive=st.integers(0, 5000), more=st.integers(0, 500), negative=st.integers(0, 500))
def test_a_success_never_makes_an_address_less_tolerated(
    given_terms: Terms, positive: int, more: int, negative: int
) -> None:
    """
    Signing in must not be what locks an office out.
    """
    assert given_terms.tolerates(positive + more, negative) or not given_terms.tolerates(positive, negative)


@given(given_terms=terms, positive=st.integers(0, 5000), negative=st.integers(0, 500), more=st.integers(1, 500))
def test_a_failure_never_makes_an_address_more_tolerated(
    given_terms: Terms, positive: int, negative: int, more: int
) -> None:
    """
    Nobody guesses their way out of a block.
    """
    assert given_terms.tolerates(positive, negative) or not given_terms.tolerates(positive, negative + more)


@pytest.mark.parametrize("none", [Terms(0, DAY), Terms(50, 0.0), Terms(0, DAY, adaptive=True, least=0, most=0)])
def test_terms_that_forgive_nothing_tolerate_nobody(none: Terms) -> None:
    """
    Zero percent of a thousand successes is not "no failures yet, so welcome".
    """
    assert not none.tolerates(1000, 0)


networks = st.builds(
    lambda last, prefix: IPv4Network((f"10.0.{last >> 8}.{last & 255}", prefix), strict=False),
    st.integers(0, 1023),
    st.integers(16, 32),
)


@given(several=st.lists(networks, max_size=8, unique=True), last=st.integers(0, 1023))
def test_the_most_specific_toleration_holds(several: list[IPv4Network], last: int) -> None:
    """
    An office inside a large network has its own terms, whichever was set first.
    """
    entries = [Toleration(Subnet.parse(str(one)), Terms(one.prefixlen, DAY)) for one in several]
    address = IPv4Network(f"10.0.{last >> 8}.{last & 255}")
    expected = max((one.prefixlen for one in several if address.subnet_of(one)), default=5)

    found = Tolerations(Terms(5, DAY), entries).terms(address.network_address.packed, now=0.0)

    assert found.percent == expected


def test_a_toleration_that_ended_uncovers_what_stood_below_it() -> None:
    """
    An hour's exception for a network ends; what the settings say of this very network holds again.
    """
    office = Subnet.parse("192.0.2.0/24")
    ours = Tolerations(
        Terms(5, DAY),
        [Toleration(office, Terms(30, DAY)), Toleration(office, Terms(90, 3600.0), expires=3600.0)],
    )

    percents = [ours.terms(parse_address("192.0.2.7"), now).percent for now in (0.0, 3599.9, 3600.0)]

    assert percents == [90, 90, 30]


def test_tolerations_of_one_family_say_nothing_to_the_other() -> None:
    """
    192.0.2.0/24 and an IPv6 network may begin with the same bytes.
    """
    ours = Tolerations(Terms(5, DAY), [Toleration(Subnet.parse("2001:db8::/32"), Terms(90, DAY))])

    assert ours.terms(parse_address("32.1.13.184"), 0.0).percent == 5  # 0x20 0x01 0x0d 0xb8
    assert ours.terms(parse_address("2001:db8::1"), 0.0).percent == 90
