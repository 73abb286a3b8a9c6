# SPDX-License-Identifier: Apache-2.0
"""
What operators do with the network: feedback, training, models, learning mode, features.

Everything that changes something leaves an audit entry and is told to all instances.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from nacre.feedback import Feedback, FeedbackOnMany, Meant
from nacre.network.training_report import TrainingReport


class NetworkStatus(msgspec.Struct, frozen=True, kw_only=True):
    """
    The network as this instance sees it.

    Attributes:
        enabled: Whether there is one at all.
        learning: Whether it only collects and scores, as ``get_learning_mode`` tells.
        set_by_operator: Whether somebody said so; otherwise it acts as soon as it may.
        dry_run: Whether the settings keep it from acting.
        model: Version of the model in use, ``""`` without one.
        ours: Whether that was trained here, rather than shipped.
        previous: Version that a rollback returns to, ``""`` for none.
        challenger: Version of the model that is only looked at, ``""`` for none.
        events, samples: Rows that are kept.
        feedback: Claims in force.
        feedback_new: Claims since the last training.
        logins: Logins towards the experience that a shipped model needs, and how many it takes.
        last_training: Unix seconds, 0 for never.
        job: The training that runs, ``None`` without one.
        drift: Columns whose inputs drifted, with their population stability index, the worst first.
        held: Unix seconds from which it may only challenge, as too many owners would have been refused; 0: it may do
            as set.
        rolled_back: Unix seconds at which it went back to the model in use by itself, 0 if it did not.
        alarms: Rates that rose, ``refusals`` of owners or ``legitimate`` attempts above threshold, with the Unix
            seconds at which that was last seen.
    """

    enabled: bool
    learning: bool
    set_by_operator: bool
    dry_run: bool
    model: str
    ours: bool
    previous: str
    challenger: str
    events: int
    samples: int
    feedback: int
    feedback_new: int
    logins: tuple[int, int]
    last_training: float
    job: Job | None
    drift: dict[str, float]
    held: float = 0.0
    rolled_back: float = 0.0
    alarms: dict[str, float] = {}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """
    One training.

    Attributes:
        id: Names it.
        state: ``waiting``, ``running``, ``published`` (in use now), ``refused`` (by the gate; the model is kept and may
            be published by force), ``failed``, ``cancelled``.
        why: A sentence: what started it; and what went wrong, if something did.
        who: Name of the token or program that asked for it.
        samples, epochs: As asked for; 0 means by the settings.
        asked, began, ended: Unix seconds, 0 for not yet.
        share: How much of it is done, 0-1.
        head, epoch, loss, recall: Progress of the head that is trained; NaN is ``None``.
        model: Version that came out, ``""`` for none.
    """

    id: str
    state: str
    why: str
    who: str
    samples: int
    epochs: int
    asked: float
    began: float = 0.0
    ended: float = 0.0
    share: float = 0.0
    head: str = ""
    epoch: int = 0
    loss: float | None = None
    recall: float | None = None
    model: str = ""


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """
    One model in the registry.

    Attributes:
        version: Its name.
        created: Unix seconds; 0 for the shipped model, which was made with nacre.
        state: ``current``, ``previous``, ``challenger``, ``kept`` or ``shipped``.
        gate: Whether the gate let it pass; ``None`` if it was never asked.
        reasons: What the gate had against it.
        who: Who or what made it.
        recall, hits: On its judged rows at 0.1 % harm; ``None`` if not measured.
        size: Bytes.
    """

    version: str
    created: float
    state: str
    gate: bool | None
    reasons: tuple[str, ...]
    who: str
    recall: float | None
    hits: float | None
    size: int


class FeatureInfo(msgspec.Struct, frozen=True, kw_only=True):
    """
    One column, or one additional feature.

    Attributes:
        name: Its name.
        kind: ``standard``, ``number`` or ``string``.
        encoding: ``one-hot`` or ``embedding`` for texts, else ``""``.
        state: ``standard``, ``proposed`` or ``canonical``.
        text: What a standard column tells, as a phrase.
    """

    name: str
    kind: str
    encoding: str
    state: str
    text: str = ""


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one column did to a score.

    Attributes:
        name: The column.
        value: What it held, before its logarithm; ``None`` if it was not known.
        logit: By how much it moved the logit.
        text: The same in words: "37 accounts failed with this password in an hour".
    """

    name: str
    value: float | None
    logit: float
    text: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why an attempt has its score.

    Attributes:
        request_id: The attempt.
        model: Version that explains it; that which scored it, as long as it is kept.
        head: ``guess`` or ``accept``.
        score: Probability, 0-1.
        base: The score of a median attempt.
        contributions: Heaviest first; their logits and that of *base* add up to the logit of *score* within 2 %.
        flips: The smallest change that would have brought the decision to the other side, in words; or that there is
            none.
    """

    request_id: str
    model: str
    head: str
    score: float
    base: float
    contributions: tuple[Contribution, ...]
    flips: str


class NetworkDesk(Protocol):
    """
    What operators can ask and do.

    All of it raises StoreUnavailable while the store is away, and NetworkRefused, with the code named below, for
    what cannot be done.
    """

    async def status(self) -> NetworkStatus:
        """Return the network as it is."""

    async def learning_mode(self) -> bool:
        """Return whether the network only collects and scores."""

    async def set_learning_mode(self, enabled: bool | None, *, who: str) -> bool:  # noqa: FBT001  the one thing said
        """
        Say whether the network only collects (True), acts (False), or acts as soon as it may (None).

        Returns the state that results.

        Raises:
            NetworkRefused: ``dry_run``: "Cannot change learning mode when Dry-Run is activated in configuration".
        """

    async def give_feedback(
        self, request_id: str, *, is_attack: bool | None, who: str, client_ip: str = "", username: str = ""
    ) -> Feedback:
        """
        Take in what an attempt was; ``None`` withdraws what the same giver said before.

        Raises:
            UnknownRequest: nothing is kept of the attempt, so its features are not known.
            NetworkRefused: ``feedback_mismatch``: client_ip or username are not those of the attempt; ``not_scored``:
                the network did not look at it, for a known block, an exemption or the absence of the store.
        """

    async def give_feedback_on(self, meant: Meant, *, is_attack: bool | None, who: str) -> FeedbackOnMany:
        """
        Take in what the attempts of a block or a campaign were; ``None`` withdraws what was said by naming the same.

        Of a block, that is all that it refused and the failures that filled it, as far as decisions are kept.

        Raises:
            NetworkRefused: ``unknown_block``, ``unknown_campaign``: there is none, or nothing is kept of it;
                ``out_of_range``: its subnet is none.
        """

    async def feedback(self, *, count: int = 100) -> list[Feedback]:
        """Return the newest claims."""

    async def train(self, *, samples: int = 0, epochs: int = 0, who: str, why: str = "asked for") -> Job:
        """
        Ask for a training and return its job; if one waits or runs already, that one.

        Raises:
            NetworkRefused: ``out_of_range``: samples or epochs are out of range.
        """

    async def job(self, job_id: str) -> Job:
        """Return a job; raises NetworkRefused ``unknown_job``."""

    async def wait(self, job_id: str) -> Job:
        """Return a job once it has ended."""

    async def jobs(self, *, count: int = 50) -> list[Job]:
        """Return the newest trainings, newest first; fifty are known."""

    async def cancel(self, job_id: str, *, who: str) -> Job:
        """Ask a training to stop."""

    async def models(self) -> list[ModelInfo]:
        """Return the models that are kept, the newest first."""

    async def report(self, version: str) -> TrainingReport | None:
        """Return the report of a model, ``None`` if it has none; raises NetworkRefused ``unknown_model``."""

    async def publish(self, version: str, *, force: bool, who: str) -> ModelInfo:
        """
        Put a model in use everywhere.

        Raises:
            NetworkRefused: ``unknown_model``: there is none of that version; ``gate_closed``:
                the gate had something against it, and *force* is not given.
        """

    async def rollback(self, *, who: str) -> ModelInfo:
        """Put the previous model in use again; raises NetworkRefused ``unknown_model`` if there is none."""

    async def reset(self, *, who: str) -> NetworkStatus:
        """Go back to the shipped model and the canonical features, and to learning, everywhere."""

    async def features(self) -> list[FeatureInfo]:
        """Return all columns and additional features."""

    async def remove_features(self, names: list[str], *, who: str) -> tuple[list[str], list[str]]:
        """Remove additional features; returns those removed and those unknown.  A canonical one resets the network."""

    async def explain(self, request_id: str, *, head: str = "guess") -> Explanation:
        """
        Say why an attempt has its score.

        Raises:
            UnknownRequest: nothing is kept of it.
            NetworkRefused: ``not_scored``: no model scored it.
        """

    async def erase(self, username: str, *, who: str) -> int:
        """
        Forget a person: rows, feedback, decisions, blocks, counts and profile of an account.

        Returns how many entries there were.  The whole store is gone through; that may take a minute.
        """
