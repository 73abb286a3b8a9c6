# SPDX-License-Identifier: Apache-2.0
"""The measures that answer one campaign."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from campaign.drafts import botnet, campaign, disguised, good_logins, measure, seen, stuffing

from nacre.address import parse_address
from nacre.campaign.answers import HOLD, answer, left_open
from nacre.campaign.ledger import Changes, Ledger
from nacre.campaign.measure import OURS, Measure, Scope, State, Step
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Mark, Sighting
from nacre.config.campaigns import Measures


def answered(
    attempts: Sequence[Sighting],
    *measures: Measure,
    strange: int = 100,
    severe: bool = False,
    settings: Measures | None = None,
    now: float = 1000.0,
) -> Changes:
    """What begins at 1,000 against a campaign, at a site with 20,000 good logins."""
    ledger = Ledger(measures, good_logins(20_000, strange=strange), settings or Measures(), now)
    answer(ledger, campaign(), attempts, severe=severe)
    return ledger.changes


def test_a_botnet_on_one_account_is_answered_by_a_challenge_for_it() -> None:
    """
    From unknown origins only; its owner does not see it at home.
    """
    changes = answered(botnet())

    assert [(each.step, each.scope) for each in changes.begin] == [(Step.CHALLENGE, Scope(accounts=("erika",)))]
    assert (changes.begin[0].owner, changes.begin[0].campaign) == (OURS, "c-1")
    assert changes.propose == ()


def test_stuffing_from_everywhere_is_answered_by_what_its_sources_share() -> None:
    """
    No account or subnet comes twice; what remains is client, countries, and that nobody signs in from their networks.
    """
    (begun,) = answered(stuffing(200)).begin

    assert begun.step is Step.CHALLENGE
    assert begun.scope == Scope(
        clients=("curl",),
        countries=("XA", "XB", "XC"),
        protocols=("imap",),
        except_countries=("DE",),
        except_subnets=("10.0.0.0/16",),
        new_sources=True,
    )
    assert sum(map(Reach(begun.scope).meets, stuffing(1000, seed=2))) >= 950


@pytest.mark.parametrize(
    ("attempts", "subnets"),
    [
        ([seen(f"198.51.100.{number % 30}", f"u{number}") for number in range(120)], ("198.51.100.0/24",)),
        (
            [seen(f"2001:db8:7:{number * 97 % 65536:x}::1", f"u{number}") for number in range(300)],
            ("2001:db8:7::/48",),
        ),
    ],
)
def test_sources_that_are_close_to_each_other_are_blocked(attempts: list[Sighting], subnets: tuple[str, ...]) -> None:
    """
    A spray from one street, and an attacker who turns through a network of IPv6.
    """
    (begun,) = answered(attempts).begin

    assert (begun.step, begun.scope) == (Step.BLOCK, Scope(subnets=subnets))


def test_a_known_origin_among_the_attack_is_in_no_prefix() -> None:
    """
    Its owner mistyped beside the attack.
    """
    attack = [seen(f"198.51.100.{number % 30}", f"u{number}") for number in range(120)]
    at_home = [seen("203.0.113.5", "erika", marks=16), seen("203.0.113.5", "erika", marks=16)]

    (begun,) = answered([*attack, *at_home]).begin

    assert begun.scope.subnets == ("198.51.100.0/24",)


def test_what_is_answered_is_not_answered_again() -> None:
    """
    What stands meets nearly all of it.
    """
    standing = answered(stuffing(200)).begin

    assert answered(stuffing(200, seed=2), *standing, now=1000.0 + 2 * HOLD) == Changes()


def test_the_effect_of_a_measure_is_waited_for() -> None:
    """
    The attempts that are known came before it began; a second one would answer the same.
    """
    partial = measure(scope=Scope(accounts=("erika",)), campaign="c-1", since=990.0, until=1600.0)

    assert answered(stuffing(200), partial) == Changes()
    assert answered(stuffing(200), partial, now=990.0 + HOLD).begin


def test_what_would_harm_too_many_is_proposed() -> None:
    """
    Nothing sets these attempts apart from the good logins of strangers, which are one in four.
    """
    changes = answered(disguised(200), strange=5000)

    assert changes.begin == ()
    assert [(each.state, each.scope.new_sources) for each in changes.propose] == [(State.PROPOSED, True)]
    assert changes.propose[0].harm is not None
    assert changes.propose[0].harm.touched == 2500  # of the later half of 20,000


def test_what_is_proposed_is_not_proposed_again() -> None:
    """
    One question for a campaign at a time.
    """
    waiting = answered(disguised(200), strange=5000).propose

    assert answered(disguised(200), *waiting, strange=5000, now=1100.0) == Changes()


def test_a_part_of_an_attack_is_stopped_while_the_rest_awaits_consent() -> None:
    """
    Half of it comes from one street: that is blocked at once.
    """
    street = [seen("198.51.100.9", f"v{number}", time=899.95 + number / 10) for number in range(100)]
    mixed = sorted([*street, *disguised(100)], key=lambda each: each.time)

    changes = answered(mixed, strange=5000)

    assert [(each.step, each.scope.subnets) for each in changes.begin] == [(Step.BLOCK, ("198.51.100.0/24",))]
    assert [each.scope.new_sources for each in changes.propose] == [True]


def test_countries_are_blocked_only_while_the_threat_is_severe() -> None:
    """
    And only where enough good logins are known to say that no stranger comes from there.
    """
    high, severe = answered(stuffing(200)), answered(stuffing(200), severe=True)

    assert not any(each.step is Step.BLOCK for each in high.begin)
    assert [each.scope.countries for each in severe.begin if each.step is Step.BLOCK] == [("XA", "XB", "XC")]
    assert sum(map(Reach(severe.begin[0].scope).meets, stuffing(100, seed=3))) == 100
    assert answered(stuffing(200), *severe.begin, severe=True, now=1000.0 + HOLD) == Changes()


def test_a_site_that_knows_few_logins_blocks_no_country() -> None:
    """
    That nobody of fifty came from there says little.
    """
    ledger = Ledger((), good_logins(50), Measures(), 1000.0)

    answer(ledger, campaign(), stuffing(200), severe=True)

    assert not any(each.step is Step.BLOCK for each in ledger.changes.begin)


def test_a_campaign_of_which_no_attempts_are_kept_is_left_to_the_rules() -> None:
    """
    After a restart, say: there is nothing to aim by.
    """
    assert answered([]) == Changes()


def test_an_address_that_is_not_known_stands_in_no_way() -> None:
    """
    Where the backend does not say who asks.
    """
    nowhere = [Sighting(float(number), b"", "erika") for number in range(20)]

    assert [each.scope.accounts for each in answered(nowhere).begin] == [("erika",)]
    assert parse_address("") == b""


OWN = Mark.HISTORY | Mark.RIGHT | Mark.OWN_CLIENT | Mark.OWN_SYSTEM | Mark.OWN_COUNTRY


def with_habits(logins: Sequence[Sighting]) -> list[Sighting]:
    """Return good logins of people who bring along what they always had."""
    return [msgspec.structs.replace(each, marks=each.marks | int(OWN)) for each in logins]


def beside_travellers(attempts: Sequence[Sighting]) -> Changes:
    """What begins at a site where one good login in twenty comes from a new place, and looks like the attack."""
    ledger = Ledger((), with_habits(good_logins(20_000, strange=1000)), Measures(), 1000.0)
    answer(ledger, campaign(), attempts, severe=False)
    return ledger.changes


def test_leaked_names_that_never_signed_in_here_are_told_from_travellers() -> None:
    """
    Same networks, country and client: what is left is that travellers have signed in before.
    """
    (begun,) = beside_travellers(disguised(200)).begin

    assert begun.scope.except_own == ("history",)
    assert begun.harm is not None
    assert begun.harm.share <= Measures().budget


def test_where_nothing_else_tells_the_right_password_spares_a_stranger() -> None:
    """
    The list has the names of those who sign in here: to stop nobody would help its right pairs no less.
    """
    names = [msgspec.structs.replace(each, marks=int(Mark.HISTORY)) for each in disguised(200)]
    alike = [msgspec.structs.replace(each, marks=int(OWN & ~Mark.RIGHT)) for each in names]

    (begun,) = beside_travellers(alike).begin

    assert begun.scope.except_own
    assert all("password" in entry for entry in begun.scope.except_own)
    assert sum(map(Reach(begun.scope).meets, alike)) == 200


def test_right_passwords_are_met_too_where_they_come_with_nothing_of_their_account() -> None:
    """
    At a site that knows its travellers: none of ten thousand lately came without system, client and country.
    """
    half = [
        msgspec.structs.replace(each, marks=int(Mark.HISTORY if number % 2 else OWN & ~Mark.RIGHT))
        for number, each in enumerate(disguised(200))
    ]

    begun = beside_travellers(half).begin

    blind = [each for each in begun if not any("password" in entry for entry in each.scope.except_own)]
    assert len(begun) == 2
    assert len(blind) == 1
    assert blind[0].harm is not None
    assert blind[0].harm.share <= Measures().budget


def test_many_accounts_under_attack_are_left_to_the_measures_against_their_campaign() -> None:
    """
    All accounts of a site may be on a list: to challenge strangers on each of them would meet all who travel.
    """
    attempts = stuffing(200)
    through = [seen("10.0.0.9", "victim7", time=1000.0, country="DE") for _ in range(6)]
    names = {each.account for each in attempts}
    ledger = Ledger((), good_logins(20_000, strange=100), Measures(), 1000.0)

    before = left_open(ledger, names, attempts)
    answer(ledger, campaign(), attempts, severe=False)

    assert before == names
    assert left_open(ledger, names | {"nobody tried"}, [*attempts, *through]) == {"victim7"}
    assert left_open(ledger, {"victim3"}, attempts) == {"victim3"}
