# SPDX-License-Identifier: Apache-2.0
"""Rules about single attempts and their pairs; sources, sprays and hits are in test_facts.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning.journal import DAY, HOUR, LATER, Try, home, journal, said
from numpy.typing import NDArray

from nacre.learning.event import EVENT
from nacre.learning.labels import Labels, label
from nacre.learning.reason import Reason


def test_a_success_of_a_pair_that_comes_on_two_days_is_legitimate() -> None:
    """
    Whoever signs in from one network day after day is the account's owner, its first login included.
    """
    assert said(home("erika", days=2)) == [("PAIR", -1.0)] * 2


def test_a_success_from_a_new_network_of_a_provider_in_use_counts_less() -> None:
    """
    Phones change their network and keep their provider.
    """
    tries = [*home("erika"), Try(3 * DAY, "erika", "10.9.0.1", "erika's", ok=True)]

    assert said(tries)[-1] == ("PROVIDER", -0.7)


AWAY = Try(3 * DAY, "erika", "20.0.0.1", "erika's", ok=True, asn="far", client="curl", country="xx")


def test_a_single_success_with_new_provider_and_new_client_or_country_stays_unknown() -> None:
    """
    It may be a traveller, or somebody with a new device.
    """
    assert said([*home("erika"), AWAY._replace(client="phone")])[-1] == ("ONCE", 0.0)
    assert said([*home("erika"), AWAY._replace(country="de")])[-1] == ("ONCE", 0.0)
    assert said([*home("erika"), AWAY._replace(client="phone", country="de")])[-1] == ("OTHER_SUCCESS", -0.25)
    assert said([*home("erika"), AWAY._replace(client="phone", country="")])[-1] == ("OTHER_SUCCESS", -0.25)


UNDER_ATTACK = [Try(DAY + n, f"victim{n}", f"40.0.{n}.1", f"guess{n}") for n in range(20)]
"""Guesses of strangers, as many as make one login from elsewhere suspicious."""


def test_a_single_success_where_everything_is_new_is_an_attack_more_likely_than_not() -> None:
    """
    A phished password that is used once from elsewhere comes without any guess before it, and no other rule sees it.
    """
    assert said([*UNDER_ATTACK, *home("erika"), AWAY])[-1] == ("ELSEWHERE", 0.5)


def test_where_hardly_anybody_attacks_logins_from_elsewhere_stay_unknown() -> None:
    """
    A peaceful site would learn from its travellers what an attack is.
    """
    assert said([*UNDER_ATTACK[1:], *home("erika"), AWAY])[-1] == ("ONCE", 0.0)


@pytest.mark.parametrize("away", [AWAY._replace(country=""), AWAY._replace(asn=""), AWAY._replace(client="")])
def test_what_an_installation_is_not_told_is_no_sign_of_an_attack(away: Try) -> None:
    """
    Without a database of countries every country would be new.
    """
    reason, sure = said([*UNDER_ATTACK, *home("erika"), away])[-1]

    assert reason in {"ONCE", "OTHER_SUCCESS"}
    assert sure <= 0.0


def test_whoever_comes_back_from_elsewhere_has_moved() -> None:
    """
    A new telephone in a new country is used on the next day too.
    """
    again = AWAY._replace(at=4 * DAY, ip="20.0.0.9")

    assert "ELSEWHERE" not in {reason for reason, _ in said([*UNDER_ATTACK, *home("erika"), AWAY, again])}


def test_the_first_login_of_an_account_is_new_everywhere_and_no_sign_of_an_attack() -> None:
    """
    Nothing was seen of the account before, so nothing of it can be unusual.
    """
    assert said([*UNDER_ATTACK, AWAY])[-1][1] <= 0.0


def test_a_failure_with_an_old_or_a_future_password_is_legitimate() -> None:
    """
    The mail client with yesterday's password, and the person who was faster than the directory.
    """
    changed = Try(3 * DAY, "erika", "10.0.0.1", "new", ok=True)
    old = Try(4 * DAY, "erika", "30.0.0.1", "erika's")
    early = Try(3 * DAY - HOUR, "erika", "30.0.0.1", "new")

    assert said([*home("erika"), early, changed, old])[3::2] == [("RIGHT_ONCE", -1.0)] * 2


def test_a_failure_of_an_established_pair_is_a_typo() -> None:
    """
    The owner at home, with a password that was never right.
    """
    assert said([*home("erika"), Try(4 * DAY, "erika", "10.0.0.1", "erikas")])[-1] == ("PAIR_FAILED", -0.8)


def test_a_typo_before_the_pair_is_established_is_seen_as_one_afterwards() -> None:
    """
    The flags of the attempt say stranger, hindsight says owner.
    """
    assert said([Try(0.0, "erika", "10.0.0.1", "erikas"), *home("erika", first=60.0)])[0] == ("PAIR_FAILED", -0.8)


def test_a_device_that_repeats_one_wrong_password_is_no_attack() -> None:
    """
    One broken scanner would otherwise use up what legitimate refusals are allowed.
    """
    scans = [Try(hour * HOUR, "scanner", "40.0.0.1", "stale") for hour in range(5)]

    assert said(scans) == [("DEVICE", -0.6)] * 5
    assert said(scans[:4])[0] == ("STRANGER", 0.8)


def test_a_stranger_is_an_attack_less_surely_so_at_a_provider_in_use() -> None:
    """
    A typo at a friend's house and a neighbour who guesses look alike.
    """
    stranger = Try(4 * DAY, "erika", "50.0.0.1", "guess", asn="far")

    assert said([*home("erika"), stranger])[-1] == ("STRANGER", 0.8)
    assert said([*home("erika"), stranger._replace(asn="home")])[-1] == ("STRANGER_KNOWN_PROVIDER", 0.35)


def test_a_typo_beside_an_own_success_is_not_called_strange() -> None:
    """
    A traveller mistypes once and then gets in: from that address somebody does sign in.
    """
    away = Try(3 * DAY, "erika", "60.0.0.1", "erikas", asn="far")

    assert said([*home("erika"), away, away._replace(at=3 * DAY + 9, password="erika's", ok=True)])[3] == (
        "BESIDE_SUCCESS",
        -0.2,
    )


@pytest.mark.parametrize("known", [False, None])
def test_a_name_that_nobody_has_is_judged_by_who_else_signs_in_there(*, known: bool | None) -> None:
    """
    Enumeration comes from nowhere, mistyped names from where people work; not every directory tells.
    """
    typo = Try(4 * DAY, "erica", "10.0.0.1", "erika's", known=known)

    assert said([*home("erika"), typo])[-1] == ("MISTYPED_NAME", -0.4)
    assert said([*home("erika"), typo._replace(ip="70.0.0.1")])[-1] == ("NO_SUCH_ACCOUNT", 0.6)


def test_what_we_refused_without_asking_the_backend_proves_nothing() -> None:
    """
    Otherwise a rule that is wrong about an office would teach the network to be wrong too.
    """
    refused = [Try(n * 60.0, f"user{n}", "80.0.0.1", f"p{n}", refused=True, told=False) for n in range(40)]

    assert said(refused) == [("NOT_TOLD", 0.0)] * 40


def test_a_refused_attempt_that_the_backend_rejected_is_known() -> None:
    """
    The password is checked in every case: a refused guess is still a guess.
    """
    guesses = [Try(n * 60.0, f"user{n}", "80.0.0.1", f"p{n}", refused=True) for n in range(40)]

    assert said(guesses) == [("SOURCE", 1.0)] * 40


def test_a_refused_success_establishes_nothing_for_its_sender() -> None:
    """
    Somebody has the right password, and may be a thief, day after day: coming again makes it no more than it is.
    """
    away = [Try((3 + d) * DAY, "erika", "90.0.0.1", "erika's", ok=True, asn="far", refused=True) for d in range(3)]

    assert {reason for reason, _ in said([*home("erika"), *away])[3:]} <= {"ONCE", "OTHER_SUCCESS"}
    assert all(weight <= 0.25 for _, weight in said([*home("erika"), *away])[3:])


def test_rows_without_passwords_are_judged_by_the_other_rules() -> None:
    """
    The log of sshd says who came from where, not with what.
    """
    guesses = [Try(n * 60.0, f"user{n}", "80.0.0.1", "") for n in range(10)]
    repeats = [Try(n * 60.0, "erika", "81.0.0.1", "") for n in range(6)]

    assert said(guesses) == [("SOURCE", 1.0)] * 10
    assert said(repeats) == [("STRANGER", 0.8)] * 6


def test_young_rows_have_labels_that_nothing_later_takes_back() -> None:
    """
    A stranger may turn out to be a newcomer tomorrow; an owner stays one.
    """
    tries = [*home("erika"), Try(2 * DAY + 60, "max", "50.0.0.1", "guess")]

    assert said(tries, now=2 * DAY + HOUR)[2:] == [("PAIR", -1.0), ("YOUNG", 0.0)]


def test_rows_after_now_are_not_looked_at() -> None:
    """
    A training for a day must not know the next one.
    """
    assert said(home("erika", days=2), now=DAY - 1) == [("ONCE", 0.0), ("LATER", 0.0)]
    assert said(home("erika", days=2), now=DAY) == [("PAIR", -1.0)] * 2


def test_rows_that_are_no_events_or_not_sorted_are_not_taken() -> None:
    """
    Both would be labelled, and wrongly.
    """
    with pytest.raises(ValueError, match="not sorted"):
        label(journal(home("erika"))[::-1], LATER)
    with pytest.raises(ValueError, match="no events"):
        label(np.zeros(3, [("time", "<f8")]), LATER)


def test_no_rows_have_no_labels() -> None:
    """
    The first night of an installation.
    """
    assert len(label(np.zeros(0, EVENT), 0.0).attack) == 0


TRIES = st.lists(
    st.builds(
        Try,
        at=st.integers(0, 40).map(lambda n: n * DAY / 8),
        user=st.sampled_from("abcdefghijkl"),
        ip=st.sampled_from(["1.1", "1.2", "2.1", "3.1"]),
        password=st.sampled_from(["", "p", "q", "r", "s", "t"]),
        ok=st.booleans(),
        asn=st.sampled_from(["", "x", "y"]),
        client=st.sampled_from(["m", "n"]),
        known=st.sampled_from([True, False, None]),
        refused=st.booleans(),
        told=st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


def taken(labels: Labels, rows: NDArray[np.int64]) -> list[tuple[object, ...]]:
    """Return the labels of some rows in a form that can be compared, NaN included."""
    return list(zip(*(np.nan_to_num(column[rows], nan=-1).tolist() for column in labels), strict=True))


@given(tries=TRIES, until=st.integers(0, 40))
def test_no_label_depends_on_the_future(tries: list[Try], until: int) -> None:
    """
    Labels of the rows up to a time are the same whether later rows exist or not.
    """
    rows, now = journal(tries), until * DAY / 8
    known = rows[rows["time"] <= now]

    everything = label(rows, now)

    first = np.arange(len(known))
    assert taken(everything, first) == taken(label(known, now), first)
    assert np.all(everything.reason[len(known) :] == Reason.LATER)


@given(tries=TRIES, seed=st.integers(0, 9))
def test_the_order_of_rows_at_one_time_changes_nothing(tries: list[Try], seed: int) -> None:
    """
    Two instances write their rows in either order.
    """
    rows = journal(tries)
    order = np.lexsort((np.random.default_rng(seed).random(len(rows)), rows["time"]))

    before, after = label(rows, LATER), label(rows[order], LATER)

    assert taken(before, order) == taken(after, np.arange(len(rows)))


@given(tries=TRIES)
def test_a_label_has_a_weight_and_its_absence_has_none(tries: list[Try]) -> None:
    """
    NaN with a weight would poison a sum.
    """
    labels = label(journal(tries), LATER)

    assert np.array_equal(np.isnan(labels.attack), labels.weight == 0)
    assert np.all((labels.weight >= 0) & (labels.weight <= 1))
