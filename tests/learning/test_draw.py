# SPDX-License-Identifier: Apache-2.0
"""Caps on what one source adds, and drawing in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nacre.features.flags import Flag
from nacre.learning.draw import (
    ACCOUNT_CAP,
    ATTACK,
    CLIENT_CAP,
    FAILURE,
    NETWORK_CAP,
    SUCCESS,
    TooFewSamples,
    capped,
    draw,
)
from nacre.learning.event import EVENT
from nacre.learning.labels import Labels


def spread(attacks: int, failures: int, successes: int) -> tuple[NDArray[np.void], Labels]:
    """Return rows of as many networks and accounts, all surely labelled."""
    n = attacks + failures + successes
    rows = np.zeros(n, EVENT)
    rows["id"] = rows["net"] = rows["user"] = rows["asn"] = np.arange(1, n + 1)
    rows["flags"][attacks + failures :] = Flag.SUCCESS
    attack = np.zeros(n, np.float32)
    attack[:attacks] = 1
    return rows, Labels(attack, np.ones(n, np.float32), np.full(n, 32, np.uint8))


def test_what_is_drawn_has_the_shares_asked_for() -> None:
    """
    Attacks are rare or a flood; a training sees the same mix.
    """
    rows, labels = spread(2000, 3000, 9000)

    drawn = draw(rows, labels, np.random.default_rng(1), size=1000)

    assert np.bincount(drawn.group).tolist() == [400, 300, 300]
    assert len(set(drawn.rows.tolist())) == 1000
    assert drawn.rows.tolist() == sorted(drawn.rows.tolist())


def test_what_one_group_lacks_the_others_fill_up() -> None:
    """
    A quiet site has few attacks, and no fewer rows.
    """
    rows, labels = spread(100, 3000, 9000)

    drawn = draw(rows, labels, np.random.default_rng(1), size=1000)

    assert np.bincount(drawn.group).tolist() == [100, 450, 450]
    assert len(draw(rows, labels, np.random.default_rng(1), size=20_000).rows) == 12_100


def test_natural_weights_restore_the_mix() -> None:
    """
    Of 14,000 rows 2,000 are attacks, though two fifths of what is drawn are.
    """
    rows, labels = spread(2000, 3000, 9000)

    drawn = draw(rows, labels, np.random.default_rng(1), size=1000)
    shares = np.bincount(drawn.group, weights=drawn.natural) / drawn.natural.sum()

    assert shares == pytest.approx([2 / 14, 3 / 14, 9 / 14], rel=1e-5)
    assert drawn.natural.mean() == pytest.approx(1, rel=1e-5)
    # The weight in the loss goes half the way: root of (2000 / 400, 3000 / 300, 9000 / 300), mean 1.
    roots = np.array([drawn.weight[drawn.group == group].mean() for group in (ATTACK, FAILURE, SUCCESS)])
    assert roots / roots[0] == pytest.approx(np.sqrt([1, 2, 6]), rel=1e-5)


def test_rows_are_drawn_in_proportion_to_their_weight() -> None:
    """
    A label of weight 0.25 comes a quarter as often as one of weight 1.
    """
    rows, labels = spread(4000, 200, 200)
    labels.weight[:2000] = 0.25

    drawn = draw(rows, labels, np.random.default_rng(1), size=1000, shares=(1.0, 0.0, 0.0))

    # 1,000 x 0.25 / 1.25 = 200 exactly but for the two fractions at the ends.
    assert abs(int(np.count_nonzero(drawn.rows < 2000)) - 200) <= 40


def test_the_same_seed_draws_the_same_rows() -> None:
    """
    A training can be repeated.
    """
    rows, labels = spread(500, 500, 500)

    first, second = (draw(rows, labels, np.random.default_rng(5), size=300) for _ in range(2))

    assert [column.tolist() for column in first] == [column.tolist() for column in second]


def test_rows_without_a_label_are_never_drawn() -> None:
    """
    Unknown is no class.
    """
    rows, labels = spread(500, 500, 500)
    labels.attack[::2], labels.weight[::2] = np.nan, 0

    assert np.all(draw(rows, labels, np.random.default_rng(1), size=5000).rows % 2 == 1)


@given(
    nets=st.lists(st.integers(0, 2), min_size=1, max_size=400),
    users=st.integers(1, 3),
    days=st.integers(1, 2),
    seed=st.integers(0, 9),
)
def test_no_source_adds_more_than_its_cap(nets: list[int], users: int, days: int, seed: int) -> None:
    """
    Whatever a network or an account sends in a day, its weight in the training ends at 60.
    """
    rng, n = np.random.default_rng(seed), len(nets)
    rows = np.zeros(n, EVENT)
    rows["net"] = np.array(nets) + 1
    rows["user"], rows["time"] = rng.integers(1, users + 1, n), rng.integers(0, days, n) * 86_400.0
    labels = Labels(rng.integers(0, 2, n).astype(np.float32), np.ones(n, np.float32), np.zeros(n, np.uint8))

    weight = capped(rows, labels)

    assert np.all(weight <= labels.weight)
    for column, cap in (("net", NETWORK_CAP), ("user", ACCOUNT_CAP)):
        for key in np.unique(rows[column]):
            for day in range(days):
                for attack in (0, 1):
                    of = (rows[column] == key) & (rows["time"] == day * 86_400.0) & (labels.attack == attack)
                    assert weight[of].sum() <= cap + 1e-6


def test_a_client_string_of_a_provider_has_a_cap_across_networks() -> None:
    """
    A botnet at one provider has many networks and one tool.
    """
    rows, labels = spread(5000, 10, 10)
    rows["asn"][:5000] = 7

    assert capped(rows, labels)[:5000].sum() == pytest.approx(CLIENT_CAP)


def test_attacks_and_legitimate_attempts_have_caps_of_their_own() -> None:
    """
    A flood from an office must not push its people out.
    """
    rows, labels = spread(100, 100, 0)
    rows["net"] = 7

    weight = capped(rows, labels)

    assert (weight[:100].sum(), weight[100:].sum()) == pytest.approx((NETWORK_CAP, NETWORK_CAP))


def test_rows_that_are_all_drawn_keep_their_weights() -> None:
    """
    Where there is no chance, doubt is in the weight alone.
    """
    rows, labels = spread(200, 200, 200)
    labels.weight[:100] = 0.25

    drawn = draw(rows, labels, np.random.default_rng(1), size=600)

    assert drawn.natural[0] / drawn.natural[150] == pytest.approx(0.25)
    assert drawn.weight[0] / drawn.weight[150] == pytest.approx(0.25)


def test_what_is_not_known_shares_no_cap() -> None:
    """
    Without a database every row has provider 0; that is no provider.
    """
    rows, labels = spread(5000, 10, 10)
    rows["asn"] = rows["net"] = rows["user"] = 0

    assert capped(rows, labels).sum() == 5020


def test_one_class_alone_is_refused_and_named() -> None:
    """
    A site without attacks cannot train what an attack is.
    """
    rows, labels = spread(0, 500, 500)

    with pytest.raises(TooFewSamples, match=r"no attacks: attacks: 0 rows of weight 0 .* 50 of 50 missing"):
        draw(rows, labels, np.random.default_rng(1), size=100)


def test_a_thousand_rows_of_one_source_are_too_few() -> None:
    """
    After the caps they weigh 60, and 80 were asked for.
    """
    rows, labels = spread(1000, 500, 500)
    rows["net"][:1000] = 1

    with pytest.raises(TooFewSamples) as refused:
        draw(rows, labels, np.random.default_rng(1), size=100, least=80)

    assert refused.value.rows == (1000, 1000)
    assert refused.value.have == pytest.approx((60, 1000))
    assert "attacks: 1000 rows of weight 60 after the caps, 20 of 80 missing" in str(refused.value)
