# SPDX-License-Identifier: Apache-2.0
"""What operators do with the network, on the store: see :class:`nacre.network_desk.NetworkDesk`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from nacre.checkpoint import Checkpoint
from nacre.config.tree import NetworkPolicy, NeuralNetwork
from nacre.decision import Action
from nacre.errors import NetworkRefused, UnknownRequest
from nacre.feedback import Feedback, FeedbackOnMany, Meant
from nacre.following import Following
from nacre.hearing import Hearing
from nacre.jobs import Jobs
from nacre.network.model import ACCEPT, GUESS
from nacre.network.training_report import TrainingReport
from nacre.network_desk import Explanation, FeatureInfo, Job, ModelInfo, NetworkStatus
from nacre.network_metrics import RATES
from nacre.registry import Registry
from nacre.scoring import COLD_LOGINS
from nacre.shelves import Shelves
from nacre.store.people import People
from nacre.weigh import limits_of_sum
from nacre.words import described, explain

DRY_RUN = "Cannot change learning mode when Dry-Run is activated in configuration"
SAID = {None: "withdrawn", True: "attack", False: "no attack"}

Note = Callable[[str, str, str], Awaitable[None]]
Forget = Callable[[str], Awaitable[object]]


class Workbench:
    """
    Implements :class:`nacre.network_desk.NetworkDesk`.

    Args:
        following: What this process knows.
        shelves: Where all of it is kept.
        checkpoint: Knows the settings in force, and makes names canonical.
        hearing: Takes feedback in.
        people: Forgets accounts.
        note: Adds an entry to the audit log: who, what was done, to what.
        clock: Tells Unix seconds.
        start_learner: Starts a process that trains, where none does.

    Attributes:
        others_forget: Forgets an account wherever else something is kept of it.
    """

    def __init__(
        self,
        following: Following,
        shelves: Shelves,
        *,
        checkpoint: Checkpoint,
        hearing: Hearing,
        people: People,
        note: Note,
        clock: Callable[[], float],
        start_learner: Callable[[], Awaitable[None]],
    ) -> None:
        self.following = following
        self.shelves = shelves
        self._state = shelves.state
        self._checkpoint = checkpoint
        self._people = people
        self._registry = Registry(following, shelves, clock)
        self._hearing = hearing
        self._note = note
        self._clock = clock
        self._jobs = Jobs(shelves.state, clock, start_learner)
        self.others_forget: Forget | None = None

    @property
    def _settings(self) -> NeuralNetwork:
        return self._checkpoint.policy.settings.brute_force.neural_network

    # -- state

    async def status(self) -> NetworkStatus:
        """Return the network as it is."""
        settings, scoring = self._settings, self.following.scoring
        await self.following.follow()
        known, live = self.following.known, scoring.champion
        held = await self.shelves.journal.held()
        return NetworkStatus(
            enabled=settings.enabled,
            learning=self._learns(),
            set_by_operator=bool(known.learning),
            dry_run=settings.dry_run,
            model=live.model.version if live is not None else "",
            ours=live is not None and live.ours,
            previous=known.previous,
            challenger=scoring.challenger.model.version if scoring.challenger is not None else "",
            events=held.events,
            samples=held.samples,
            feedback=await self.shelves.claims.count(),
            feedback_new=await self.shelves.claims.count(after=known.used),
            logins=(min(scoring.mode.successes, COLD_LOGINS), COLD_LOGINS),
            last_training=known.trained,
            job=await self._jobs.open_one(),
            drift=msgspec.json.decode(known.drift, type=dict[str, float]) if known.drift else {},
            held=known.held,
            rolled_back=known.rolled,
            alarms={rate: at for rate in RATES if (at := getattr(known, f"risen_{rate}"))},
        )

    async def learning_mode(self) -> bool:
        """Return whether the network only collects and scores."""
        self._enabled()
        await self.following.follow()
        return self._learns()

    async def set_learning_mode(self, enabled: bool | None, *, who: str) -> bool:  # noqa: FBT001  the name of the question
        """Say whether the network only collects, acts, or acts as soon as it may."""
        self._enabled()
        if self._settings.dry_run:
            raise NetworkRefused("dry_run", DRY_RUN)
        said = {"learning": "" if enabled is None else int(enabled)}
        await self._state.change({**said, "held": "", "released": self._clock()})
        await self._note(who, "network.learning_mode", {None: "as soon as it may", True: "on", False: "off"}[enabled])
        return await self.learning_mode()

    def _learns(self) -> bool:
        lookout = self._checkpoint.lookout
        return lookout is None or lookout.learns(self._clock())

    def _enabled(self) -> None:
        if not self._settings.enabled:
            raise NetworkRefused("disabled", "the network is off: brute_force.neural_network.enabled is false")

    # -- feedback

    async def give_feedback(
        self, request_id: str, *, is_attack: bool | None, who: str, client_ip: str = "", username: str = ""
    ) -> Feedback:
        """Take in what an attempt was; ``None`` withdraws what the same giver said before."""
        self._enabled()
        told = await self._hearing.give(
            request_id, is_attack=is_attack, who=who, client_ip=client_ip, username=username
        )  # fmt: skip
        await self._note(who, "network.feedback", f"{request_id}: {SAID[is_attack]}")
        return told

    async def give_feedback_on(self, meant: Meant, *, is_attack: bool | None, who: str) -> FeedbackOnMany:
        """Take in what the attempts of a block or a campaign were; ``None`` withdraws what was said of the same."""
        self._enabled()
        told = await self._hearing.give_on(meant, is_attack=is_attack, who=who)
        kind = "campaign" if meant.campaign else "block"
        await self._note(who, "network.feedback", f"{told.attempts} attempts of a {kind}: {SAID[is_attack]}")
        return told

    async def feedback(self, *, count: int = 100) -> list[Feedback]:
        """Return the newest claims."""
        self._enabled()
        return await self._hearing.newest(count)

    async def erase(self, username: str, *, who: str) -> int:
        """Forget a person, all that is kept of an account; returns how many entries there were."""
        account_key, user = self._hearing.digests(username)
        lookout = self._checkpoint.lookout
        await self._checkpoint.settle()
        if lookout is not None:
            await lookout.profiles.settle()
        gone = await self._people.forget(account_key, user) + await self._hearing.erase(username)
        if self.others_forget is not None:
            await self.others_forget(username)
        await self._note(who, "network.erase", f"{gone} entries of one account")
        return gone

    # -- trainings

    async def train(self, *, samples: int = 0, epochs: int = 0, who: str, why: str = "asked for") -> Job:
        """Ask for a training and return its job; if one waits or runs already, that one."""
        self._enabled()
        job, new = await self._jobs.ask(samples=samples, epochs=epochs, who=who, why=why)
        if new:
            await self._note(who, "network.train", f"job {job.id}, samples {samples}, epochs {epochs}")
        return job

    async def job(self, job_id: str) -> Job:
        """Return a job."""
        return await self._jobs.find(job_id)

    async def wait(self, job_id: str) -> Job:
        """Return a job once it has ended."""
        job = await self._jobs.wait(job_id)
        await self.following.follow()
        return job

    async def jobs(self, *, count: int = 50) -> list[Job]:
        """Return the newest trainings, newest first."""
        self._enabled()
        return await self._jobs.newest(count)

    async def cancel(self, job_id: str, *, who: str) -> Job:
        """Ask a training to stop."""
        if await self._jobs.cancel(job_id):
            await self._note(who, "network.cancel", f"job {job_id}")
        return await self._jobs.find(job_id)

    # -- models

    async def models(self) -> list[ModelInfo]:
        """Return the models that are kept, the newest first."""
        self._enabled()
        return await self._registry.models()

    async def report(self, version: str) -> TrainingReport | None:
        """Return the report of a model, ``None`` if it has none."""
        self._enabled()
        return await self._registry.report(version)

    async def publish(self, version: str, *, force: bool, who: str) -> ModelInfo:
        """Put a model in use everywhere."""
        self._enabled()
        used = await self._registry.publish(version, force=force)
        await self._note(who, "network.publish", f"{version}{', by force' if force else ''}")
        return used

    async def rollback(self, *, who: str) -> ModelInfo:
        """Put the previous model in use again."""
        self._enabled()
        used = await self._registry.rollback()
        await self._note(who, "network.rollback", used.version)
        return used

    async def reset(self, *, who: str) -> NetworkStatus:
        """Go back to the shipped model and the canonical features, and to learning, everywhere."""
        self._enabled()
        before = await self._registry.reset()
        await self._note(who, "network.reset", before)
        return await self.status()

    # -- features

    async def features(self) -> list[FeatureInfo]:
        """Return all columns and additional features."""
        self._enabled()
        return described((await self._state.read()).features)

    async def remove_features(self, names: list[str], *, who: str) -> tuple[list[str], list[str]]:
        """Remove additional features; returns those removed and those unknown."""
        self._enabled()
        removal = await self._registry.remove_features(names)
        text = ", ".join(removal.removed) + (", and the network was reset" if removal.resets else "")
        await self._note(who, "network.remove_features", text or "nothing")
        return list(removal.removed), list(removal.unknown)

    # -- attempts and people

    async def explain(self, request_id: str, *, head: str = GUESS) -> Explanation:
        """Say why an attempt has its score."""
        self._enabled()
        record = await self._hearing.find(request_id)
        if record is None:
            raise UnknownRequest(request_id)
        decision = record.decision
        if record.sight is None or decision.score is None:
            raise NetworkRefused("not_scored", "no model scored the attempt")
        live = await self.following.find(decision.model)
        served = decision.score_accept if head == ACCEPT else decision.score
        if live is None:
            live, served = self.following.scoring.champion, None
        if live is None:
            raise NetworkRefused("not_scored", "the model that scored it is not kept, and there is no other one")
        limits = None
        if self._settings.policy is NetworkPolicy.WEIGHTED:  # which looks at one of the scores
            refuse = decision.rules_alone is Action.REFUSE
            limits = {} if head == ACCEPT else limits_of_sum(self._settings, rules_refuse=refuse)
        return explain(request_id, record.sight, live, head, score=served, limits=limits)
