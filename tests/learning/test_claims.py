# SPDX-License-Identifier: Apache-2.0
"""Feedback moves labels, and no giver moves many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nacre.learning.claims import FEEDBACK_SHARE, GIVER_SHARE, Claim, apply_claims
from nacre.learning.event import EVENT
from nacre.learning.labels import Labels
from nacre.learning.reason import Reason

NOW = 1000.0


def rows(attack: list[float | None], weight: float = 1.0, others: int = 2000) -> tuple[NDArray[np.void], Labels]:
    """Return rows with these labels, None for unknown, and then *others* that are surely legitimate."""
    n = len(attack) + others
    events = np.zeros(n, EVENT)
    events["id"], events["time"] = np.arange(n, dtype=np.uint64) + np.uint64(2**63), 1.0
    said = np.array([np.nan if one is None else one for one in attack] + [0.0] * others, np.float32)
    weights = np.where(np.isnan(said), 0, np.where(np.arange(n) < len(attack), weight, 1)).astype(np.float32)
    return events, Labels(said, weights, np.full(n, Reason.STRANGER, np.uint8))


def claim(row: int, giver: str = "erika", *, is_attack: bool | None = False, time: float = 2.0) -> Claim:
    """Return a claim about a row."""
    return Claim(2**63 + row, is_attack, giver, time)


def first(labels: Labels) -> tuple[float, float, Reason]:
    """Return what the first row is labelled."""
    return float(labels.attack[0]), float(labels.weight[0]), Reason(labels.reason[0])


def test_a_claim_about_an_unknown_row_labels_it() -> None:
    """
    Nobody knew; now somebody says.
    """
    events, weak = rows([None])

    labels, counted = apply_claims(events, weak, [claim(0, is_attack=True)], NOW)

    assert first(labels) == (1.0, 5.0, Reason.CLAIMED_ATTACK)
    assert (counted.used, counted.weight, counted.lowered) == (1, 5.0, 0.0)
    assert np.isnan(weak.attack[0])


def test_a_claim_that_agrees_adds_to_a_label() -> None:
    """
    A weak label of weight 0.8 and a claim of weight 5.
    """
    events, weak = rows([1.0], weight=0.8)

    labels, _ = apply_claims(events, weak, [claim(0, is_attack=True)], NOW)

    assert first(labels)[1] == pytest.approx(5.8)
    assert first(labels)[::2] == (1.0, Reason.CLAIMED_ATTACK)


def test_a_claim_turns_an_infirm_label_round() -> None:
    """
    Below 0.6 one giver is enough.
    """
    events, weak = rows([1.0], weight=0.35)

    assert first(apply_claims(events, weak, [claim(0)], NOW)[0]) == (0.0, 5.0, Reason.CLAIMED_LEGITIMATE)


def test_a_firm_label_waits_for_a_second_giver() -> None:
    """
    Until then the row teaches nothing, neither the one nor the other.
    """
    events, weak = rows([1.0], weight=0.6)

    alone, counted = apply_claims(events, weak, [claim(0), claim(0, time=3.0)], NOW)
    confirmed, _ = apply_claims(events, weak, [claim(0), claim(0, "max")], NOW)

    assert np.isnan(first(alone)[0])
    assert first(alone)[1:] == (0.0, Reason.DISPUTED)
    assert (counted.waiting, counted.replaced, counted.used) == (1, 1, 0)
    assert first(confirmed) == (0.0, 5.0, Reason.CLAIMED_LEGITIMATE)


def test_givers_who_disagree_leave_a_row_out_until_one_side_is_larger() -> None:
    """
    One against one is a dispute, two against one a majority.
    """
    events, weak = rows([None])
    said = [claim(0), claim(0, "max", is_attack=True)]

    disputed, counted = apply_claims(events, weak, said, NOW)
    settled, _ = apply_claims(events, weak, [*said, claim(0, "ida", is_attack=True)], NOW)

    assert (first(disputed)[2], counted.disputed) == (Reason.DISPUTED, 1)
    assert first(settled)[::2] == (1.0, Reason.CLAIMED_ATTACK)


def test_a_later_claim_of_a_giver_replaces_and_withdraws() -> None:
    """
    The last word counts, whatever order the words arrive in.
    """
    events, weak = rows([None])

    corrected, _ = apply_claims(events, weak, [claim(0, is_attack=True, time=3.0), claim(0)], NOW)
    withdrawn, counted = apply_claims(events, weak, [claim(0), claim(0, is_attack=None, time=3.0)], NOW)

    assert first(corrected)[0] == 1.0
    assert np.isnan(first(withdrawn)[0])
    assert (counted.withdrawn, counted.replaced) == (1, 1)


def test_claims_are_known_from_their_time_on() -> None:
    """
    A training for yesterday knows what was said by then.
    """
    events, weak = rows([None])

    labels, counted = apply_claims(events, weak, [claim(0, time=NOW + 1)], NOW)

    assert (first(labels)[1], counted.later) == (0.0, 1)


def test_claims_about_attempts_that_are_not_there_are_counted_and_dropped() -> None:
    """
    Ids that were never ours, or rows that are long gone.
    """
    events, weak = rows([None])

    labels, counted = apply_claims(events, weak, [Claim(7, is_attack=True, giver="erika", time=2.0)], NOW)

    assert counted.unknown == 1
    assert labels.weight.sum() == weak.weight.sum()


@given(givers=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=300))
def test_feedback_weighs_a_twentieth_and_one_giver_a_fifth_of_that(givers: list[str]) -> None:
    """
    Four thousand lies of one account count as little as ten.
    """
    events, weak = rows([None] * len(givers))
    said = [claim(row, giver, is_attack=True) for row, giver in enumerate(givers)]

    labels, counted = apply_claims(events, weak, said, NOW)

    most = FEEDBACK_SHARE * float(labels.weight.sum())
    assert counted.weight <= most * (1 + 1e-5)
    budget = FEEDBACK_SHARE / (1 - FEEDBACK_SHARE) * 2000
    for giver in set(givers):
        own = sum(float(labels.weight[row]) for row, name in enumerate(givers) if name == giver)
        assert own <= GIVER_SHARE * budget * (1 + 1e-5)
    assert counted.weight + counted.lowered == pytest.approx(5 * len(givers))


# -- what lies can take away


@pytest.mark.parametrize(("givers", "lost"), [(1, 40), (3, 120), (50, 200)])
def test_no_number_of_lies_leaves_more_than_a_share_out(givers: int, lost: int) -> None:
    """
    Four thousand firm attacks: 40 of them for each giver, a hundredth, and 200 for all, a twentieth.
    """
    events, weak = rows([1.0] * 4_000)
    lies = [claim(row, f"user{row % givers}", time=2.0 + row / 1e4) for row in range(4_000)]

    labels, counted = apply_claims(events, weak, lies, NOW)

    assert np.count_nonzero(labels.attack == 1) == 4_000 - lost
    assert (counted.waiting, counted.beyond) == (lost, 4_000 - lost)


def test_two_liars_turn_no_more_rows_round_than_they_may_contradict() -> None:
    """
    Each confirms the other: a row is paid for by both, and counts once for all.
    """
    events, weak = rows([1.0] * 4_000)
    lies = [claim(row, giver) for row in range(4_000) for giver in ("erika", "max")]

    labels, counted = apply_claims(events, weak, lies, NOW)

    assert np.count_nonzero(labels.reason == Reason.CLAIMED_LEGITIMATE) == 40
    assert np.count_nonzero(labels.attack == 1) == 4_000 - 40
    assert counted.beyond == 2 * (4_000 - 40)


def test_at_a_small_site_a_giver_is_heard_about_twenty_rows() -> None:
    """
    A hundredth of thirty attacks would be none.
    """
    events, weak = rows([1.0] * 30)

    _, counted = apply_claims(events, weak, [claim(row) for row in range(30)], NOW)

    assert (counted.waiting, counted.beyond) == (20, 10)


def test_claims_that_agree_or_meet_unlabelled_rows_are_all_heard() -> None:
    """
    They take nothing away; what they add has a cap of its own.
    """
    events, weak = rows([1.0] * 500 + [None] * 500)

    _, counted = apply_claims(events, weak, [claim(row, is_attack=True) for row in range(1_000)], NOW)

    assert (counted.used, counted.beyond) == (1_000, 0)
