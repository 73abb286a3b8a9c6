# SPDX-License-Identifier: Apache-2.0
"""What operators do about distributed attacks, on the store: see :class:`nacre.campaign_desk.CampaignDesk`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from nacre.campaign.measure import Harm, Measure, State
from nacre.campaign.overview import Overview, overview
from nacre.campaign.picture import Campaign, Picture
from nacre.campaign_desk import Estimate, Rehearsal, Wish
from nacre.checkpoint import Checkpoint
from nacre.config.campaigns import Campaigns
from nacre.drill.space import Spaces
from nacre.errors import CampaignRefused, NetworkRefused
from nacre.forgetting import Forgetting, over
from nacre.identity import Identity
from nacre.rehearsal import rehearse
from nacre.rounds import watch_of
from nacre.store.measures import Standing
from nacre.watching import Shelf
from nacre.wishes import estimated, wanted

MOST_MEASURES = 500
"""Measures in force or proposed, at most."""

Note = Callable[[str, str, str], Awaitable[None]]
Change = Callable[[Standing], Measure]


class Countermeasures:
    """
    Implements :class:`nacre.campaign_desk.CampaignDesk`.

    Args:
        shelf: Where all of it is kept.
        checkpoint: Knows the settings in force, and makes names canonical.
        identity: Makes digests.
        spaces: Opens namespaces for rehearsals.
        note: Adds an entry to the audit log: who, what was done, to what.
        clock: Tells Unix seconds.
        forgetting: Forgets, wherever something is kept.
        follow: Takes the measures over in this process.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        checkpoint: Checkpoint,
        identity: Identity,
        spaces: Spaces,
        note: Note,
        clock: Callable[[], float],
        forgetting: Forgetting,
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        self._measures = shelf.measures
        self._pictures = shelf.pictures
        self._checkpoint = checkpoint
        self._identity = identity
        self.spaces = spaces
        self._note = note
        self._clock = clock
        self._follow = follow
        self._forgetting = forgetting

    # -- what is seen

    async def picture(self) -> Picture:
        """Return the threat, accounts under attack and campaigns, as the watcher saw them last."""
        self._enabled()
        return await self._pictures.picture()

    async def overview(self) -> Overview:
        """Return the same in the terms of Nauthilus, with what the measures in force amount to."""
        now = self._clock()
        picture = await self.picture()
        return overview(picture, [measure for measure in await self.measures() if measure.until > now])

    async def campaign(self, campaign_id: str) -> Campaign:
        """Return a campaign."""
        for campaign in (await self.picture()).campaigns:
            if campaign.id == campaign_id:
                return campaign
        raise CampaignRefused("unknown_campaign", f"no campaign {campaign_id!r} runs, or ran within a day")

    async def request_ids(self, campaign_id: str) -> list[str]:
        """
        Return the request ids of a campaign's recent attempts, the newest first.

        Raises:
            NetworkRefused: ``unknown_campaign``: feedback asks for them.
        """
        kept, settings = await self._pictures.kept(), self._settings()

        def look() -> list[str]:
            members = watch_of(kept.watch, settings, self._identity).members(campaign_id)
            return [seen.request_id for seen in reversed(members) if seen.request_id]

        found = await asyncio.to_thread(look)
        if not found:
            raise NetworkRefused("unknown_campaign", f"no attempts of a campaign {campaign_id!r} are kept")
        return found

    async def measures(self) -> list[Measure]:
        """Return the measures that are in force, proposed, or ended within a day, the newest first."""
        self._enabled()
        found = (await self._measures.read()).measures.values()
        return sorted(found, key=lambda measure: (-measure.since, measure.id))

    # -- measures

    async def estimate(self, wish: Wish) -> Estimate:
        """Return what a measure would do; nothing begins."""
        self._enabled()
        standing = await self._measures.read()
        return await self._estimate(self._wanted(wish, standing, "nobody"), standing)

    async def start(self, wish: Wish, *, who: str) -> Measure:
        """Begin a measure everywhere."""
        self._enabled()
        standing = await self._measures.read()
        harm = await self._affordable(wish, self._wanted(wish, standing, who), standing)

        def begin(standing: Standing) -> Measure:
            if sum(1 for measure in standing.measures.values() if measure.state is not State.ENDED) >= MOST_MEASURES:
                raise CampaignRefused("too_many", f"there are {MOST_MEASURES} measures already; stop some first")
            return msgspec.structs.replace(self._wanted(wish, standing, who), harm=harm)

        return await self._change(begin, who, "start")

    async def confirm(self, measure_id: str, *, who: str) -> Measure:
        """Begin a measure that was proposed."""

        def begin(standing: Standing) -> Measure:
            measure = _find(standing, measure_id)
            if measure.state is not State.PROPOSED:
                raise CampaignRefused("not_proposed", f"measure {measure_id} is {measure.state.value}, not proposed")
            now = self._clock()
            lasts = max(measure.until - measure.since, float(self._settings().measures.duration))
            return msgspec.structs.replace(measure, state=State.ACTIVE, since=now, until=now + lasts, owner=who)

        return await self._change(begin, who, "confirm")

    async def stop(self, measure_id: str, *, who: str) -> Measure:
        """End a measure, or turn down a proposed one."""
        return await self._change(
            lambda standing: over(_open(standing, measure_id), self._clock(), by=who), who, "stop"
        )

    async def extend(self, measure_id: str, seconds: float, *, who: str) -> Measure:
        """Let a measure last longer from now on."""

        def longer(standing: Standing) -> Measure:
            measure = _open(standing, measure_id)
            return msgspec.structs.replace(measure, until=max(measure.until, self._clock() + seconds), owner=who)

        return await self._change(longer, who, "extend")

    # -- forgetting

    async def reset(self, *, who: str) -> int:
        """End all measures and forget all campaigns, everywhere."""
        self._enabled()
        ended = await self._forgetting.everything()
        await self._follow()
        await self._note(who, "campaigns.reset", f"{ended} measures ended")
        return ended

    async def reset_account(self, username: str, *, who: str) -> bool:
        """Forget what is known against an account, and end its measures."""
        self._enabled()
        known = await self.forget_account(username)
        await self._note(who, "campaigns.reset_account", username)
        return known

    async def forget_account(self, username: str) -> bool:
        """Forget an account without a note of its name; tells whether anything was known of it."""
        account = self._canonical(username)
        known = await self._forgetting.account(account, self._identity.account(account))
        await self._follow()
        return known

    # -- rehearsals

    async def simulate(self, username: str, *, addresses: int = 20, country: str = "", who: str) -> Rehearsal:
        """Attack an account in a namespace of its own, from as many addresses, and return what became of it."""
        self._enabled()
        async with self.spaces.open() as space:
            rehearsal = await rehearse(space, username, addresses=addresses, country=country, ends=self._clock())
        key = self._identity.account(self._canonical(username))
        await self._pictures.rehearse(key, msgspec.msgpack.encode(rehearsal))
        await self._note(who, "campaigns.simulate", f"{addresses} addresses")
        return rehearsal

    async def rehearsal(self, username: str) -> Rehearsal | None:
        """Return the last simulated attack on an account, ``None`` if there was none within ten minutes."""
        packed = await self._pictures.rehearsal(self._identity.account(self._canonical(username)))
        return None if packed is None else msgspec.msgpack.decode(packed, type=Rehearsal)

    # -- parts of these

    def _settings(self) -> Campaigns:
        return self._checkpoint.policy.settings.campaigns

    def _canonical(self, username: str) -> str:
        return self._checkpoint.policy.names.canonical(username)

    def _enabled(self) -> None:
        if not self._settings().enabled:
            raise CampaignRefused("disabled", "campaigns are off: campaigns.enabled is false")

    def _wanted(self, wish: Wish, standing: Standing, who: str) -> Measure:
        return wanted(
            wish,
            number=standing.revision + 1,
            who=who,
            now=self._clock(),
            canonical=self._canonical,
            settings=self._settings().measures,
        )

    async def _affordable(self, wish: Wish, measure: Measure, standing: Standing) -> Harm:
        """Return the harm of a measure, if it may last as long as is wanted."""
        found = await self._estimate(measure, standing)
        if wish.seconds > found.affordable and not wish.confirm:
            harm = found.harm
            raise CampaignRefused(
                "over_budget",
                f"it would have met {harm.touched} of {harm.of} good logins, by a careful estimate a share of "
                f"{harm.share:.2g}: within the budget that is left it may last {found.affordable:.0f} s; "
                "confirm it to begin it all the same",
            )
        return found.harm

    async def _estimate(self, measure: Measure, standing: Standing) -> Estimate:
        """Return what a measure would have done, as far as the watcher has kept what it saw."""
        kept, settings = await self._pictures.kept(), self._settings()

        def look() -> Estimate:
            watch = watch_of(kept.watch, settings, self._identity)
            return estimated(measure, watch, standing.measures.values(), settings.measures.budget)

        return await asyncio.to_thread(look)

    async def _change(self, change: Change, who: str, what: str) -> Measure:
        """Change one measure, and again if somebody else was faster."""
        self._enabled()
        while True:
            standing = await self._measures.read()
            measure = change(standing)
            if await self._measures.change(standing, [measure]):
                break
        await self._note(who, f"measures.{what}", f"{measure.id} ({measure.step.value}): {measure.reason}")
        await self._follow()
        return measure


def _find(standing: Standing, measure_id: str) -> Measure:
    measure = standing.measures.get(measure_id)
    if measure is None:
        raise CampaignRefused("unknown_measure", f"there is no measure {measure_id!r}")
    return measure


def _open(standing: Standing, measure_id: str) -> Measure:
    measure = _find(standing, measure_id)
    if measure.state is State.ENDED:
        raise CampaignRefused("ended", f"measure {measure_id} has ended")
    return measure
