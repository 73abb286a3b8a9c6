# SPDX-License-Identifier: Apache-2.0
"""A training from beginning to end."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from learning.material import NOW, QUICK, guesses, material, trained
from numpy.typing import NDArray

from nacre.features.columns import STANDARD
from nacre.learning.claims import Claim
from nacre.learning.journal import DAY, Material
from nacre.learning.limits import RECENT
from nacre.learning.summary import UNTOLD
from nacre.learning.train import TooFewRows, TooFewSamples, train
from nacre.network.gate import Canned, Check
from nacre.network.model import Model
from nacre.network.plan import Cancelled, Progress

KEY = b"a key that only tests have"


def test_attacks_score_higher_than_owners_afterwards() -> None:
    """
    By either head: the original had it the wrong way round, and nobody noticed.
    """
    rows = material()

    guess, accept = trained(rows).model.score(np.ascontiguousarray(rows.samples["vector"]))

    strangers = guesses(rows.samples)
    for scores in (guess, accept):
        assert np.quantile(scores[strangers], 0.1) > 0.8
        assert np.quantile(scores[~strangers], 0.9) < 0.1


def test_a_model_says_where_it_comes_from() -> None:
    """
    Version, time, columns, what each head sees, and a digest of the rows.
    """
    artifact = trained(material()).model.artifact

    assert (artifact.version, artifact.created, artifact.columns) == ("v1", NOW, STANDARD.names)
    assert artifact.schema == STANDARD.digest
    assert artifact.guess.columns == tuple(STANDARD.guess.tolist())
    assert artifact.accept.columns == tuple(STANDARD.accept.tolist())
    assert artifact.provenance["seed"] == 0
    assert artifact.provenance["snapshot"] != trained(material(seed=1)).model.artifact.provenance["snapshot"]


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    """
    Another seed another model.
    """
    other = msgspec.structs.replace(QUICK, plan=msgspec.structs.replace(QUICK.plan, seed=1))

    first, again, seeded = (trained(material(), recipe=recipe).model.to_bytes(KEY) for recipe in (QUICK, QUICK, other))

    assert first == again != seeded


def test_nothing_that_came_later_is_used() -> None:
    """
    Neither rows nor feedback: a replay must not know its future.
    """
    now = NOW - 4 * DAY
    rows = material()
    early = Material(rows.events[rows.events["time"] <= now], rows.samples[rows.samples["time"] <= now])
    late = Claim(int(rows.events["id"][0]), is_attack=True, giver="erika", time=now + 1)

    with_future, without = trained(rows, now=now, claims=(late,)), trained(early, now=now)

    assert with_future.model.to_bytes(KEY) == without.model.to_bytes(KEY)
    assert with_future.claims.later == 1


def test_a_sample_without_its_event_is_left_out() -> None:
    """
    A person was forgotten, and the label went with the event.
    """
    rows = material()
    forgotten = Material(rows.events[::2], rows.samples)

    assert (
        trained(forgotten).model.artifact.provenance["snapshot"]
        == trained(Material(rows.events[::2], rows.samples[::2])).model.artifact.provenance["snapshot"]
    )


def test_the_trial_is_judged_on_rows_that_it_never_saw() -> None:
    """
    The newest fifth of the time.
    """
    report = trained(material()).report

    assert report is not None
    learned, judged = report.parts
    assert learned.ended < judged.began
    assert judged.ended - judged.began <= 0.2 * (judged.ended - learned.began)
    assert report.compared.challenger.tries[0].recall > 0.9


def test_a_champion_is_judged_on_what_neither_has_seen() -> None:
    """
    The champion of the day before yesterday learned from most of the newest fifth: only what is newer counts.
    """
    rows = material()
    champion = trained(rows, now=NOW - 2.5 * DAY, version="v0").model

    report = trained(rows, champion=champion).report

    assert report is not None
    assert report.champion == "v0"
    assert report.parts[1].began > champion.artifact.created
    assert report.compared.champion is not None


def test_a_champion_of_today_leaves_the_newest_fifth_to_judge_on() -> None:
    """
    Nothing is newer than it, and it has seen the answers: the same model, trained again, would be found worse.
    """
    rows = material()
    champion = trained(rows, version="v0").model

    report = trained(rows, champion=champion).report

    assert report is not None
    assert report.parts[1].began < champion.artifact.created
    assert (report.champion, report.compared.champion) == ("v0", None)
    assert Check(None, UNTOLD) in report.verdict.checks
    assert not any("champion's" in reason for reason in report.verdict.reasons)


def test_without_attacks_among_the_newest_rows_there_is_a_model_and_no_report() -> None:
    """
    It learns from what there is; nobody can say how good it is, and so no gate opens.
    """
    rows = material()
    quiet = ~guesses(rows.events) | (rows.events["time"] < NOW - 5 * DAY)

    model, report, _ = trained(Material(rows.events[quiet], rows.samples[quiet]))

    assert report is None
    assert set(model.artifact.guess.thresholds) == {"known", "novel"}


@pytest.mark.parametrize("wrong", ["attacks", "legitimate", "all"])
def test_too_little_to_learn_from_is_refused_with_what_is_missing(wrong: str) -> None:
    """
    One class alone, or nothing at all.
    """
    rows = material()
    strangers = guesses(rows.events)
    kept = {"attacks": ~strangers, "legitimate": strangers, "all": strangers & ~strangers}[wrong]

    with pytest.raises(TooFewSamples, match="missing"):
        trained(Material(rows.events[kept], rows.samples[kept]))


def test_fewer_rows_than_the_plan_demands_are_refused_too() -> None:
    """
    It says how many more of which kind.
    """
    strict = msgspec.structs.replace(QUICK, plan=msgspec.structs.replace(QUICK.plan, least=5_000))

    with pytest.raises(TooFewRows, match="more"):
        trained(material(), recipe=strict)


def test_progress_runs_once_from_nothing_to_all() -> None:
    """
    Through both trainings; who watches sees one bar.
    """
    told: list[Progress] = []

    train(material(), now=NOW, version="v1", recipe=QUICK, on_progress=told.append, importance=False)

    shares = [each.share for each in told]
    assert shares == sorted(shares)
    assert 0.0 < shares[0] < 0.2
    assert shares[-1] == 1.0
    assert {each.head for each in told} == {"guess", "accept"}


def test_a_training_that_nobody_wants_any_more_ends() -> None:
    """
    In the middle of it.
    """
    asked = iter([False, False, True])

    with pytest.raises(Cancelled):
        train(material(), now=NOW, version="v1", recipe=QUICK, cancelled=lambda: next(asked, True), importance=False)


def test_the_gate_hears_of_the_cases_that_every_model_has_to_get_right() -> None:
    """
    One that the model gets wrong closes it.
    """
    tried: list[Model] = []

    def canned(model: Model) -> list[Canned]:
        tried.append(model)
        return [
            Canned(name="a dictionary", attack=True, score=0.9, threshold=0.5),
            Canned(name="a typo", attack=False, score=0.9, threshold=0.5),
        ]

    model, report, _ = train(material(), now=NOW, version="v1", recipe=QUICK, canned=canned, importance=False)

    assert tried == [model]
    assert report is not None
    assert not report.verdict.passed
    assert any("a typo" in reason for reason in report.verdict.reasons)


def test_rows_that_had_to_be_told_apart_by_feedback_count_it() -> None:
    """
    What became of each claim is told.
    """
    rows = material()
    unknown = Claim(2**63, is_attack=True, giver="max", time=NOW - DAY)
    agrees = Claim(int(rows.events["id"][guesses(rows.events)][0]), is_attack=True, giver="max", time=NOW - DAY)

    counted = trained(rows, claims=(unknown, agrees)).claims

    assert (counted.used, counted.unknown) == (1, 1)


def test_thresholds_come_from_recent_days_alone() -> None:
    """
    Served scores that are older than four days move nothing; those of the days before the trial's do.
    """
    rows = material()

    def scored(chosen: NDArray[np.bool_]) -> float:
        samples = rows.samples.copy()
        samples["score"][chosen], samples["accept"][chosen] = 0.9, 0.9
        return trained(Material(rows.events, samples)).model.artifact.guess.thresholds["known"]["refuse"]

    times = rows.samples["time"]
    recent = times >= NOW - RECENT

    assert scored(~recent) == trained(rows).model.artifact.guess.thresholds["known"]["refuse"]
    assert scored(recent) > 0.9


def test_thresholds_for_the_newest_rows_come_from_the_trial() -> None:
    """
    Whatever served them: the new model is none of those, and the trial had not seen them either.
    """
    rows = material()
    samples = rows.samples.copy()
    newest = samples["time"] > samples["time"][-1] - 0.2 * (samples["time"][-1] - samples["time"][0])
    samples["score"][newest], samples["accept"][newest] = 0.99, 0.99

    thresholds = trained(Material(rows.events, samples)).model.artifact.guess.thresholds

    assert thresholds == trained(rows).model.artifact.guess.thresholds
    assert thresholds["known"]["refuse"] < 0.9
