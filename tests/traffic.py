# SPDX-License-Identifier: Apache-2.0
"""A tiny site for trainings: people at home, now and then with a typo, and sprayers from elsewhere."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from typing import NamedTuple

import msgspec
from builders import Clock, eventually

from nacre.account import AccountNames
from nacre.attempt import AttemptFields, admit
from nacre.config.tree import BruteForce, NeuralNetwork, Settings
from nacre.decision import Action, Decision
from nacre.features.facts import Digests
from nacre.identity import Identity
from nacre.learning.shipped import shipped_model
from nacre.learning.train import Recipe
from nacre.lookout import Lookout
from nacre.network.gate import Canned, Limits
from nacre.network.model import Model
from nacre.network.plan import Plan, Shape
from nacre.record import Sight
from nacre.replay.profiles import PrivateProfiles
from nacre.scoring import Live, Scoring
from nacre.service import Guard
from nacre.store.keys import Keys
from nacre.store.models import Entry
from nacre.teacher import Teacher
from nacre.training import Cases

DAY = 86_400.0
START = 1_800_000_000.0 // DAY * DAY
"""When the site opened."""
DAYS = 6
AFTER = START + (DAYS + 1) * DAY
"""A day after its last attempt: all that is to be known of it is known."""

Row = tuple[bytes, bytes | None]
"""An event, and its sample if it has one."""


class Try(NamedTuple):
    """One attempt, and what the backend says to it."""

    fields: AttemptFields
    success: bool


def site(start: float = START, *, days: int = DAYS, people: int = 40, sprays: int = 2) -> Iterator[Try]:
    """
    Yield the attempts of some days in the order of time.

    Each of *people* signs in once a day from home, every tenth after a typo; each day some addresses try as many
    accounts with one password each.
    """
    for day in range(days):
        began = start + day * DAY
        for person in range(people):
            time = began + person * 60
            home = {"client_ip": f"198.51.{person}.7", "username": f"person{person}", "user_agent": "Thunderbird/128.0"}
            if (person + day) % 10 == 0:
                yield Try(_fields(home, time - 5, f"typo-{day}-{person}", f"t{day}-{person}"), success=False)
            yield Try(_fields(home, time, f"right-{person}", f"l{day}-{person}"), success=True)
        for spray in range(sprays):
            for target in range(people):
                there = {"client_ip": f"203.0.{day * sprays + spray}.9", "username": f"person{target}"}
                time, word = began + 20_000 + spray * 9_000 + target * 30, f"spray-{day}-{spray}"
                yield Try(_fields(there, time, word, f"a{day}-{spray}-{target}"), success=False)


def _fields(who: dict[str, str], time: float, password: str, request_id: str) -> AttemptFields:
    return msgspec.convert(
        who | {"time": time, "password": password, "request_id": request_id, "protocol": "imap"}, AttemptFields
    )


class _Recorder:
    """Keeps all rows that come."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def put(self, event: bytes, sample: bytes | None) -> None:
        """Keep a row."""
        self.rows.append((event, sample))


@cache
def rows() -> tuple[Row, ...]:
    """Return what the journal has of the site: as the service would write it, with the shipped model looking on."""
    identity, recorder, names = Identity(b"k" * 32), _Recorder(), AccountNames()
    scoring = Scoring(Digests(identity), identity.text)
    scoring.champion = Live.of(shipped(), ours=False)
    profiles = PrivateProfiles(Keys("", identity))
    lookout = Lookout(scoring, profiles=profiles, journal=recorder, identity=identity, settings=NeuralNetwork())
    for one in site():
        request_id = one.fields.request_id or ""
        attempt = admit(one.fields, names=names, identity=identity, now=0.0, request_id=request_id)
        scored = lookout.see(lookout.look(attempt), (), attempt)
        assert scored is not None
        decision = lookout.weigh(Decision(request_id, Action.ALLOW, 0.0, None, (), (), ""), scored, attempt)
        sight = Sight(scored.facts, scored.vector.tobytes(), scored.slots)
        lookout.learn(sight, attempt, decision, accepted=one.success)
    return tuple(recorder.rows)


async def fill(guard: Guard, clock: Clock) -> None:
    """Let the journal of an installation have what the site left, a day later."""
    for event, sample in rows():
        guard.network_parts.shelves.journal.put(event, sample)
    await guard.network_parts.shelves.journal.settle()
    clock.now = AFTER


async def fill_until(guard: Guard, now: float) -> None:
    """Let the journal have what the site left, as if its last day had been yesterday."""
    for event, sample in rows():
        time = struct.pack("<d", struct.unpack_from("<d", event, 8)[0] + now - AFTER)
        moved = [row[:8] + time + row[16:] for row in (event, sample or event)]
        guard.network_parts.shelves.journal.put(moved[0], moved[1] if sample is not None else None)
    await guard.network_parts.shelves.journal.settle()


def quick(settings: NeuralNetwork, *, epochs: int = 0, samples: int = 0) -> Recipe:
    """Return a recipe that takes a second, and a gate that lets through what a few hundred rows can make."""
    assert settings.enabled
    plan = Plan(shape=Shape(hidden=8, nets=1), epochs=min(epochs or 6, 10), batch=64, rate=0.01, least=20)
    limits = Limits(ece=1.0, loss=1.0, established_first=1.0, established_least=1.0)
    return Recipe(plan=plan, rows=samples or 2_000, limits=limits, prior=False)


def easy(_model: Model) -> list[Canned]:
    """Return cases that every model gets right."""
    return [
        Canned(name="an attack", attack=True, score=1.0, threshold=0.5),
        Canned(name="an oddity", attack=False, score=0.0, threshold=0.5),
    ]


@asynccontextmanager
async def teaching(guard: Guard, *, cases: Cases = easy) -> AsyncIterator[Teacher]:
    """Train in this process whatever is asked for."""
    teacher = Teacher(
        guard.network_parts.following,
        guard.network_parts.shelves,
        settings=guard.settings.brute_force.neural_network,
        clock=guard.clock,
        recipe=quick,
        cases=cases,
    )
    running = asyncio.create_task(teacher.run())
    await eventually(guard.network_parts.shelves.state.somebody_trains)
    yield teacher
    teacher.stop()
    await running


async def keep(guard: Guard, model: Model, *, gate: bool | None = True) -> None:
    """Put a model into the registry, as a training would."""
    entry = Entry(version=model.version, created=guard.clock(), gate=gate, reasons=() if gate else ("too weak",))
    assert await guard.network_parts.shelves.models.keep(model, entry, None)


def champion(guard: Guard) -> str:
    """Return the version of the model that a guard uses."""
    live = guard.network_parts.lookout.scoring.champion
    return live.model.version if live is not None else ""


def shipped() -> Model:
    """Return the shipped model."""
    model = shipped_model()
    assert model is not None
    return model


def variant(version: str, *, shift: float = 0.5) -> Model:
    """Return another model: the shipped one, with scores of its own."""
    artifact = shipped().artifact
    head = msgspec.structs.replace(artifact.guess, intercept=artifact.guess.intercept + shift)
    return Model(msgspec.structs.replace(artifact, version=version, guess=head))


def network(**fields: object) -> Settings:
    """Return settings of the network, with rules that never trip."""
    return Settings(brute_force=BruteForce(buckets=(), neural_network=NeuralNetwork(**fields)))  # type: ignore[arg-type]
