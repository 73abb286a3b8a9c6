# SPDX-License-Identifier: Apache-2.0
"""
Which measures should begin, last longer, end or be proposed, given what the watch sees.

The same picture twice changes nothing: what stands is looked at first.  No measure of a plan refuses an attempt on an
account from where its owner signed in before, and what begins without being asked for stays within the budget of harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from nacre.address import Subnet
from nacre.campaign.answers import HOLD, RECENT, answer, left_open, narrow
from nacre.campaign.ledger import Changes, Ledger
from nacre.campaign.measure import OURS, Measure, Scope, State, Step
from nacre.campaign.memory import Memory
from nacre.campaign.pace import beyond
from nacre.campaign.picture import Campaign, Picture
from nacre.campaign.prefixes import HOST
from nacre.campaign.sighting import Mark, Sighting
from nacre.config.campaigns import Measures

Members = Callable[[str], Sequence[Sighting]]
"""Recent attempts of a campaign, by its id, in the order of time."""

MOST_CAMPAIGNS = 20
"""Campaigns that are answered at a time, the largest first."""

MOST_ACCOUNTS, MOST_LIMITED = 1000, 1000
"""Accounts that are challenged, and addresses with a limit of their own, for no one campaign."""

_HOME, _RIGHT = Mark.HOME.value, Mark.RIGHT.value

SEVERE, HIGH, RAISED = frozenset({"severe"}), frozenset({"severe", "high"}), frozenset({"severe", "high", "moderate"})

_BY_BAND = (
    (Step.MONITOR, Scope(), RAISED),
    (Step.RATE_LIMIT, Scope(new_sources=True), SEVERE),
    (Step.THRESHOLD, Scope(), SEVERE),
)


def plan(
    picture: Picture,
    members: Members,
    good: Sequence[Sighting],
    measures: Iterable[Measure],
    settings: Measures,
    now: float,
    *,
    memory: Memory | None = None,
) -> Changes:
    """
    Return what should change.

    Args:
        picture: What the watch sees.
        members: Recent attempts of each campaign.
        good: Recent good logins, in the order of time.
        measures: The active and the proposed ones, and those that ended within a day: they count against the budget.
        settings: ``campaigns.measures``.
        now: Unix seconds.
        memory: What the rounds before this one left.

    >>> plan(Picture(), lambda campaign: (), (), (), Measures(), now=0.0)
    Changes(begin=(), extend=(), end=(), propose=())
    """
    ledger = Ledger(measures, good, settings, now, memory=memory)
    running = {each.id: each for each in picture.campaigns if not each.ended}
    for measure in [*ledger.active, *ledger.proposed]:
        if measure.until <= now or _is_over(measure, picture, running):
            ledger.end(measure)
        elif ledger.may_extend(measure) and _goes_on(measure, picture, running, ledger):
            campaign = running.get(measure.campaign)
            if campaign is None or not narrow(ledger, campaign, members(campaign.id), measure):
                ledger.extend(measure)
    band = picture.threat.band
    largest = sorted(running.values(), key=lambda each: (-each.attempts, each.id))[:MOST_CAMPAIGNS]
    attacks = [(each, members(each.id)) for each in largest if now - each.last <= float(settings.duration)]
    for campaign, seen in attacks:
        answer(ledger, campaign, seen, severe=band in SEVERE)
    _stand_by(ledger, picture, [each for _, seen in attacks for each in seen[-RECENT:]])
    if band in HIGH:
        _limit(ledger, [each for _, seen in attacks for each in seen])
    return ledger.changes


def _is_over(measure: Measure, picture: Picture, running: dict[str, Campaign]) -> bool:
    """Whether what a measure was for is over; what an operator began for no campaign is for the operator to end."""
    automatic = measure.owner == OURS or measure.state is State.PROPOSED
    if measure.campaign:
        known = any(each.id == measure.campaign for each in picture.campaigns)
        return measure.campaign not in running and (known or automatic)
    return automatic and picture.threat.band not in RAISED


def _goes_on(measure: Measure, picture: Picture, running: dict[str, Campaign], ledger: Ledger) -> bool:
    """Whether what a measure is for is still going on."""
    if measure.campaign:
        recent = ledger.now - running[measure.campaign].last <= float(ledger.settings.duration)
        return recent or (measure.harm is not None and not measure.harm.touched)  # a spray pauses between its rounds
    if measure.step is Step.CHALLENGE:
        return any(each.account in measure.scope.accounts for each in picture.accounts)
    if measure.step is Step.RATE_LIMIT and measure.scope.subnets:
        return picture.threat.band in HIGH
    return picture.threat.band in (RAISED if measure.step is Step.MONITOR else SEVERE)


def _stand_by(ledger: Ledger, picture: Picture, seen: Sequence[Sighting]) -> None:
    """Begin what a threat calls for, whatever campaign it comes from; see :func:`nacre.campaign.overview.overview`."""
    band = picture.threat.band
    for step, scope, bands in _BY_BAND:
        stands = any(each.step is step and each.scope == scope for each in ledger.active)
        if band in bands and not stands and (step is Step.MONITOR or ledger.memory.again(step.value, ledger.now)):
            draft = ledger.draft(step, scope, f"the threat is {band}")
            if step is not Step.THRESHOLD or ledger.bears(draft):
                ledger.begin(draft)
    if band in HIGH:
        _challenge_accounts(ledger, picture, seen)


def _challenge_accounts(ledger: Ledger, picture: Picture, seen: Sequence[Sighting]) -> None:
    """Challenge unknown origins of the accounts under attack that no measure is for yet, and that others leave open."""
    challenged = {name for each in ledger.active if each.step is Step.CHALLENGE for name in each.scope.accounts}
    ours = [each for each in ledger.active if each.step is Step.CHALLENGE and not each.campaign and each.owner == OURS]
    mine = {name for each in ours for name in each.scope.accounts}
    attacked = [each.account for each in picture.accounts]
    if set(attacked) <= challenged or any(ledger.now - each.since < HOLD for each in ours):
        return
    needed = left_open(ledger, set(attacked) - challenged | mine, seen)
    wanted = [name for name in attacked if name in mine or name in needed][:MOST_ACCOUNTS]
    if set(wanted) <= mine:
        return
    accounts, why = tuple(sorted(wanted)), "accounts are under attack"
    draft = ledger.draft(Step.CHALLENGE, Scope(accounts=accounts), why)
    if ledger.people.told & _RIGHT and not ledger.bears(draft):
        draft = ledger.draft(Step.CHALLENGE, Scope(accounts=accounts, except_own=("password",)), why)
    if not ledger.begin(draft):
        ledger.propose(draft)


def _limit(ledger: Ledger, seen: Iterable[Sighting]) -> None:
    """Limit the addresses that try faster than the limit allows."""
    most = ledger.settings.rate_limit
    strange = (each for each in seen if each.address and not each.marks & _HOME)
    ordered = sorted(strange, key=attrgetter("time"))
    fast = {str(Subnet.of(each.address, HOST[len(each.address)])) for each in beyond(ordered, most)}
    ours = [
        each for each in ledger.active if each.step is Step.RATE_LIMIT and each.owner == OURS and each.scope.subnets
    ]
    limited = {text for each in ours for text in each.scope.subnets}
    if fast <= limited or any(ledger.now - each.since < HOLD for each in ours):
        return
    scope = Scope(subnets=tuple(sorted(fast | limited)[:MOST_LIMITED]))
    ledger.begin(ledger.draft(Step.RATE_LIMIT, scope, f"more than {most} attempts a minute from each"))
