# SPDX-License-Identifier: Apache-2.0
"""
The watch for distributed attacks: it sees every attempt and says what it makes of them.

It is a pure engine: the same sightings give the same picture.  One instance runs it, and a replay runs it
inline; what it knows survives a restart as bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from nacre.campaign import keep
from nacre.campaign.bond import ACCOUNT, ASN, CLIENT, SUBNET, TOKEN, Key
from nacre.campaign.bonds import bound_by
from nacre.campaign.picture import AttackedAccount, Campaign, Picture, Threat
from nacre.campaign.scene import ENOUGH, Scene
from nacre.campaign.sighting import Sighting
from nacre.campaign.surge import WINDOWS, Crossed
from nacre.campaign.telling import named
from nacre.campaign.threat import Evidence, of_campaign, of_failures, settle
from nacre.campaign.trail import Trail
from nacre.config.campaigns import Campaigns

_MOST_ATTACKED, _SHOWN_ATTACKED = 500, 100
_NAMED, _OPENED = 64, 2
"""Hot bonds of which one look finds the campaign, and for how many it searches the past."""

_ORIGINS, _ACCOUNTS = 0.2, 0.7
"""Share of the addresses, and of the accounts, of a suspicion that make it part of a campaign seen there before.
Lists of accounts are alike, since they are lists of the same site's accounts."""

_OUTSTANDING = 4
_LONGEST = 360
"""Minutes of the longest window by which a surge is said to go on."""
_DAY, _QUARTER = 86_400.0, 900
_SOME = 60
"""Minutes of a window that is short beside the week of good logins."""

_PAUSE = 2 * 3600.0
"""Seconds within which a new surge continues one that was over."""


