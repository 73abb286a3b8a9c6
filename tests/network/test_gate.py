# SPDX-License-Identifier: Apache-2.0
"""Whether a new model may take the place of the one in use."""

from __future__ import annotations

import msgspec
import pytest
from trainings import comparison

from nacre.network.evaluation import AtBudget, Comparison, Evaluation
from nacre.network.gate import FEWEST, Canned, Check, Limits, Verdict, judge

MEASURED = comparison(number=2_000).challenger
LIMITS = Limits()
CASES = (
    Canned(name="a dictionary", attack=True, score=0.9, threshold=0.5),
    Canned(name="a typo at home", attack=False, score=0.1, threshold=0.5),
)
RECALL, HITS, GUESS, ACCEPT, OWNERS, RULES = (
    "Macro recall at 0.1 %", "Hits stopped at 0.1 %", "Calibration error of the guess",
    "Calibration error of the accept", "Refused logins of established", "Macro recall against the rules",
)  # fmt: skip


def figures(
    *, tries: float = 0.8, hits: float | None = 0.7, ece: tuple[float, float] = (0.01, 0.01),
    established: float | None = 1e-4, rows: float = 100.0, pairs: int = 1_000_000,
) -> Evaluation:  # fmt: skip
    """Return an evaluation with the figures given, each the same at every budget."""

    def at_budgets(recall: float) -> tuple[AtBudget, ...]:
        return tuple(
            msgspec.structs.replace(at, rows=rows, recall=recall, macro_recall=recall) for at in MEASURED.tries
        )

    return msgspec.structs.replace(
        MEASURED,
        rows=msgspec.structs.replace(MEASURED.rows, established=pairs),
        tries=at_budgets(tries),
        hits=() if hits is None else at_budgets(hits),
        guess=msgspec.structs.replace(MEASURED.guess, ece=ece[0]),
        accept=msgspec.structs.replace(MEASURED.accept, ece=ece[1]),
        own=msgspec.structs.replace(MEASURED.own, established=established),
    )


def verdict(
    challenger: Evaluation, champion: Evaluation | None = None, *, rules: float = 0.2, cases: tuple[Canned, ...] = CASES
) -> Verdict:
    """Judge a challenger."""
    compared = Comparison(challenger=challenger, champion=champion, rules=figures(tries=rules))
    return judge(compared, cases, LIMITS)


def check(found: Verdict, start: str) -> Check:
    """Return the one condition that begins so."""
    (one,) = (check for check in found.checks if check.sentence.startswith(start))
    return one


def test_a_model_as_good_as_the_one_in_use_may_be_published() -> None:
    """
    Nothing failed, and every condition is told.
    """
    found = verdict(figures(), figures())

    assert found.passed
    assert found.reasons == ()
    assert [each.passed for each in found.checks] == [True] * 10


@pytest.mark.parametrize(
    ("condition", "challenger", "passed"),
    [
        (RECALL, figures(tries=0.79), True),
        (RECALL, figures(tries=0.7899), False),
        (HITS, figures(hits=0.69), True),
        (HITS, figures(hits=0.6899), False),
        (GUESS, figures(ece=(0.03, 0.01)), True),
        (GUESS, figures(ece=(0.0301, 0.01)), False),
        (ACCEPT, figures(ece=(0.01, 0.03)), True),
        (ACCEPT, figures(ece=(0.01, 0.0301)), False),
        (OWNERS, figures(established=1.2e-3), True),
        (OWNERS, figures(established=1.201e-3), False),
    ],
)
def test_each_condition_has_an_edge(condition: str, challenger: Evaluation, *, passed: bool) -> None:
    """
    Against a champion of recall .8, hits .7 and one established pair in a thousand refused.
    """
    found = verdict(challenger, figures(established=1e-3))

    assert check(found, condition).passed is passed
    assert found.passed is passed
    assert all(reason == check(found, reason).sentence for reason in found.reasons)


def test_rounding_decides_nothing() -> None:
    """
    To a computer, .09 is less than .1 - .01.
    """
    assert check(verdict(figures(tries=0.09), figures(tries=0.1), rules=0.01), RECALL).passed


@pytest.mark.parametrize(("established", "passed"), [(1e-4, True), (1.01e-4, False)])
def test_a_champion_that_refuses_no_owner_leaves_a_little_room(established: float, *, passed: bool) -> None:
    """
    A multiple of nothing would allow nothing.
    """
    found = verdict(figures(established=established), figures(established=0.0))

    assert check(found, OWNERS).passed is passed


@pytest.mark.parametrize(("refused", "passed"), [(2, True), (3, False)])
def test_one_or_two_refusals_among_some_thousands_are_chance(refused: int, *, passed: bool) -> None:
    """
    A night is few rows: a better model is not held back by a single one of them.
    """
    found = verdict(figures(established=refused / 9_000, pairs=9_000), figures(established=0.0))

    assert check(found, OWNERS).passed is passed


