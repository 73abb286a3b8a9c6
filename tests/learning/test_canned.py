# SPDX-License-Identifier: Apache-2.0
"""The cases that every model has to get right."""

from __future__ import annotations

import numpy as np
import pytest
from learning.material import NOW, QUICK, material

from nacre.features.catalogue import Catalogue
from nacre.features.columns import STANDARD
from nacre.features.encoding import Encoding
from nacre.features.extras import add_extras
from nacre.features.pack import NOT_GIVEN, pack
from nacre.learning.canned import Case, canned, cases
from nacre.learning.journal import Material
from nacre.learning.train import train
from nacre.network.model import Model


def named(name: str) -> Case:
    """Return a case by its name."""
    return next(case for case in cases() if case.name == name)


def seen(name: str, column: str) -> float:
    """Return what is seen in one column of a case."""
    return float(named(name).vector[STANDARD.place(column)])


@pytest.fixture(scope="module")
def model() -> Model:
    """A model that learned nothing of these cases."""
    return train(material(), now=NOW, version="v1", recipe=QUICK, importance=False).model


def test_the_cases_are_the_same_every_time() -> None:
    """
    A gate that draws its questions lets a bad model through on a lucky day.
    """
    first = [case.vector.tobytes() for case in cases()]
    cases.cache_clear()

    assert [case.vector.tobytes() for case in cases()] == first


def test_there_are_attacks_and_oddities_for_either_head() -> None:
    """
    Each is a whole vector, and known where its account signed in from there.
    """
    assert {(case.attack, case.head) for case in cases()} == {
        (True, "guess"), (True, "accept"), (False, "guess"), (False, "accept"),
    }  # fmt: skip
    assert all(case.vector.shape == (len(STANDARD),) and case.vector.dtype == np.float32 for case in cases())
    assert [case.name for case in cases() if case.known] == [
        "an ordinary login",
        "a typo at home",
        "a mail client with yesterday's password",
        "an office in the morning",
        "the owner while a botnet guesses",
    ]


def test_each_attack_is_seen_as_what_it_is() -> None:
    """
    Forty guesses on one account, thirty accounts with one password, fifteen addresses after one account.
    """
    log = np.log1p
    assert seen("a dictionary from one address", "address.failing_tokens_24h") == pytest.approx(log(39), abs=0.05)
    assert seen("a dictionary from one address", "address.failing_users_24h") == pytest.approx(log(1), abs=0.05)
    assert seen("spraying from one address", "address.failing_users_24h") == pytest.approx(log(29), abs=0.05)
    assert seen("spraying from one address", "address.failing_tokens_24h") == pytest.approx(log(1), abs=0.05)
    assert seen("a botnet on one account", "user.failing_addresses_24h") == pytest.approx(
        log(14), abs=0.15
    )  # a typo too
    assert seen("a botnet on one account", "address.failures_24h") == 0.0
    assert seen("enumeration of names", "address.unknown_users_24h") == pytest.approx(log(39), abs=0.05)
    assert seen("a right password among them", "address.failing_users_24h") == pytest.approx(log(40), abs=0.05)


def test_each_oddity_looks_worse_than_an_ordinary_login() -> None:
    """
    Otherwise it would be no case to try a model with.
    """
    assert seen("the owner while a botnet guesses", "user.failing_addresses_24h") > np.log1p(10)
    assert seen("the owner while a botnet guesses", "token.right") == 1.0
    assert seen("a mail client with yesterday's password", "user.failures_1h") > np.log1p(30)
    assert seen("a mail client with yesterday's password", "token.former") == 1.0
    assert seen("a typo at home", "token.new") == 1.0
    assert seen("the first login of a newcomer at the office", "user.successes_7d") == 0.0


def test_an_attack_has_to_be_slowed_and_an_oddity_not_refused(model: Model) -> None:
    """
    Each by the threshold of its head and of where it comes from.
    """
    limits = {
        group: {"refuse": refuse, "challenge": refuse / 2, "delay": refuse / 4}
        for group, refuse in (("known", 0.8), ("novel", 0.4))
    }
    other = {group: {answer: value / 10 for answer, value in answers.items()} for group, answers in limits.items()}

    tried = {each.name: each for each in canned(model.with_thresholds(limits, other))}

    assert tried["a dictionary from one address"].threshold == 0.4 / 4
    assert tried["a right password among them"].threshold == 0.04 / 4
    assert tried["a typo at home"].threshold == 0.8
    assert tried["an ordinary login"].threshold == 0.08
    assert tried["the first login of a newcomer at the office"].threshold == 0.04


def test_scores_are_those_of_the_head_that_is_asked(model: Model) -> None:
    """
    Whether a right password is accepted is another question than whether a wrong one is a guess.
    """
    for case, tried in zip(cases(), canned(model), strict=True):
        guess, accept = model.score_one(case.vector)
        assert tried.score == (guess if case.head == "guess" else accept)
        assert (tried.name, tried.attack) == (case.name, case.attack)


def test_additional_features_are_not_given_in_any_case() -> None:
    """
    A number is then its median, not 0: a model that learned balances around a million would see a wonder in 0.
    """
    catalogue = Catalogue().propose(add_extras({}, {"balance": 1}), now=0.0).catalogue.canonise()
    rows = material()
    samples = rows.samples.copy()
    for place in range(len(samples)):
        packed = pack(add_extras({}, {"balance": 1e6 + place}), catalogue, len)
        samples["slots"][place] = np.frombuffer(packed, np.uint8)

    model = train(
        Material(rows.events, samples), now=NOW, version="v1", recipe=QUICK, catalogue=catalogue, importance=False
    ).model

    extra = Encoding.from_bytes(model.artifact.extras).encode(np.frombuffer(NOT_GIVEN, np.uint8)[None])[0]
    assert extra[0] == pytest.approx(1e6, rel=0.01)
    for case, tried in zip(cases(), canned(model), strict=True):
        assert tried.score in model.score_one(np.concatenate((case.vector, extra)))