class Watch:
    """
    Watches for attacks from many addresses.

    Args:
        settings: How sensitive it is, and how slowly it calms down.
        key: Secret with which counted values are hashed; the same one after a restart.
    """

    def __init__(self, settings: Campaigns | None = None, *, key: bytes = b"") -> None:
        self.settings = settings or Campaigns()
        self._key = key
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._scene = Scene(self.settings, self._key)
        self._attacked: dict[str, float] = {}
        self._threat = Threat()
        self._assessed = 0.0
        self._shown: dict[str, tuple[object, Campaign]] = {}

    @property
    def alarmed(self) -> bool:
        """Whether something crossed its line, so that it should be assessed at once."""
        return bool(self._scene.bonds.crossed) or self._scene.surge.hot

    def see(self, sighting: Sighting) -> None:
        """Take an attempt; sightings come in about the order of time."""
        self._scene.see(sighting)

    def campaign_of(self, sighting: Sighting) -> str:
        """
        Return the id of the running campaign that an attempt would belong to, before its outcome is known.

        Returns:
            ``""`` for none, always so for an attempt at a known place of its account.
        """
        return self._scene.campaign_of(sighting)

    def members(self, campaign: str) -> Sequence[Sighting]:
        """Return the last attempts of a campaign, at most 2,000, oldest first; none if there is no such campaign."""
        return list(self._scene.roster.members.get(campaign, ()))

    @property
    def good(self) -> Sequence[Sighting]:
        """A sample of the good logins of the last week that belong to no campaign, at most 20,000, oldest first."""
        return self._scene.sample.all()

    def assess(self, now: float, *, signals: bool = True) -> Picture:
        """
        Return what is going on.

        Args:
            now: Unix seconds, by the clock that the sightings go by.
            signals: Whether somebody looks at what came within the windows; to count different ones is work.
        """
        scene = self._scene
        now = max(now, scene.now)
        scene.roll(now)
        opened = 0
        for key in list(scene.bonds.crossed)[:_NAMED]:
            if opened < _OPENED:
                del scene.bonds.crossed[key]
                opened += self._name(key, now)
        crossed = scene.surge.look()
        if crossed is not None and scene.flood is None:
            self._flood(crossed, now)
        self._keep_up(now)
        scene.roster.settle(now)
        if scene.flood is not None:
            scene.flood = scene.roster.find(scene.flood.id)
        accounts = self._accounts(now)
        self._judge(now, scene.signals.failures(_QUARTER))
        return Picture(
            time=now,
            threat=self._threat,
            signals=scene.signals.read() if signals else (),
            accounts=accounts,
            campaigns=self._campaigns(),
        )

    def _name(self, key: Key, now: float) -> bool:
        """Find the campaign of a hot bond or begin one; return whether the past was searched."""
        scene, roster = self._scene, self._scene.roster
        bond = scene.bonds.hot(key, now)
        if bond is None:
            return False
        if key.sort == ACCOUNT and len(self._attacked) < _MOST_ATTACKED:
            self._attacked[key.name] = now
        of, share = (roster.of_account, _ACCOUNTS) if key.sort in (TOKEN, SUBNET) else (roster.of_origin, _ORIGINS)
        trail = roster.find(bond.campaign) or roster.akin(bond.items, of, now, share=share)
        if trail is not None and (trail.loose or trail.surge) and _outstanding(key, len(bond.items), trail):
            trail = None
        lean, flood = key.sort in (CLIENT, ASN), scene.flood
        if trail is None and lean:
            trail = roster.loose(now)
        elif trail is None and flood is not None and not _outstanding(key, len(bond.items), flood):
            trail = flood
        begins = trail is None
        if trail is None:
            trail = roster.open(bond.first, now)
            trail.loose = lean
        bond.campaign = trail.id
        trail.share(named(key, bond))
        if begins or key.sort != ACCOUNT:
            scene.adopt(trail, bound_by(key))
            since = now - _DAY
            scene.adopt(trail, lambda trial: roster.last_seen(trial.origin, roster.of_origin, since) is trail)
            return True
        return False

    def _flood(self, crossed: Crossed, now: float) -> None:
        """Begin the campaign that a surge of strangers is, or resume the one that it continues."""
        scene, roster = self._scene, self._scene.roster
        since = now - 60 * crossed.minutes - 60
        trials = [trial for trial in scene.ring if trial.minute >= 0 and trial.sighting.time >= since]
        trail = (
            roster.akin({trial.origin: None for trial in trials}, roster.of_origin, now, share=_ORIGINS)
            or roster.akin({trial.sighting.account: None for trial in trials}, roster.of_account, now, share=_ACCOUNTS)
            or roster.loose(now)
            or roster.latest(now, _PAUSE)
        )
        if trail is None:
            trail = roster.open(min((trial.sighting.time for trial in trials), default=since), now)
            trail.loose = True
        trail.surge = min(max(crossed.minutes, min(WINDOWS)), _LONGEST)
        trail.lately = trail.lately.over(60.0 * trail.surge, now)
        trail.fresh = scene.surge.fresh_rate()
        trail.active = now
        trail.share(
            f"{crossed.strangers:.0f} strangers within {crossed.minutes} min, where up to {crossed.line:.0f} are usual"
        )
        scene.flood = trail
        # Not since the campaign began: what it resumes may be a week old.  Of some minutes, who is at home may stay.
        scene.sample.doubt(since, least=ENOUGH if crossed.minutes > _SOME else inf)
        scene.adopt(trail, lambda trial: trial.minute >= 0 and trial.sighting.time >= since)

    def _keep_up(self, now: float) -> None:
        """Say of what was found by a surge whether it goes on: strangers that we stop come on ordinary days too."""
        for trail in self._scene.roster.running.values():
            if trail.surge:
                usual = trail.fresh * trail.lately.period if trail.stopped else 0.0
                if self._scene.surge.goes_on(trail.lately.read(now), trail.surge, usual):
                    trail.active = now

    def _accounts(self, now: float) -> tuple[AttackedAccount, ...]:
        bonds = self._scene.bonds
        origins = {account: bonds.origins(account, now) for account in self._attacked}
        self._attacked = {account: since for account, since in self._attacked.items() if origins[account] is not None}
        ranked = sorted(self._attacked, key=lambda account: (-(origins[account] or 0), account))
        shown = (bonds.attacked(account, now) for account in ranked[:_SHOWN_ATTACKED])
        return tuple(each for each in shown if each is not None)

    def _campaigns(self) -> tuple[Campaign, ...]:
        """Return the campaigns as others see them; those that did not change need not be made anew."""
        before, self._shown = self._shown, {}
        for trail in self._scene.roster.all():
            stamp = (
                trail.attempts,
                trail.last,
                trail.ended,
                len(trail.shares),
                len(trail.targets),
                tuple(trail.taken[-1:]),
            )
            known = before.get(trail.id)
            self._shown[trail.id] = known if known is not None and known[0] == stamp else (stamp, trail.picture())
        return tuple(campaign for _, campaign in self._shown.values())

    def _judge(self, now: float, failures: int) -> None:
        scene = self._scene
        evidence = [
            Evidence(of_campaign(trail.per_minute(now), len(trail.taken)), self._reason(trail))
            for trail in scene.roster.running.values()
        ]
        usual = scene.surge.usual()
        weight = of_failures(failures, usual.failures / 4 if usual is not None else None)
        evidence.append(Evidence(weight, f"{failures} failures within 15 min are more than usual"))
        elapsed = now - self._assessed
        self._threat = settle(self._threat.level, elapsed, evidence, half_life=float(self.settings.calm))
        self._assessed = now
        if self._threat.band != "normal":
            scene.surge.raised(now)

    def _reason(self, trail: Trail) -> str:
        taken = f", {len(trail.taken)} accounts probably taken" if trail.taken else ""
        return f"campaign {trail.id} ({trail.kind()}): {trail.attempts} attempts{taken}"

    def forget(self, account: str) -> bool:
        """Forget an account and say whether anything was known of it."""
        scene = self._scene
        known = scene.bonds.forget(account)
        known |= scene.roster.forget(account)
        known |= scene.sample.drop(account)
        known |= self._attacked.pop(account, None) is not None
        kept = [trial for trial in scene.ring if trial.sighting.account != account]
        known |= len(kept) < len(scene.ring)
        scene.ring.clear()
        scene.ring.extend(kept)
        scene.pending.drop(account)
        self._shown = {}
        return known

    def snapshot(self) -> bytes:
        """Return what is known as bytes, at most some MB."""
        return keep.pack(self._scene, self._attacked, self._threat, self._assessed)

    @classmethod
    def restore(cls, data: bytes, settings: Campaigns | None = None, *, key: bytes = b"") -> Watch:
        """
        Return a watch that knows what another one knew.

        Args:
            data: Of :meth:`snapshot`.
            settings: As for a new one.
            key: The same one as before.

        Raises:
            ValueError: *data* is no snapshot, or of another version: begin anew.
        """
        watch = cls(settings, key=key)
        watch._attacked, watch._threat, watch._assessed = keep.unpack(data, watch._scene)
        return watch


def _outstanding(key: Key, items: int, trail: Trail) -> bool:
    """Whether a hot bond binds far more than those of a loose campaign do on average: then it is one of its own."""
    sizes = {ACCOUNT: trail.accounts, TOKEN: trail.tokens, SUBNET: trail.subnets}
    of = sizes.get(key.sort)
    return of is not None and items >= _OUTSTANDING * (1 + trail.attempts / max(of.size(), 1))
