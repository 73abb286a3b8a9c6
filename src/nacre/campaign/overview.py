# SPDX-License-Identifier: Apache-2.0
"""
The picture and the measures in force, in the terms of Nauthilus.

Its hooks show flags and lists where nacre has measures; each of them follows from the measures in force, so that what
is shown is what is done.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from nacre.address import Subnet, format_address
from nacre.campaign.measure import Measure, State, Step
from nacre.campaign.picture import Picture

AT_REST = 0.7
"""What Nauthilus shows as ``ml_threshold`` while nothing lowers it."""

MOST_LISTED = 1000
"""Entries that a list of the overview has at most."""


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """
    The measures in force as Nauthilus' settings.

    Attributes:
        captcha_enabled: Challenges fall on more than named accounts or networks.
        rate_limit_enabled: A limit per address holds beyond named networks.
        rate_limit_max: The lowest such limit, attempts per minute; 0 without one.
        monitoring_mode: Attempts are marked.
        ml_threshold: Least score that is challenged, :data:`AT_REST` without such a measure.
        threat_level: 0-1.
    """

    captcha_enabled: bool = False
    rate_limit_enabled: bool = False
    rate_limit_max: int = 0
    monitoring_mode: bool = False
    ml_threshold: float = AT_REST
    threat_level: float = 0.0


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """
    What Nauthilus' hooks tell of distributed attacks.

    Attributes:
        threat_level: 0-1.
        attempts, unique_ips, unique_users: Of the last hour.
        ips_per_user: Their ratio; 0 without accounts.
        attacked_accounts: Distinct origins within an hour by account.
        blocked_regions: Countries, and autonomous systems as ``AS64496``, from which unknown origins are refused.
        rate_limited_ips: Addresses and networks with a limit of their own.
        captcha_accounts: Accounts whose unknown origins are challenged.
        settings: Flags and numbers.
    """

    threat_level: float = 0.0
    attempts: int = 0
    unique_ips: int = 0
    unique_users: int = 0
    ips_per_user: float = 0.0
    attacked_accounts: dict[str, int] = {}
    blocked_regions: tuple[str, ...] = ()
    rate_limited_ips: tuple[str, ...] = ()
    captcha_accounts: tuple[str, ...] = ()
    settings: Protection = Protection()


def overview(picture: Picture, measures: Iterable[Measure]) -> Overview:
    """
    Return what Nauthilus' hooks tell.

    Args:
        picture: What the watch sees.
        measures: Those of any state; what is not active says nothing.

    >>> from nacre.campaign.measure import Scope
    >>> scope = Scope(accounts=("erika",))
    >>> challenge = Measure(
    ...     id="m-1", step=Step.CHALLENGE, scope=scope, since=0.0, until=60.0, owner="nacre", reason="an attack"
    ... )
    >>> seen = overview(Picture(), [challenge])
    >>> seen.captcha_accounts, seen.settings.captcha_enabled, seen.settings.ml_threshold
    (('erika',), False, 0.7)
    """
    active = [measure for measure in measures if measure.state is State.ACTIVE]
    hour = picture.signals[-1] if picture.signals else None
    limits = [each.per_minute for each in active if each.step is Step.RATE_LIMIT and not each.scope.subnets]
    thresholds = [each.threshold for each in active if each.step is Step.THRESHOLD]
    blocks = [each.scope for each in active if each.step is Step.BLOCK]
    challenges = [each.scope for each in active if each.step is Step.CHALLENGE]
    return Overview(
        threat_level=picture.threat.level,
        attempts=hour.attempts if hour else 0,
        unique_ips=hour.addresses if hour else 0,
        unique_users=hour.accounts if hour else 0,
        ips_per_user=hour.addresses / hour.accounts if hour and hour.accounts else 0.0,
        attacked_accounts={each.account: each.score for each in picture.accounts[:MOST_LISTED]},
        blocked_regions=_listed(
            name for scope in blocks for name in (*scope.countries, *(f"AS{number}" for number in scope.asns))
        ),
        rate_limited_ips=_listed(
            _shown(subnet) for each in active if each.step is Step.RATE_LIMIT for subnet in each.scope.subnets
        ),
        captcha_accounts=_listed(account for scope in challenges for account in scope.accounts),
        settings=Protection(
            captcha_enabled=any(not scope.accounts and not scope.subnets for scope in challenges),
            rate_limit_enabled=bool(limits),
            rate_limit_max=min(limits, default=0),
            monitoring_mode=any(each.step is Step.MONITOR for each in active),
            ml_threshold=min(thresholds, default=AT_REST),
            threat_level=picture.threat.level,
        ),
    )


def _listed(names: Iterable[str]) -> tuple[str, ...]:
    """Return names once each, sorted, as many as a list has."""
    return tuple(sorted(set(names))[:MOST_LISTED])


def _shown(text: str) -> str:
    subnet = Subnet.parse(text)
    return format_address(subnet.network) if subnet.is_host else str(subnet)
