# SPDX-License-Identifier: Apache-2.0
"""Sources, sprays, attacked accounts, hits: the rules that look at many attempts together."""

from __future__ import annotations

from learning.journal import DAY, HOUR, LATER, Try, home, journal, said

from nacre.learning.labels import label
from nacre.learning.reason import Reason

MINUTE = 60.0


def stuffing(users: int, *, ip: str = "80.0.0.1", at: float = 5 * DAY) -> list[Try]:
    """Return one try with a leaked password for each of many accounts."""
    return [Try(at + n * MINUTE, f"user{n}", ip, f"leak{n}", asn="far", client="curl") for n in range(users)]


def test_an_address_that_fails_for_ten_accounts_attacks() -> None:
    """
    Nine may be an office that came back from a holiday.
    """
    assert said(stuffing(10)) == [("SOURCE", 1.0)] * 10
    assert said(stuffing(9)) == [("STRANGER", 0.8)] * 9


def test_an_address_that_fails_with_thirty_passwords_attacks() -> None:
    """
    A dictionary on one account.
    """
    words = [Try(n * MINUTE, "erika", "80.0.0.1", f"word{n}") for n in range(30)]

    assert said(words) == [("SOURCE", 1.0)] * 30
    assert said(words[:29]) == [("STRANGER", 0.8)] * 29


def test_addresses_of_one_network_attack_together() -> None:
    """
    A sender in an IPv6 /56 has 256 addresses of /64, and tries each once.
    """
    tries = [Try(n * MINUTE, f"user{n}", f"64-{n}", f"leak{n}", net="56") for n in range(25)]

    assert said(tries) == [("SOURCE", 1.0)] * 25
    assert said(tries[:24]) == [("STRANGER", 0.8)] * 24


def test_an_office_whose_people_sign_in_there_is_no_source() -> None:
    """
    After a password day a hundred failures come from one address, and hundreds of successes.
    """
    people = [attempt for n in range(12) for attempt in home(f"user{n}")]
    typos = [Try(2 * DAY + HOUR, f"user{n}", "10.0.0.1", f"typo{n}") for n in range(12)]

    assert said([*people, *typos])[-12:] == [("PAIR_FAILED", -0.8)] * 12


def test_failures_with_old_passwords_make_no_source() -> None:
    """
    The day after the passwords changed, every phone of the house still sends the old ones.
    """
    tries = [
        attempt
        for n in range(12)
        for attempt in (
            Try(n, f"user{n}", f"20.{n}.0.1", "old", ok=True),
            Try(DAY + n, f"user{n}", f"20.{n}.0.1", "new", ok=True),
            Try(2 * DAY + n, f"user{n}", "10.0.0.1", "old"),
        )
    ]

    assert said(tries)[2::3] == [("RIGHT_ONCE", -1.0)] * 12


def test_an_account_tried_from_everywhere_is_under_attack() -> None:
    """
    A botnet has an address for each guess, and each looks innocent; it needs no hindsight.
    """
    guesses = [Try(DAY + n * MINUTE, "erika", f"{n}.0.0.1", f"word{n}", asn=f"as{n}") for n in range(8)]

    assert said(guesses) == [("ACCOUNT", 1.0)] * 8
    assert said(guesses, now=DAY + HOUR) == [("ACCOUNT", 1.0)] * 8
    assert said(guesses[:7]) == [("STRANGER", 0.8)] * 7


def test_a_password_that_fails_for_eight_accounts_is_sprayed() -> None:
    """
    From a new address each time, over two days.
    """
    spray = [Try((1.6 + n / 10) * DAY, f"user{n}", f"{n}.0.0.1", "Summer26", asn=f"as{n}") for n in range(8)]

    assert said(spray) == [("SPRAYED", 1.0)] * 8
    assert said(spray[:7]) == [("STRANGER", 0.8)] * 7


def test_an_initial_password_that_many_got_is_not_sprayed() -> None:
    """
    The newcomers who mistype their new password still send the one everybody was given.
    """
    cohort = [Try(n * MINUTE, f"new{n}", "10.0.0.1", "Welcome!", ok=True) for n in range(10)]
    failed = [Try(HOUR + n * MINUTE, f"user{n}", f"{n}.0.0.1", "Welcome!", asn="far") for n in range(8)]

    assert [reason for reason, _ in said([*cohort, *failed])[-8:]] == ["STRANGER"] * 8