@pytest.mark.parametrize(("established", "passed"), [(1e-3, True), (1.01e-3, False)])
def test_the_first_model_is_judged_without_a_champion(established: float, *, passed: bool) -> None:
    """
    By the share of established pairs that any model has to keep; recall has only the rules to beat.
    """
    found = verdict(figures(established=established))

    assert found.passed is passed
    assert "without a champion" in check(found, OWNERS).sentence
    assert not any(RECALL in each.sentence or HITS in each.sentence for each in found.checks)


@pytest.mark.parametrize(("tries", "passed"), [(0.81, True), (0.8, False), (0.79, False)])
def test_a_model_has_to_be_better_than_the_rules(tries: float, *, passed: bool) -> None:
    """
    As good is not enough: the rules need no training.
    """
    assert check(verdict(figures(tries=tries), rules=0.8), RULES).passed is passed


def test_a_model_that_is_worse_than_the_rules_at_one_budget_is_held_back() -> None:
    """
    However much better it is at the other.
    """
    ours = figures(tries=0.9)
    strict = msgspec.structs.replace(ours.tries[-1], macro_recall=0.1)

    found = verdict(msgspec.structs.replace(ours, tries=(*ours.tries[:-1], strict)), rules=0.2)

    assert check(found, RULES).passed is False


@pytest.mark.parametrize(("rows", "passed"), [(FEWEST - 0.1, None), (FEWEST, False)])
def test_a_budget_of_fewer_than_ten_rows_is_not_compared_with_the_champion(rows: float, passed: bool | None) -> None:  # noqa: FBT001
    """
    Which of two models catches more there is luck; that it was not compared is said.
    """
    found = verdict(figures(tries=0.5, hits=0.3, rows=rows), figures(rows=rows))

    for condition in (RECALL, HITS):
        assert check(found, condition).passed is passed
        assert ("not measured, as that is 9.9 rows here; it takes 10." in check(found, condition).sentence) == (
            passed is None
        )
    assert found.passed is (passed is None)


def test_what_the_rows_cannot_tell_is_no_reason() -> None:
    """
    No guess was right, and no pair is established.
    """
    found = verdict(figures(hits=None, established=None), figures(hits=None))

    assert found.passed
    assert check(found, HITS).passed is None
    assert check(found, OWNERS).passed is None


@pytest.mark.parametrize(
    ("case", "passed"),
    [
        (Canned(name="x", attack=True, score=0.5, threshold=0.5), True),
        (Canned(name="x", attack=True, score=0.499, threshold=0.5), False),
        (Canned(name="x", attack=False, score=0.499, threshold=0.5), True),
        (Canned(name="x", attack=False, score=0.5, threshold=0.5), False),
        (Canned(name="x", attack=True, score=float("nan"), threshold=0.5), False),
        (Canned(name="x", attack=False, score=float("nan"), threshold=0.5), False),
    ],
)
def test_a_known_case_is_right_on_its_side_of_the_threshold(case: Canned, *, passed: bool) -> None:
    """
    An attack that reaches it, an oddity that stays below; what is not a number is on neither.
    """
    found = verdict(figures(), cases=(*CASES, case))

    assert case.passed is passed
    assert found.passed is passed


def test_a_case_that_went_wrong_is_named_with_its_figures() -> None:
    """
    The operator looks it up.
    """
    wrong = Canned(name="the owner while a botnet guesses", attack=False, score=0.81, threshold=0.7)

    found = verdict(figures(), cases=(*CASES, wrong))

    assert found.reasons == (
        "Innocent oddities left alone: 1 of 2; not the owner while a botnet guesses (0.810, threshold 0.700).",
    )


@pytest.mark.parametrize("left", [CASES[0], CASES[1]])
def test_without_cases_of_either_sort_nothing_is_published(left: Canned) -> None:
    """
    A gate that lost its questions stays shut.
    """
    found = verdict(figures(), cases=(left,))

    assert not found.passed
    assert "there was no case to try" in found.reasons[0]


def test_a_figure_that_is_not_a_number_meets_no_condition() -> None:
    """
    Whatever it is compared with.
    """
    none = float("nan")

    found = verdict(figures(tries=none, hits=none, ece=(none, none), established=none), figures())

    assert [each.passed for each in found.checks] == [False] * 8 + [True] * 2


def test_every_sentence_ends_and_has_figures() -> None:
    """
    They are read on a page, in a terminal and in a log, each by itself.
    """
    found = verdict(figures(tries=0.5, hits=0.3, ece=(0.2, 0.2), established=0.5), figures(), rules=0.7, cases=())

    assert len(found.reasons) == len(found.checks) == 10
    for sentence in found.reasons[:-2]:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert any(letter.isdigit() for letter in sentence.partition(":")[2])
    assert found.reasons[0] == (
        "Macro recall at 0.1 % false positives: 50 %, the champion's 80 %; it may lose 1 point."
    )


def test_a_budget_that_was_not_measured_is_an_error() -> None:
    """
    The gate would otherwise pass what nobody looked at.
    """
    compared = Comparison(challenger=figures(), champion=None, rules=figures())

    with pytest.raises(ValueError, match=r"not measured at a budget of 0\.05"):
        judge(compared, CASES, Limits(budgets=(0.05,)))
