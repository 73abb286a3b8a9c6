# SPDX-License-Identifier: Apache-2.0
"""The measures that answer one campaign: the narrowest that meet nearly all of it, and hardly anybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np

from nacre.campaign.candidates import Candidate, Field, candidates, narrowest, of_all, regions, younger
from nacre.campaign.columns import Columns, Mask
from nacre.campaign.harm import FEW, REFUSING, Crowd, expected
from nacre.campaign.ledger import SHORTEST, Ledger, named
from nacre.campaign.measure import Harm, Measure, Scope, Step
from nacre.campaign.picture import Campaign
from nacre.campaign.sighting import Sighting

RECENT = 500
"""Attempts of a campaign that are looked at."""

HOLD = 15.0
"""Seconds after a measure for a campaign in which no other begins: its effect is to be seen first."""

WORTHWHILE = 0.1
"""Share of a campaign's recent attempts that a measure has to meet beyond those before it."""

_NAMES = {"except_own": "nothing of their accounts"}

THROUGH = 3
"""Attempts on one account that may get through before it counts as left open."""

STOPPING = frozenset({Step.CHALLENGE, Step.DELAY, Step.BLOCK})


class _Option(NamedTuple):
    """A candidate, the share of the attempts that it would meet with what stands, and its harm."""

    candidate: Candidate
    total: float
    harm: Harm
    affordable: bool
    tier: int


def answer(ledger: Ledger, campaign: Campaign, seen: Sequence[Sighting], *, severe: bool) -> None:
    """
    Begin or propose what a campaign calls for beyond what stands.

    Args:
        ledger: What stands; it is changed.
        campaign: It runs.
        seen: Its recent attempts, in the order of time.
        severe: Whether the threat is: whole countries may be blocked then.
    """
    recent = seen[-RECENT:]
    newest = max((each.since for each in _of(ledger.active, campaign)), default=-HOLD)
    if not recent or ledger.now - newest < HOLD:
        return
    settings = ledger.settings
    attack = Columns(younger(recent))
    met = _met(ledger.active, attack)
    if _share(met) >= settings.coverage and not severe:
        return
    standing = frozenset(each.id for each in (*_of(ledger.active, campaign), *_of(ledger.proposed, campaign)))
    if not ledger.memory.calls(ledger.now, campaign, standing):
        return
    field = _field(ledger, recent)
    if severe and _block_regions(ledger, campaign, field):
        met = _met(ledger.active, attack)
    if _share(met) >= settings.coverage:
        return
    least = min(WORTHWHILE, settings.coverage - _share(met))
    options = [_option(ledger, each, met) for each in candidates(field) if _share(each.met) >= least]
    _begin(ledger, campaign, field, options, _share(met))
    reached = _share(_met(ledger.active, attack))
    if reached < settings.coverage:
        _propose(
            ledger,
            campaign,
            field,
            options,
            max(reached, _share(_met(ledger.proposed, attack, met))),
        )


def narrow(ledger: Ledger, campaign: Campaign, seen: Sequence[Sighting], measure: Measure) -> bool:
    """
    Put accounts or subnets in the place of a wider measure, if by now they meet nearly all; tells whether it did.

    Args:
        ledger: What stands; it is changed.
        campaign: It runs.
        seen: Its recent attempts, in the order of time.
        measure: One of its measures that would be extended otherwise.
    """
    recent = seen[-RECENT:]
    if measure.scope.accounts or measure.scope.subnets or not recent:
        return False
    if not ledger.memory.again(f"narrow {campaign.id}", ledger.now):
        return False
    field = _field(ledger, recent)
    met = np.zeros(len(field.younger), np.bool_)
    options = [_option(ledger, candidate, met) for candidate in narrowest(field)]
    enough = [each for each in options if each.tier == 0 and each.affordable and each.total >= ledger.settings.coverage]
    if not enough or not ledger.begin(_draft(ledger, campaign, field, min(enough, key=_rank))):
        return False
    ledger.end(measure)
    return True


def left_open(ledger: Ledger, accounts: Collection[str], seen: Sequence[Sighting]) -> set[str]:
    """
    Return which accounts under attack need a measure of their own, beside those in force against campaigns.

    A few are all challenged.  Of many, which may be all accounts of a site, only those on which more than some attempts
    got through, as long as measures meet nearly all attempts.  To challenge strangers on all of them would meet
    travellers, and hardly another attempt.

    Args:
        ledger: What stands.
        accounts: They are under attack.
        seen: Recent attempts of campaigns.
    """
    if len(accounts) <= FEW or not seen:
        return set(accounts)
    met = _met(ledger.active, Columns(seen))
    if _share(met) < ledger.settings.coverage:
        return set(accounts)
    through = Counter(each.account for each in compress(seen, ~met))
    return {name for name in accounts if through[name] > THROUGH}