def test_a_success_new_in_every_way_from_a_source_is_a_hit() -> None:
    """
    Its owner signs in elsewhere, and here everything else fails.
    """
    hit = Try(5 * DAY + HOUR, "erika", "80.0.0.1", "erika's", ok=True, asn="far", client="curl")

    assert said([*home("erika"), *stuffing(20), hit])[-1] == ("HIT_OF_SOURCE", 1.0)
    assert said([*home("erika"), *stuffing(3), hit])[-1] == ("HIT", 0.7)


def test_a_hit_that_comes_back_does_not_become_an_owner() -> None:
    """
    The thief reads the mailbox every day; the failures beside the first success are remembered.
    """
    hits = [Try((5 + d) * DAY + HOUR, "erika", "80.0.0.1", "erika's", ok=True, asn="far") for d in range(4)]

    reasons = said([*home("erika"), *stuffing(20), *hits])[-4:]

    assert reasons[:2] == [("HIT_OF_SOURCE", 1.0), ("RETURNED", 0.7)]
    assert all(weight >= 0 for _, weight in reasons)


def test_many_hits_on_two_days_do_not_excuse_their_source() -> None:
    """
    Successes at a source are no evidence for it, or a good list would be its own alibi.
    """
    owners = [attempt for n in range(5) for attempt in home(f"owner{n}", ip=f"10.{n}.0.1")]
    hits = [
        Try((5 + d) * DAY + HOUR, f"owner{n}", "80.0.0.1", f"owner{n}'s", ok=True, asn="far")
        for d in range(2)
        for n in range(5)
    ]
    lists = [*stuffing(60), *stuffing(60, at=6 * DAY)]

    assert said([*owners, *lists, *hits])[15:135] == [("SOURCE", 1.0)] * 120


def test_who_signs_in_at_an_exit_that_attackers_use_too_is_not_a_hit() -> None:
    """
    Where others are at home, a new success beside attacks is left alone.
    """
    regulars = home("max", days=8, ip="80.0.0.1")
    newcomer = Try(5 * DAY + HOUR, "erika", "80.0.0.1", "erika's", ok=True, asn="far")

    assert said([*home("erika"), *regulars, *stuffing(9), newcomer])[-1][1] <= 0


def test_strangers_behind_a_busy_address_are_an_infected_machine() -> None:
    """
    An office signs in there every day; accounts that never do are tried from it.
    """
    office = [attempt for n in range(6) for attempt in home(f"user{n}", days=7)]
    others = [attempt for n in range(5) for attempt in home(f"other{n}", ip=f"11.{n}.0.1", days=7)]
    tries = [Try(5 * DAY + n * MINUTE, f"other{n}", "10.0.0.1", f"guess{n}") for n in range(5)]

    assert said([*office, *others, *tries])[-5:] == [("INSIDER", 0.8)] * 5
    assert said([*office, *others, *tries[:4]])[-4:] == [("PROVIDER_FAILED", -0.2)] * 4


def test_the_few_strangers_of_a_whole_city_are_no_infected_machine() -> None:
    """
    Behind the address of a carrier, five of a hundred and one mistype where they were never before.
    """
    city = [Try(5 * DAY + n * MINUTE, f"user{n}", "10.0.0.1", f"user{n}'s", ok=True) for n in range(101)]
    guests = [Try(5 * DAY + n * MINUTE, f"other{n}", "10.0.0.1", f"typo{n}") for n in range(5)]

    assert said([*city, *guests])[-5:] == [("NONE", 0.0)] * 5


def test_a_guess_that_is_repeated_elsewhere_is_a_guess_again() -> None:
    """
    A list is tried twice, from two addresses; at the second one others sign in.
    """
    regulars = home("max", ip="70.0.0.1", days=7)
    guess = Try(5 * DAY, "ida", "50.0.0.1", "guess", asn="far")

    assert said([*regulars, guess, guess._replace(ip="51.0.0.1")])[-1] == ("STRANGER", 0.8)
    assert said([*regulars, guess, guess._replace(ip="70.0.0.1")])[-1] == ("REPEATED_GUESS", 0.6)


def test_one_mistyped_name_before_a_success_accuses_nobody() -> None:
    """
    A newcomer mistypes the name and then signs in; two such names are an enumeration.
    """
    typos = [Try(5 * DAY + n, f"nobody{n}", "50.0.0.1", "p", known=False) for n in range(2)]
    success = Try(5 * DAY + MINUTE, "ida", "50.0.0.1", "ida's", ok=True)

    assert said([typos[0], success])[0] == ("NONE", 0.0)
    assert said([*typos, success])[:2] == [("NO_SUCH_ACCOUNT", 0.6)] * 2


