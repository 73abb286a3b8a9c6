# SPDX-License-Identifier: Apache-2.0
"""
The whole guard, put together: store, keys, policy, check and report, blocks, tolerations.

Only this module knows every part.  Everybody else is handed what they need.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from secrets import token_urlsafe

import msgspec
import structlog

from nacre.attempt import Attempt, AttemptFields, admit, checked
from nacre.campaign_desk import CampaignDesk
from nacre.campaign_parts import CampaignParts
from nacre.checkpoint import Checkpoint
from nacre.config.paths import data_dir as chosen_data_dir
from nacre.config.tree import FailureMode, Settings
from nacre.countermeasures import Countermeasures
from nacre.decide import refuse_known
from nacre.decision import Action, Block, Decision
from nacre.desk import Desk
from nacre.drill.process import DrillProcess
from nacre.drill.run import Drill, Progress, chosen, drill
from nacre.drill.space import Spaces
from nacre.errors import SettingsError, StoreCorrupt, StoreUnavailable
from nacre.features.facts import Digests
from nacre.features.geo import Places
from nacre.features.place import Place
from nacre.hooks.guests import Guests
from nacre.hooks.host import Host
from nacre.identity import Identity
from nacre.inline_watch import InlineWatch
from nacre.learning.shipped import shipped_model
from nacre.lookout import Lookout
from nacre.messenger import messenger
from nacre.network.artifact import ModelRefused
from nacre.network_desk import NetworkDesk
from nacre.network_parts import LearnerProcess, NetworkParts
from nacre.policy import Policy
from nacre.ports import JournalStore, ProfileKeys, ProfileStore
from nacre.record import AT_ONCE, Receipt, Record
from nacre.scoring import Live, Scoring
from nacre.secrets import Secrets
from nacre.spool import Spool
from nacre.store.audit import Audit, Revocations
from nacre.store.blocks import Blocks
from nacre.store.connect import connect
from nacre.store.decisions import Decisions
from nacre.store.embedded import EmbeddedStore
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.observations import Observations
from nacre.store.tolerations import StoredTolerations
from nacre.store.topology import Servers
from nacre.telemetry import DecisionLog, Telemetry
from nacre.upkeep import Upkeep, tell_of_sources
from nacre.watching import Watching

log = structlog.get_logger(__name__)

_CONNECT_PATIENCE = 2.0


class Guard:
    """
    Everything that a process needs to ask and tell about logins.

    Open one with :meth:`open`; its parts are public for those who administer it.

    Attributes:
        checkpoint: Check and report.
        desk: Blocks, tolerations, decisions, audit: what operators work with.
        network: Models, trainings, feedback, features: likewise.
        campaigns: Threat, campaigns and measures: likewise.
        telemetry: The metrics of this process.
        spool: Reports that wait on disk, ``None`` if none may.
        places: Databases of countries and autonomous systems, ``None`` without any.
        secrets: Keys in the data directory.
        hooks: Runs operators' scripts; ``None`` where this process runs none.
    """

    def __init__(
        self,
        settings: Settings,
        servers: Servers,
        secrets: Secrets,
        *,
        spool: bool,
        watch: bool,
        scripts: bool,
        clock: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.secrets = secrets
        self.identity = Identity(secrets.identity_key)
        self.servers = servers
        self.telemetry = Telemetry()
        redis = settings.server.redis
        self._keys = Keys(redis.prefix, self.identity, database=redis.database_number)
        self._news = News(servers, self._keys)
        self._decisions = Decisions(servers, self._keys, settings.decisions)
        blocks = Blocks(servers, self._keys, self._news, clock)
        self.spool = Spool(secrets.data_dir / "spool.sqlite", settings.spool.max_reports) if spool else None
        self.checkpoint = Checkpoint(
            Policy(settings),
            identity=self.identity,
            keys=self._keys,
            subjects=Observations(servers, self._keys, self.identity),
            blocks=blocks,
            decisions=self._decisions,
            spool=self.spool,
        )
        self.desk = Desk(
            self.checkpoint,
            keys=self._keys,
            blocks=blocks,
            tolerations=StoredTolerations(servers, self._keys, self._news),
            revocations=Revocations(servers, self._keys, self._news),
            audit=Audit(servers, self._keys),
            decisions=self._decisions,
            clock=clock,
        )
        self.network_parts = NetworkParts(
            settings.brute_force.neural_network,
            servers,
            keys=self._keys,
            news=self._news,
            identity=self.identity,
            clock=clock,
            make_lookout=self.make_lookout,
            metrics=self.telemetry.network,
        )
        self._learner = LearnerProcess(lambda: self.settings, secrets.data_dir)
        bench = self.network_parts.workbench(self.checkpoint, self.desk, self._decisions, self._learner.start)
        self.network: NetworkDesk = bench
        self._decisions.on_keep = self.network_parts.steadiness.count
        self._use_network()
        self.campaign_parts = CampaignParts(
            lambda: self.settings.campaigns,
            servers,
            keys=self._keys,
            news=self._news,
            identity=self.identity,
            clock=clock,
            place=self._place,
            metrics=self.telemetry.campaigns,
        )
        ours = self._countermeasures()
        self.campaigns: CampaignDesk = ours
        self._spaces = ours.spaces
        bench.others_forget = ours.forget_account
        self.network_parts.hearing.members = ours.request_ids
        self._use_campaigns()
        self._watches = watch
        self._watching: Watching | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.checkpoint.bans.on_block = self._block_began
        self.hooks = self._make_hooks() if scripts else None
        self._guests = Guests(self.hooks) if self.hooks is not None else None
        self._use_scripts()
        self.on_revoked: Callable[[str, float], None] = lambda _token_id, _until: None
        self.decision_log: DecisionLog | None = None
        # An id that begins with a dash would look like an option to the command line.
        self._ids = map(f"{token_urlsafe(8).replace('-', '_')}-{{:x}}".format, itertools.count(1))
        self._upkeep = Upkeep(self)
        self._claimed = False
        self._is_ours = asyncio.Event()

    @classmethod
    def open(
        cls,
        settings: Settings | None = None,
        *,
        data_dir: Path | None = None,
        own_store: bool = True,
        spool: bool = True,
        durable: bool = True,
        watch: bool = True,
        scripts: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> AbstractAsyncContextManager[Guard]:
        """
        Open a guard: connect to its store, or start the embedded one if nobody has.

        Args:
            settings: The tree; its defaults protect sensibly.
            data_dir: Directory of keys, spool and embedded store, instead of the one in the settings.
            own_store: Whether to start the embedded store if it does not run.
            spool: Whether reports wait on disk while the store is away, instead of raising.
            durable: Whether the embedded store keeps what it holds on disk.
            watch: Whether to watch for campaigns here, on this event loop, while no service or other process does.
            scripts: Whether to run operators' scripts.
            clock: Tells Unix seconds.

        Raises:
            SettingsError: keys, files or the store cannot be used as they are.
            StoreUnavailable: the embedded store did not start.
        """
        make = partial(Guard, settings or Settings(), spool=spool, watch=watch, scripts=scripts, clock=clock)
        return _opened(settings or Settings(), data_dir, make, own_store=own_store, durable=durable)

    # -- the two questions

    async def check(self, fields: AttemptFields) -> Decision:
        """
        Say what to do with an attempt, before its password is tested.

        Raises:
            InvalidAttempt: a field cannot be used; names it.
        """
        return await self.check_attempt(self.admit(checked(fields)), self.settings.on_store_failure.python)

    async def report(self, what: str | AttemptFields, *, success: bool, feature: str = "") -> Receipt:
        """
        Tell what became of an attempt: the request id of a check, or the fields of an attempt without one.

        Raises:
            InvalidAttempt: a field cannot be used; names it.
            UnknownRequest: no attempt is kept under this id.
            SpoolFull: the store is away, and so is the room on disk.
        """
        if isinstance(what, str):
            return await self.report_outcome(success=success, request_id=what, feature=feature)
        attempt = self.admit(checked(what))
        return await self.report_outcome(
            success=success, request_id=what.request_id or "", attempt=attempt, feature=feature
        )

    async def attempt(self, fields: AttemptFields, *, success: bool) -> Decision:
        """
        Check and report in one, where the outcome is known first; the decision does not know it.

        Raises:
            InvalidAttempt: a field cannot be used; names it.
            SpoolFull: the store is away, and so is the room on disk.
        """
        return await self.whole_attempt(
            self.admit(checked(fields)), self.settings.on_store_failure.python, success=success
        )

    # -- the same for edges that have an attempt already

    def admit(self, fields: AttemptFields) -> Attempt:
        """Make an attempt of what a caller sent; the password in it goes no further."""
        return admit(
            fields,
            names=self.checkpoint.policy.names,
            identity=self.identity,
            now=self.clock(),
            request_id=fields.request_id or next(self._ids),
        )

    def refuse_at_once(self, fields: AttemptFields) -> Decision | None:
        """Refuse a further attempt of a flood from a blocked address; ``None`` if it has to be looked at."""
        now = self.clock() if fields.time is None else fields.time
        blocks = self.checkpoint.refuse_at_once(fields, now)
        if not blocks:
            return None
        request_id = fields.request_id
        if request_id is None:
            ours = next(self._ids)
            request_id = ours + AT_ONCE + self.identity.seal(ours)
        decision = refuse_known(request_id, blocks)
        self._tell_of(now, fields.client_ip, fields, decision)
        self.telemetry.count_check(decision.action, 0.0)
        return decision

    async def check_attempt(self, attempt: Attempt, failure: FailureMode) -> Decision:
        """Check an attempt, count and log the decision."""
        began = time.perf_counter()
        decision = await self.checkpoint.check(attempt, closed=failure is FailureMode.FAIL_CLOSED)
        if self._guests is not None and decision.action is Action.REFUSE:
            self._guests.decided(attempt, decision)
        self._tell_of(attempt.time, attempt.address, attempt, decision)
        self.telemetry.count_check(decision.action, time.perf_counter() - began)
        self.telemetry.network.count(decision)
        return decision

    async def report_outcome(
        self,
        *,
        success: bool,
        request_id: str,
        attempt: Attempt | None = None,
        feature: str = "",
        at: float | None = None,
    ) -> Receipt:
        """Take a report in and count it."""
        began = time.perf_counter()
        now = self.clock()
        if self._guests is not None and self._guests.awaits:
            count = partial(self.checkpoint.report, now=now, request_id=request_id, attempt=attempt, at=at)
            record = await self._record(request_id, known=attempt is not None)
            receipt = await self._guests.report(count, record, attempt, accepted=success, feature=feature)
        else:
            receipt = await self.checkpoint.report(
                success=success, now=now, request_id=request_id, attempt=attempt, feature=feature, at=at
            )
        self.telemetry.count(self.telemetry.reports, receipt.why)
        self.telemetry.report_times.add(time.perf_counter() - began)
        return receipt

    async def whole_attempt(self, attempt: Attempt, failure: FailureMode, *, success: bool) -> Decision:
        """Check an attempt, and report it right after."""
        decision = await self.check_attempt(attempt, failure)
        await self.report_outcome(success=success, request_id=attempt.request_id, attempt=attempt)
        return decision

    async def _record(self, request_id: str, *, known: bool) -> Record | None:
        """Return what was decided, from memory or, where the attempt is not known otherwise, from the store."""
        record = self._decisions.recent(request_id) if request_id else None
        if record is None and not known and AT_ONCE not in request_id:
            with contextlib.suppress(StoreUnavailable):
                return await self._decisions.find(request_id)
        return record

    def _tell_of(self, now: float, client_ip: str | bytes, who: Attempt | AttemptFields, decision: Decision) -> None:
        telemetry = self.telemetry
        for rule in decision.rules:
            telemetry.count(telemetry.trips, rule)
        if decision.reasons and decision.reasons[-1].code == "store_unavailable":
            telemetry.store_failures.inc()
        if self.decision_log is not None:
            custom = self._guests.line_of(decision.request_id) if self._guests is not None else {}
            self.decision_log.write(now, client_ip, who, decision, custom)

    def _block_began(self, block: Block) -> None:
        self.telemetry.count(self.telemetry.blocks_begun, block.rule)
        log.info("block", rule=block.rule, subject=block.subject, until=block.until)

    def _make_hooks(self) -> Host:
        """Return who runs scripts."""
        from nacre.hooks.modules import Service, modules  # noqa: PLC0415  what modules bring is slow to import

        settings = self.settings
        service = Service(
            settings,
            desk=self.desk,
            network=self.network,
            campaigns=self.campaigns,
            canonical=self._canonical,
            digest=self.identity.password,
            registry=self.telemetry.registry,
            apply_soft_whitelist=self._apply_soft_whitelist,
            socket=EmbeddedStore(self.secrets.data_dir).socket if wants_embedded(settings) else None,
        )
        level, metrics = settings.server.log.level, self.telemetry.hooks
        return Host(settings.lua, modules=modules(service), metrics=metrics, log_level=level, environment=os.environ)

    def _canonical(self, name: str) -> str:
        """Return the account that a user name means by the settings in force."""
        return self.checkpoint.policy.names.canonical(name)

    def _apply_soft_whitelist(self, networks: Mapping[str, Sequence[str]]) -> None:
        """Let scripts say who is never refused from where, until the settings are read again."""
        lists = {user: tuple(entries) for user, entries in networks.items()}
        rules = msgspec.structs.replace(self.settings.brute_force, soft_whitelist=lists)
        settings = msgspec.structs.replace(self.settings, brute_force=rules)
        self.checkpoint.policy = Policy(settings, self.desk.runtime_tolerations)

    def _use_scripts(self) -> None:
        """Let checks and blocks see the scripts."""
        self.checkpoint.guests = self._guests
        if self._guests is not None:
            self.checkpoint.bans.on_ban = self._guests.banned

    def make_lookout(self, profiles: ProfileStore, journal: JournalStore) -> Lookout:
        """Return the network's side of check and report, upon profiles and a journal."""
        settings = self.settings.brute_force.neural_network
        scoring = Scoring(self._digests(), self.identity.text)
        try:
            shipped = shipped_model()
            scoring.champion = Live.of(shipped, ours=False) if shipped is not None else None
        except ModelRefused as error:
            log.error("model_refused", model="shipped", error=str(error))  # noqa: TRY400  the text says it
        return Lookout(scoring, profiles=profiles, journal=journal, identity=self.identity, settings=settings)

    def _digests(self) -> Digests:
        """Return who makes facts of attempts, with the databases of places that the settings name."""
        paths = self.settings.geoip.databases
        self.places = Places(map(Path, paths)) if paths else None
        if self.places is not None:
            tell_of_sources(self.places.sources)
        return Digests(self.identity, self.places.lookup if self.places is not None else None)

    def _use_network(self) -> None:
        """Let checks and reports see the network, if it is on."""
        lookout, settings = self.network_parts.lookout, self.settings.brute_force.neural_network
        lookout.settings = settings
        self.checkpoint.lookout = lookout if settings.enabled else None

    def _use_campaigns(self) -> None:
        """Let checks and reports see measures and tell the watch, if campaigns are on."""
        self.checkpoint.sentry = self.campaign_parts.sentry if self.settings.campaigns.enabled else None
        self.campaign_parts.sentry.scores_count = self._network_acts
        self.campaign_parts.settings_changed()

    def _countermeasures(self) -> Countermeasures:
        """Return what operators do about campaigns."""
        spaces = Spaces(
            lambda: self.settings,
            self.servers,
            identity=self.identity,
            make_lookout=self.make_lookout,
            live=lambda: self.network_parts.lookout,
        )
        return Countermeasures(
            self.campaign_parts.shelf,
            checkpoint=self.checkpoint,
            identity=self.identity,
            spaces=spaces,
            note=self.desk.note,
            clock=self.clock,
            forgetting=self.campaign_parts.forgetting(),
            follow=self.campaign_parts.follow,
        )

    def make_watch(self) -> InlineWatch:
        """Return a watch of a log, which goes by in no time, with the side of campaigns in check and report."""
        campaigns = self.settings.campaigns
        patience = 0.8 * float(campaigns.measures.duration)
        watch = InlineWatch(campaigns, identity=self.identity, place=self._place, patience=patience)
        watch.sentry.scores_count = self._network_acts
        return watch

    def _network_acts(self, now: float) -> bool:
        lookout = self.checkpoint.lookout
        return lookout is not None and not lookout.learns(now)

    def _place(self, attempt: Attempt) -> Place:
        return self.network_parts.lookout.scoring.digests.place(attempt)

    @asynccontextmanager
    async def watching(self, owner: str = "", drills: DrillProcess | None = None) -> AsyncIterator[Watching]:
        """
        Yield who watches for campaigns, and tells of them by the means that are set; somebody has to run it.

        Args:
            owner: Name for the lease; that of the process it replaces.
            drills: Makes drills, as often as the settings say; ``None`` makes none.
        """
        await self._is_ours.wait()  # not a word to a store that may be another installation's
        async with messenger(self.settings.notifications, self.secrets.data_dir, self.clock) as tell:
            watching = self.campaign_parts.watching(owner, tell)
            async with self.campaign_parts.drilling(drills, watching, tell):
                yield watching

    async def _watch(self) -> None:
        async with self.watching() as watching:
            self._watching = watching
            await watching.run()

    async def drill(
        self, attacks: Sequence[str] = (), *, quick: bool = False, progress: Progress | None = None
    ) -> Drill:
        """
        Try attacks in namespaces of their own, and return what was found; see :mod:`nacre.drill.run`.

        Args:
            attacks: Their names, all of them without any.
            quick: Whether to leave out most of what comes after an attack has to be recognised.
            progress: Told how far it is.

        Raises:
            CampaignRefused: ``disabled``: campaigns are off; ``out_of_range``: there is no such attack.
            StoreUnavailable: the store refused or did not answer.
        """
        settings = self.settings.campaigns
        told = progress or (lambda _name, _share: None)
        return await drill(
            self._spaces,
            chosen(attacks),
            settings=settings,
            now=self.clock(),
            clock=time.perf_counter,
            quick=quick,
            progress=told,
        )

    @property
    def profile_keys(self) -> ProfileKeys:
        """Spells the keys of profiles."""
        return self._keys

    # -- life

    def reload(self, settings: Settings) -> None:
        """
        Take new settings over without losing state; what needs a restart stays as it was.

        Raises:
            SettingsError: they cannot be used; the old ones stay in force.
        """
        policy = Policy(settings, self.desk.runtime_tolerations)
        if self.hooks is not None:
            self.hooks.reload(settings.lua)
        moved = settings.geoip != self.settings.geoip
        self.settings, self.checkpoint.policy = settings, policy
        if moved:
            self.network_parts.lookout.scoring.digests = self._digests()
        self._decisions.settings = settings.decisions
        self._use_network()
        self._use_campaigns()

    async def start(self) -> None:
        """
        Connect, restore what the store knows, and keep following it.

        A store that cannot be reached does not keep us from starting: known settings decide until it can.

        Raises:
            SettingsError: the store was written under another identity key.
        """
        try:
            await self.servers.topology.start(_CONNECT_PATIENCE)
            await self.reread()
        except StoreUnavailable as error:
            advice = "checks are answered as on_store_failure says until it is there"
            log.warning("store_unreachable", error=str(error), advice=advice)
        hearers = {
            "block": self.desk.blocks.hear_block,
            "lift": self.desk.blocks.hear_lift,
            "tolerations": lambda _: self._upkeep.later(self.desk.reread_tolerations()),
            "revoked": self._hear_revoked,
            "forgotten": self._decisions.hear_forgotten,
            "network": lambda _: self._upkeep.later(self.network_parts.following.follow()),
            "measures": lambda _: self._upkeep.later(self.campaign_parts.follow()),
        }
        self._news.start(hearers, self.reread)
        self._upkeep.start()
        if self._watches and self.settings.campaigns.enabled:
            self._watcher = asyncio.create_task(self._watch(), name="nacre-watching")
        if self.hooks is not None:
            await self.hooks.start()

    async def stop(self) -> None:
        """Write what is left behind, then let go of the store."""
        if self.hooks is not None:
            await self.hooks.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await self.checkpoint.settle()
                await self.network_parts.stop()
                await self.campaign_parts.settle()
                if self._watcher is not None:
                    if self._watching is not None:
                        self._watching.stop()
                    else:
                        self._watcher.cancel()
                    await asyncio.wait([self._watcher])
        await self._learner.stop()
        await self._news.stop()
        await self._upkeep.stop()
        await self.servers.topology.close()
        if self.spool is not None:
            self.spool.close()
        if self.decision_log is not None:
            self.decision_log.close()

    def store_came_up(self) -> None:
        """Follow up on a new connection: what was decided is told, and what was spooled is replayed."""
        self._decisions.store_is_back()
        self._upkeep.later(self._upkeep.drain())

    async def reread(self) -> None:
        """Read everything anew that other instances may have changed."""
        await self.claim_identity()
        models, measures = self.network_parts.following.follow, self.campaign_parts.follow
        for read in (self.desk.blocks.restore, self.desk.reread_tolerations, self.reread_revoked, models, measures):
            try:
                await read()
            except StoreCorrupt as error:  # one list that is not ours is no reason to go without the others
                log.error("store_corrupt", key=error.key, error=str(error))  # noqa: TRY400  the text says it

    @property
    def store_is_up(self) -> bool:
        """Whether the store can be reached."""
        return self.servers.topology.is_up

    @property
    def spooled(self) -> int:
        """Reports that wait on disk."""
        return len(self.spool) if self.spool is not None else 0

    async def reread_revoked(self) -> None:
        """Say again which tokens hold no more, to whoever asks for it with :attr:`on_revoked`."""
        for token_id, until in (await self.desk.revoked()).items():
            self.on_revoked(token_id, until)

    def _hear_revoked(self, content: bytes) -> None:
        self.on_revoked(*self.desk.read_revocation(content))

    async def claim_identity(self) -> None:
        """
        Make sure, once, that the store was written under our identity key.

        Raises:
            SettingsError: it was written under another one.
            StoreUnavailable: the store refused or did not answer.
        """
        if self._claimed:
            return
        key, ours = self._keys.identity, self.identity.fingerprint().encode()
        await self.servers.run(key, ("SET", key, ours, "NX"))
        if await self.servers.run(key, ("GET", key)) != ours:
            await self.servers.topology.close()  # not a word more to a store that is not ours
            raise SettingsError(
                "the store was written under another identity key; copy secrets/identity.key of the other "
                "instances into this data directory, or choose another server.redis.prefix",
                field="server.redis.prefix",
            )
        self._claimed = True
        self._is_ours.set()


@asynccontextmanager
async def _opened(
    settings: Settings,
    data_dir: Path | None,
    make: Callable[[Servers, Secrets], Guard],
    *,
    own_store: bool,
    durable: bool,
) -> AsyncIterator[Guard]:
    place = data_dir or chosen_data_dir(settings, os.environ)
    secrets = Secrets.open(place)
    embedded = None
    if wants_embedded(settings):
        embedded = EmbeddedStore(place, durable=durable)
        if own_store and not embedded.running_elsewhere():
            await embedded.start()
    guard: Guard | None = None

    def came_up() -> None:
        if guard is not None:
            guard.store_came_up()

    servers = connect(settings.server.redis, socket=embedded.socket if embedded else None, on_up=came_up)
    try:
        guard = make(servers, secrets)
        try:
            await guard.start()
            yield guard
        finally:
            await guard.stop()
    finally:
        if embedded is not None:
            await embedded.stop()


def wants_embedded(settings: Settings) -> bool:
    """Whether the settings name no server, so that the embedded store serves."""
    store = settings.server.redis
    return not (store.master.address or store.sentinels.addresses or store.cluster.addresses)