def _field(ledger: Ledger, recent: Sequence[Sighting]) -> Field:
    settings = ledger.settings
    widest = {4: settings.widest_ipv4, 16: settings.widest_ipv6}
    people = ledger.people
    harmless = int(settings.budget * len(people.good))
    return Field(
        recent, people.strangers, harmless, widest, lambda: ledger.usual, lately=people.lately, told=people.told
    )


def _begin(ledger: Ledger, campaign: Campaign, field: Field, options: Sequence[_Option], before: float) -> None:
    """Begin the best that the budget allows."""
    worthwhile = [each for each in options if each.affordable and each.total >= before + WORTHWHILE]
    enough = [each for each in options if each.affordable and each.total >= ledger.settings.coverage]
    ranked = sorted(enough, key=_rank) or sorted(worthwhile, key=lambda each: -each.total)
    for option in ranked[:3]:
        if ledger.begin(_draft(ledger, campaign, field, option)):
            if _spares_right(option.candidate.scope):
                _begin_beside(ledger, campaign, field, options)
            return


def _begin_beside(ledger: Ledger, campaign: Campaign, field: Field, options: Sequence[_Option]) -> None:
    """Begin what meets most, right passwords included, where hardly any good login does at any time."""
    blind = [each for each in options if each.tier == 0 and each.candidate.step is Step.CHALLENGE]
    best = max(blind, key=lambda each: _share(each.candidate.met), default=None)
    if best is not None and _share(best.candidate.met) >= WORTHWHILE:
        ledger.begin(_draft(ledger, campaign, field, best))


def _propose(ledger: Ledger, campaign: Campaign, field: Field, options: Sequence[_Option], before: float) -> None:
    """Propose what would meet nearly all, at the least harm, or else what meets most."""
    if _of(ledger.proposed, campaign):
        return
    worthwhile = [each for each in options if each.total >= before + WORTHWHILE]
    enough = [each for each in worthwhile if each.total >= ledger.settings.coverage]
    best = min(enough, key=_rank, default=None) or max(worthwhile, key=lambda each: each.total, default=None)
    if best is not None:
        ledger.propose(_draft(ledger, campaign, field, best))


def _block_regions(ledger: Ledger, campaign: Campaign, field: Field) -> bool:
    """Block countries, if there are any to block that are not blocked yet; tells whether it did."""
    standing = {name for each in _of(ledger.active, campaign) for name in each.scope.countries}
    names = regions(field)
    if set(names) <= standing:
        return False
    reason = f"{campaign.kind.value} from countries from which no stranger signs in"
    return ledger.begin(ledger.draft(Step.BLOCK, Scope(countries=names), reason, campaign=campaign.id))


def _rank(option: _Option) -> tuple[int, float, float]:
    """Order by tier, by harm, then by how much is met; what is alike stays in its order, the narrowest first."""
    return option.tier, option.harm.share, -round(option.total, 2)


def _tier(ledger: Ledger, scope: Scope, harm: Harm) -> int:
    """
    Return how good an answer is, 0 for the best.

    That is one which meets right passwords like wrong ones, and no more good logins than the budget's share at any
    time; then those that spare some right ones, and all of them.  What may last for a while only comes last.
    """
    if harm.share > ledger.settings.budget:
        return 3
    return 2 * ("password" in scope.except_own) or int(_spares_right(scope))


def _spares_right(scope: Scope) -> bool:
    return any("password" in entry.split("+") for entry in scope.except_own)


def _option(ledger: Ledger, candidate: Candidate, met: Mask) -> _Option:
    step, scope, people = candidate.step, candidate.scope, ledger.people
    refuses = step in REFUSING
    of = len(people.good if refuses else people.recent)
    harm = Harm(candidate.touched, of, expected(step, scope, Crowd.of(people, scope, refuses=refuses)))
    lasting, tier = ledger.seconds(step, harm), _tier(ledger, scope, harm)
    return _Option(candidate, _share(met | candidate.met), harm, lasting >= SHORTEST, tier)


def _draft(ledger: Ledger, campaign: Campaign, field: Field, option: _Option) -> Measure:
    scope = of_all(option.candidate, field)
    what = ", ".join(_NAMES.get(name, name.replace("_", " ")) for name in named(scope)) or "unknown origins"
    reason = (
        f"{campaign.kind.value} from {campaign.sources} addresses, met by {what}: {option.total:.0%} of its attempts"
    )
    return ledger.draft(option.candidate.step, scope, reason, campaign=campaign.id)


def _of(measures: Sequence[Measure], campaign: Campaign) -> list[Measure]:
    return [each for each in measures if each.campaign == campaign.id]


def _met(measures: Sequence[Measure], seen: Columns, before: Mask | None = None) -> Mask:
    """Return which attempts are stopped by any of some measures."""
    met = np.zeros(len(seen), np.bool_) if before is None else before
    for measure in measures:
        if measure.step in STOPPING:
            met = met | seen.met(measure.scope)
    return met


def _share(mask: Mask) -> float:
    return int(np.count_nonzero(mask)) / len(mask)
