# SPDX-License-Identifier: Apache-2.0
"""The standard columns, as a table."""

from __future__ import annotations

import math

import pytest
from outcomes import DIGESTS, NOW, History, attempt, count_of, value

from nacre.features.columns import ORIGINAL, STANDARD
from nacre.features.profile import Profile
from nacre.features.standard import LAYOUTS, Surroundings, see

REVEALING = {"right", "former", "tried", "tried_here", "since_tried", "since_right", "new"}


def test_no_two_columns_have_one_name() -> None:
    """
    Reasons, settings and importance speak of columns by name.
    """
    assert len(set(STANDARD.names)) == len(STANDARD)
    assert all(name.count(".") == 1 and name.replace(".", "").replace("_", "").isalnum() for name in STANDARD.names)


def test_every_column_has_a_value() -> None:
    """
    In the same order; nothing is left over.
    """
    seen = History().see(attempt())

    assert len(STANDARD.vector(seen.values)) == len(STANDARD)


def test_only_what_is_known_of_the_password_for_this_account_reveals_it() -> None:
    """
    How many others tried it says nothing of whether it is right.
    """
    revealing = {column.name for column in STANDARD.columns if column.reveals}

    assert revealing == {f"token.{name}" for name in REVEALING}
    assert set(STANDARD.guess) - set(STANDARD.accept) == {STANDARD.place(name) for name in revealing}


def test_every_text_can_be_filled_in() -> None:
    """
    With the number, at most once; no placeholder of ours is left in it.
    """
    texts = [column.text for column in STANDARD.columns]

    assert all("[]" not in text and text.format("7").count("{") == 0 for text in texts)
    assert len(set(texts)) == len(texts)


def test_the_six_features_of_the_original_are_there() -> None:
    """
    A model of nothing but those can be trained, to compare.
    """
    assert len(ORIGINAL) == 6
    assert set(ORIGINAL.values()) <= set(STANDARD.names)


def test_the_hour_of_the_day_is_nobodys_reason() -> None:
    """
    Night shifts are no attack; who wants the column chooses it.
    """
    assert [column.name for column in STANDARD.columns if column.silent] == ["original.time_of_day"]


def test_every_column_tells_its_own_counter() -> None:
    """
    Whose name it has; shares are of what their names say.
    """
    tried = attempt(password="x", protocol="imap", user_agent="curl/8", attributes={"asn": 1, "country": "DE"})
    around = Surroundings(*(Profile(layout) for layout in LAYOUTS))
    for role, profile in enumerate(around):
        profile.first, profile.last = int(NOW), NOW
        profile.counts = [100.0 * (role + 1) + place for place in range(len(profile.counts))]

    seen = see(DIGESTS.facts(tried), around, time=NOW)

    told = set()
    for group in ("address", "network", "user", "token", "asn", "country", "client"):
        profile = getattr(around, group)
        for counter in profile.layout.names:
            if f"{group}.{counter}" in STANDARD.names:
                told.add(f"{group}.{counter}")
                assert value(seen, f"{group}.{counter}") == count_of(profile, counter, NOW)
    # 16 for address and network each, and its addresses; 13 of the account; 3 of the token; 3 times strangers.
    assert len(told) == 2 * 16 + 1 + 13 + 3 + 3

    def count(group: str, counter: str) -> float:
        return count_of(getattr(around, group), counter, NOW)

    def share(group: str, part: str, span: str) -> float:
        return (count(group, f"{part}_{span}") + 0.3) / (
            count(group, f"failures_{span}") + count(group, f"successes_{span}") + 1.0
        )

    for name, expected in {
        "address.new_pair_share_24h": share("address", "new_pairs", "24h"),
        "network.fresh_share_24h": share("network", "fresh", "24h"),
        "network.failure_ratio_1h": share("network", "failures", "1h"),
        "user.failure_ratio_7d": share("user", "failures", "7d"),
        "asn.failure_ratio_1h": share("asn", "failures", "1h"),
        "protocol.failure_ratio_10m": share("protocol", "failures", "10m"),
        "protocol.fresh_share_10m": share("protocol", "fresh", "10m"),
        "everyone.failure_ratio_24h": share("everyone", "failures", "24h"),
        "everyone.unknown_share_10m": share("everyone", "unknown_users", "10m"),
        "country.share": math.log((count("country", "successes_7d") + 0.1) / (count("everyone", "successes_7d") + 10)),
        "client.orphan_rise": math.log((count("client", "orphans_1h") + 1) / (count("client", "orphans_7d") / 168 + 1)),
        "everyone.orphan_rise": math.log(
            (count("everyone", "orphans_10m") + 1) / (count("everyone", "orphans_24h") / 144 + 1)
        ),
    }.items():
        assert value(seen, name) == pytest.approx(expected), name
