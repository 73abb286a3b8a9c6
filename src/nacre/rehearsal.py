# SPDX-License-Identifier: Apache-2.0
"""A simulated attack of many addresses on one account, in a namespace of its own."""

from __future__ import annotations

from collections.abc import Iterator

from nacre.address import format_address
from nacre.attempt import AttemptFields, Attribute
from nacre.campaign.overview import overview
from nacre.campaign_desk import MOST_ADDRESSES, Rehearsal
from nacre.decision import Action
from nacre.drill.space import DrillSpace
from nacre.errors import CampaignRefused

GAP = 1.0
"""Seconds between two attempts."""
_LONGEST_NAME = 512
_AFTERWARDS = 2.0
"""Seconds after the last one: time for a picture, and for its measures to take effect."""
_SYSTEMS = range(64_496, 64_512)
"""Numbers of autonomous systems that nobody has (RFC 5398)."""


async def rehearse(space: DrillSpace, username: str, *, addresses: int, country: str, ends: float) -> Rehearsal:
    """
    Attack an account from many addresses, once each, a second apart, and return what became of it.

    Args:
        space: Where.
        username: Any name.
        addresses: How many, 1 to :data:`~nacre.campaign_desk.MOST_ADDRESSES`.
        country: Two letters from which all of them come, ``""`` for none.
        ends: Unix seconds at which it is over.

    Raises:
        CampaignRefused: ``out_of_range``: a parameter cannot be used.
        StoreUnavailable: the store refused or did not answer.
    """
    _check(username, addresses, country)
    account = space.canonical(username)
    recognised = stopped = 0
    for number, address in enumerate(strangers(addresses), 1):
        fields = AttemptFields(
            client_ip=address,
            username=username,
            protocol="imap",
            password=f"guess-{number}",
            time=ends - _AFTERWARDS - GAP * (addresses - number),
            attributes=_place(number, country),
        )
        decision = await space.attempt(fields, success=False)
        stopped += decision.action is not Action.ALLOW
        if not recognised and _is_seen(space, account):
            recognised = number
    space.advance(ends)
    space.watch.form(ends)
    detected = _is_seen(space, account)
    return Rehearsal(
        username=username,
        addresses=addresses,
        country=country,
        time=ends,
        detected=detected,
        recognised_by=recognised or addresses * detected,
        stopped=stopped,
        overview=overview(space.picture, space.measures),
    )


def strangers(count: int) -> Iterator[str]:
    """
    Yield addresses that nobody has, no two of one network: half from 198.18.0.0/15, half from 2001:db8::/32.

    >>> list(strangers(4))
    ['198.18.0.1', '2001:db8:1::1', '198.18.1.1', '2001:db8:3::1']

    Source:
        RFC 2544 and RFC 3849: reserved for tests and for documentation.
    """
    for number in range(count):
        if number % 2:
            yield format_address(b"\x20\x01\x0d\xb8" + number.to_bytes(2, "big") + bytes(9) + b"\1")
        else:
            yield format_address(bytes((198, 18 + (number >> 9), number >> 1 & 255, 1)))


def _place(number: int, country: str) -> dict[str, Attribute]:
    place: dict[str, Attribute] = {"asn": _SYSTEMS[number % len(_SYSTEMS)]}
    return place | {"country": country} if country else place


def _is_seen(space: DrillSpace, account: str) -> bool:
    """Whether an account is seen to be under attack, or to be the target of a campaign."""
    picture = space.picture
    return any(each.account == account for each in picture.accounts) or any(
        account in campaign.targets for campaign in picture.campaigns
    )


def _check(username: str, addresses: int, country: str) -> None:
    if not username.strip() or len(username) > _LONGEST_NAME:
        raise CampaignRefused("out_of_range", f"a user name has 1 to {_LONGEST_NAME} characters")
    if not 1 <= addresses <= MOST_ADDRESSES:
        raise CampaignRefused("out_of_range", f"from 1 to {MOST_ADDRESSES} addresses, not {addresses}")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise CampaignRefused("out_of_range", f"a country has two letters, not {country[:20]!r}")