def test_a_sprayed_password_makes_no_device_however_often_it_is_repeated() -> None:
    """
    Or five repetitions of each guess would buy a good name.
    """
    spray = [
        Try(DAY + n * HOUR / 10, f"user{n % 8}", f"{n % 8}.0.0.1", "Summer26", asn=f"as{n % 8}") for n in range(40)
    ]

    assert said(spray) == [("SPRAYED", 1.0)] * 40


def test_a_device_without_a_known_password_stays_unknown() -> None:
    """
    In the log of sshd, a forgotten cron job and a slow dictionary look alike.
    """
    cron = [Try(day * DAY, "backup", "40.0.0.1", "") for day in range(3)]

    assert said(cron) == [("NONE", 0.0)] * 3
    assert said(cron[:2]) == [("STRANGER", 0.8)] * 2


def test_refusals_of_our_own_make_nobody_a_source() -> None:
    """
    Thirty users of an office that we refused without asking do not accuse the guest who failed there.
    """
    refused = [Try(n * MINUTE, f"user{n}", "80.0.0.1", f"p{n}", refused=True, told=False) for n in range(30)]
    failed = Try(HOUR, "guest", "80.0.0.1", "typo")

    assert said([*refused, failed])[-1] == ("STRANGER", 0.8)


def test_a_conflict_between_a_spray_and_an_owner_stays_unknown() -> None:
    """
    The owner's first typo at a new home happens to be a password of the list.
    """
    spray = [Try(DAY + n * MINUTE, f"user{n}", f"{n}.0.0.1", "Summer26", asn=f"as{n}") for n in range(8)]
    typo = Try(DAY, "erika", "10.0.0.1", "Summer26")

    assert said([*spray, typo, *home("erika", first=DAY + HOUR)])[8] == ("CONFLICT", 0.0)


def test_what_flags_tell_from_before_the_first_row_establishes_a_pair() -> None:
    """
    Rows are kept for some weeks, and an account may be older.
    """
    rows = journal([*home("erika", days=2), Try(2 * DAY, "erika", "10.0.0.1", "typo")])

    assert [Reason(r).name for r in label(rows[1:], LATER).reason] == ["PAIR", "PAIR_FAILED"]
    assert [Reason(r).name for r in label(rows[2:], LATER).reason] == ["PAIR_FAILED"]


def test_one_success_among_the_rows_and_none_before_establishes_nothing() -> None:
    """
    The flags of the second success on that day speak of the first.
    """
    twice = [Try(0.0, "erika", "10.0.0.1", "p", ok=True), Try(60.0, "erika", "10.0.0.1", "p", ok=True)]

    assert "PAIR" not in [reason for reason, _ in said(twice)]


def test_successes_on_days_on_which_their_source_attacks_establish_nothing() -> None:
    """
    An account that nobody uses is taken over, and used from the same place the next day.
    """
    hits = [Try((5 + d) * DAY + HOUR, "idle", "80.0.0.1", "idle's", ok=True, asn="far") for d in range(2)]

    reasons = [reason for reason, _ in said([*stuffing(60), *stuffing(60, at=6 * DAY), *hits])[-2:]]

    assert reasons[0] == "HIT_OF_SOURCE"
    assert "PAIR" not in reasons


def test_an_owner_at_an_attacking_address_keeps_a_good_name() -> None:
    """
    One of sixty failures is the typo of somebody who is at home there.
    """
    typo = Try(5 * DAY + HOUR, "max", "80.0.0.1", "typo")

    assert said([*home("max", ip="80.0.0.1"), *stuffing(60), typo])[-1] == ("PAIR_FAILED", -0.8)


def test_few_passwords_from_many_addresses_are_no_attack_on_the_account() -> None:
    """
    Five are tried from eight addresses: perhaps a phone on a journey.
    """
    tries = [Try(DAY + n * MINUTE, "erika", f"{n}.0.0.1", f"word{n % 5}", asn=f"as{n}") for n in range(8)]

    assert said(tries) == [("STRANGER", 0.8)] * 8


def test_a_first_success_beside_a_few_strangers_is_no_hit() -> None:
    """
    A newcomer has no history from which the success could differ.
    """
    first = Try(5 * DAY + HOUR, "newcomer", "80.0.0.1", "initial", ok=True, asn="far")

    assert said([*stuffing(3), first])[-1][1] <= 0
