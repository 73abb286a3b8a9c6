# SPDX-License-Identifier: Apache-2.0
"""A whole study: people, their days, and those who attack them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evaluation.traffic import feedback
from evaluation.traffic.calendar import Span
from evaluation.traffic.campaigns import campaign, courtship, flood, plan
from evaluation.traffic.feedback import Feedback
from evaluation.traffic.internet import Internet
from evaluation.traffic.logins import ordinary
from evaluation.traffic.machines import machines, outages
from evaluation.traffic.people import People
from evaluation.traffic.places import World
from evaluation.traffic.rows import Rows, join

FULL = 500_000
"""Events of a study of full size, in 14 days."""

_LEAST, _FEWEST = 5_000, 80
"""Events, and users among whom each kind is still to be found."""

_DAILY = 3.3
"""Logins of a user and a day, on average of all kinds: a first guess, which is corrected."""

_DRAFTS = 5
"""How often the number of users is corrected, at most: a few busy mail clients more or less shift a small study."""

_ORDINARY = 0.8
"""Share of users' logins in all, about, if there are attacks."""


class Story(NamedTuple):
    """
    What is to be simulated.

    Attributes:
        seed: Another one draws other providers, people and campaigns.
        events: Logins, about.
        days: How long, 2 or more.
        attacks: ``all``, ``none`` or ``after-TRAIN``.
        clients: ``own``: about half of the campaigns send the strings of tools; ``customers``: none does.
        lies: False claims of "that was me" in the feedback, prepared by days of right logins to own accounts.
        flood: Whether a flood washes over the last days of training.
    """

    seed: int = 1
    events: int = FULL
    days: int = 14
    attacks: str = "all"
    clients: str = "own"
    lies: int = 0
    flood: bool = False


class Study(NamedTuple):
    """
    A simulated study.

    Attributes:
        rows: All logins in the order of time.
        world: Where they happened.
        told: Feedback in the order in which it becomes known.
    """

    rows: Rows
    world: World
    told: list[Feedback]


def simulate(story: Story) -> Study:
    """Return the logins of a story; the same for the same story."""
    if story.days < 2 or story.events < _LEAST:
        raise ValueError(f"a study has 2 days and {_LEAST} events or more, not {story.days} and {story.events}")
    scale = story.events / FULL
    world, legitimate = _peopled(story)
    planned = plan(world, story.attacks)
    attacks = join([campaign(world, each, scale, as_customers=story.clients == "customers") for each in planned])
    parts = [attacks, legitimate]
    if story.lies or story.flood:
        parts.append(courtship(world, attacks, scale))
    if story.flood:
        parts.append(flood(world, scale))
    rows = join(parts)
    rows = rows[(rows["ts"] >= world.people.span.start) & (rows["ts"] < world.people.span.end)]
    for begin, end in outages(world):
        rows = rows[(rows["ts"] < begin) | (rows["ts"] >= end)]
    rows = rows[np.argsort(rows["ts"], kind="stable")]
    rows["ts"] = np.round(rows["ts"], 3)
    _answer(world.people, rows)
    told = feedback.feedback(rows, story.seed) + feedback.lies(rows, story.seed, world.people.span, story.lies)
    return Study(rows, world, sorted(told, key=lambda each: (each.available_at, each.row)))


def _peopled(story: Story) -> tuple[World, Rows]:
    """Return a world and what its users do: about the events that the attacks leave over."""
    wanted = story.events * (1.0 if story.attacks == "none" else _ORDINARY)
    size = wanted / _DAILY / story.days
    drafts = []
    for _ in range(_DRAFTS):
        drafts.append(_days(story, size))
        made = len(drafts[-1][1])
        if abs(made - wanted) < 0.03 * wanted:
            break
        size *= wanted / made
    return min(drafts, key=lambda draft: abs(len(draft[1]) - wanted))


def _days(story: Story, size: float) -> tuple[World, Rows]:
    span = Span.draw(np.random.default_rng([story.seed, 0]), story.days)
    world = World(People(Internet(story.seed), span, max(round(size), _FEWEST), story.seed))
    rng = np.random.default_rng([story.seed, 4])
    return world, join([ordinary(world, rng), machines(world, rng)])


def _answer(people: People, rows: Rows) -> None:
    """Let the backend answer: the right password is accepted, and an invented name may be somebody's."""
    account_of = {name: account for account, name in enumerate(people.names[: people.known])}
    invented = [account_of.get(name, people.known + place) for place, name in enumerate(people.names[people.known :])]
    owner = np.array([*range(people.known), *invented])
    rows["account"] = owner[rows["account"]]
    exists = rows["account"] < people.known
    account = np.where(exists, rows["account"], 0)
    rows["success"] = exists & (people.right(account, rows["ts"]) == rows["token"])
