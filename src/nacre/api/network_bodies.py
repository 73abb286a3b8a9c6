# SPDX-License-Identifier: Apache-2.0
"""What travels over HTTP about the network, beside what its desk answers itself."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nacre.api.bodies import Ip
from nacre.attempt import Name, RequestId, Word
from nacre.feedback import Feedback, FeedbackOnMany
from nacre.network_desk import FeatureInfo, Job, ModelInfo, NetworkStatus

Samples = Annotated[int, Meta(ge=1, le=1_000_000, description="Rows to train on at most; the settings, if left out.")]
Epochs = Annotated[int, Meta(ge=1, le=1000, description="Passes over them; the settings, if left out.")]


class BlockMeant(msgspec.Struct, kw_only=True):
    """A block: its subnet, its account, or both for a block of a pair."""

    subnet: Annotated[str, Meta(max_length=64, description="What it refuses, in CIDR notation.")] = ""
    account: Annotated[Name, Meta(description="The account that it refuses.")] = ""
    rule: Annotated[str, Meta(max_length=128, description="Name of its rule; any, if left out.")] = ""


class FeedbackBody(msgspec.Struct, kw_only=True):
    """What an attempt was, as somebody knows it who found out; or all those of a block or a campaign."""

    request_id: Annotated[RequestId | UnsetType, Meta(description="The attempt.")] = UNSET
    block: Annotated[BlockMeant | UnsetType, Meta(description="Instead: what a block refused, and what filled it.")] = (
        UNSET
    )
    campaign: Annotated[
        Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType,
        Meta(description="Instead: the attempts of a campaign, by its id."),
    ] = UNSET
    is_brute_force: Annotated[
        bool | None, Meta(description="Whether it was part of an attack; null withdraws what the same giver said.")
    ]
    client_ip: Annotated[Ip, Meta(description="If given, the attempt has to have come from there.")] = ""
    username: Annotated[Name, Meta(description="If given, the attempt has to have been for this account.")] = ""


class FeedbackEntry(msgspec.Struct, kw_only=True):
    """One claim about an attempt."""

    request_id: str
    is_brute_force: Annotated[bool | None, Meta(description="Whether it was part of an attack; null if withdrawn.")]
    giver: Annotated[str, Meta(description="Who says so.")]
    time: Annotated[float, Meta(description="Unix seconds.")]
    client_ip: Annotated[str, Meta(description="Of the attempt, as long as its decision is kept.")]
    username: Annotated[str, Meta(description="Of the attempt, as long as its decision is kept.")]
    new: Annotated[bool, Meta(description="Whether no training has used it yet.")]

    @classmethod
    def of(cls, claim: Feedback) -> Self:
        """Return a claim as it is told."""
        return cls(
            request_id=claim.request_id,
            is_brute_force=claim.is_attack,
            giver=claim.giver,
            time=claim.time,
            client_ip=claim.client_ip,
            username=claim.username,
            new=claim.new,
        )


class FeedbackNoted(FeedbackEntry, kw_only=True):
    """What was noted; of a block or a campaign, without the fields of one attempt."""

    attempts: Annotated[int, Meta(description="Attempts that it is about.")] = 1
    not_scored: Annotated[int, Meta(description="Attempts left out: the network did not look at them.")] = 0
    beyond: Annotated[int, Meta(description="Attempts left out, as they are more than one claim may be about.")] = 0

    @classmethod
    def of_many(cls, told: FeedbackOnMany) -> FeedbackNoted:
        """Return a claim about several attempts as it is told."""
        return cls(
            request_id="",
            is_brute_force=told.is_attack,
            giver=told.giver,
            time=told.time,
            client_ip="",
            username="",
            new=told.is_attack is not None,
            attempts=told.attempts,
            not_scored=told.not_scored,
            beyond=told.beyond,
        )


class FeedbackPage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many claims."""

    count: Annotated[int, Meta(ge=1, le=10_000)] = 100


class FeedbackList(msgspec.Struct):
    """Claims, the newest first."""

    feedback: list[FeedbackEntry]


class TrainBody(msgspec.Struct, kw_only=True):
    """How to train."""

    samples: Samples | UnsetType = UNSET
    epochs: Epochs | UnsetType = UNSET


class TrainQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """When to answer."""

    wait: Annotated[bool, Meta(description="Answer when the training has ended, instead of at once.")] = False


class JobPage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many trainings."""

    count: Annotated[int, Meta(ge=1, le=50, description="How many at most; the last fifty are known.")] = 50


class JobList(msgspec.Struct):
    """Trainings, the newest first."""

    jobs: list[Job]


class LearningMode(msgspec.Struct, kw_only=True):
    """Whether the network only collects and scores."""

    learning_mode: Annotated[
        bool | None, Meta(description="true: it only collects; false: it acts; null: it acts as soon as it may.")
    ]


class LearningState(msgspec.Struct, kw_only=True):
    """Whether the network only collects and scores, and why."""

    learning_mode: Annotated[bool, Meta(description="Whether it only collects and scores.")]
    set_by_operator: Annotated[bool, Meta(description="Whether somebody said so; otherwise it acts once it may.")]
    dry_run: Annotated[bool, Meta(description="Whether the settings keep it from acting.")]
    enabled: Annotated[bool, Meta(description="Whether there is a network at all.")]

    @classmethod
    def of(cls, status: NetworkStatus) -> LearningState:
        """Return the part of a status that is about learning."""
        return cls(
            learning_mode=status.learning,
            set_by_operator=status.set_by_operator,
            dry_run=status.dry_run,
            enabled=status.enabled,
        )


class ModelList(msgspec.Struct):
    """Models, the newest first."""

    models: list[ModelInfo]


class PublishBody(msgspec.Struct, kw_only=True):
    """Whether the gate has a say."""

    force: Annotated[bool, Meta(description="Publish it even if the gate held it back; the audit log says so.")] = False


class FeatureList(msgspec.Struct):
    """Columns and additional features."""

    features: list[FeatureInfo]


class FeatureNames(msgspec.Struct, kw_only=True):
    """Which additional features, as a list."""

    features: Annotated[list[Word], Meta(max_length=1000)] = []


class FeatureQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which additional features, by name."""

    name: Annotated[list[Word], Meta(max_length=1000, description="An additional feature; may be repeated.")] = []


class FeaturesRemoved(msgspec.Struct):
    """What became of names of features."""

    removed: list[str]
    unknown: Annotated[list[str], Meta(description="Names that no additional feature has.")]


class HeadQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which of the two scores."""

    head: Annotated[Literal["guess", "accept"], Meta(description="The score to explain.")] = "guess"


class AccountName(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose rows."""

    username: Annotated[str, Meta(min_length=1, max_length=512, description="The account, as it is typed.")]


class Erased(msgspec.Struct):
    """What was forgotten."""

    erased: Annotated[int, Meta(description="Rows, claims, keys and blocks that held something of the account.")]
