# SPDX-License-Identifier: Apache-2.0
"""The sum of a replay counts what an operator asks of it."""

from __future__ import annotations

from nacre.account import AccountNames
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.decision import Action, Block, Decision, Reason
from nacre.identity import Identity
from nacre.replay.record import Tally
from nacre.replay.summary import FEW_FAILURES, Account, OtherCount


def attempt(address: str = "192.0.2.7", account: str = "erika", time: float = 0.0) -> Attempt:
    """An attempt with nothing but what the sum looks at."""
    fields = AttemptFields(client_ip=address, username=account, time=time)
    return admit(fields, names=AccountNames(), identity=Identity(b"k" * 32), now=0.0, request_id="r")


def decision(action: Action, *rules: str) -> Decision:
    """A decision with nothing but what the sum looks at."""
    return Decision("r", action, 0.0, None, rules, (), "")


ALLOW, REFUSE = decision(Action.ALLOW), decision(Action.REFUSE, "address")


def test_a_refused_login_looks_legitimate_if_its_person_failed_no_more_than_people_do() -> None:
    """
    Somebody who mistypes twice and is refused then was hurt; somebody who guessed for an hour was not.
    """
    account = Account()

    for _ in range(FEW_FAILURES):
        account.add(attempt(), ALLOW, success=False)
    account.add(attempt(), REFUSE, success=True)
    for _ in range(FEW_FAILURES + 1):
        account.add(attempt("198.51.100.1"), ALLOW, success=False)
    account.add(attempt("198.51.100.1"), REFUSE, success=True)
    summary = account.close(Tally(), 1.0)

    assert [login.legitimate_looking for login in summary.refused_logins] == [True, False]
    assert summary.legitimate_looking_refused == 1
    assert summary.successes_refused == 2


def test_sources_are_listed_by_how_often_they_were_refused() -> None:
    """
    What got through per source tells whether the limits are tight enough.
    """
    account = Account()

    account.add(attempt("192.0.2.1"), ALLOW, success=False)
    for _ in range(2):
        account.add(attempt("192.0.2.2", "a"), ALLOW, success=False)
        account.add(attempt("192.0.2.2", "b"), REFUSE, success=False)
    summary = account.close(Tally(), 1.0)

    first, second = summary.sources
    assert (first.address, first.refused, first.failures_let_through, first.accounts) == ("192.0.2.2", 2, 2, 2)
    assert (second.address, second.refused, second.let_through) == ("192.0.2.1", 0, 1)
    assert summary.rules["address"].refused == 2
    assert summary.rules["address"].sources == 1


def refused_by(code: str, text: str, *rules: str) -> Decision:
    """A refusal beside those of the rules alone."""
    measures = ("m-1",) if code == "measure" else ()
    alone = Action.REFUSE if rules else None
    return Decision(
        "r", Action.REFUSE, 0.0, None, rules, (Reason(code, text),), "", rules_alone=alone, measures=measures
    )


BLOCK = refused_by("measure", "measure m-1 (block) of campaign c-1: refuse; spraying from 8 addresses")
BOTH = refused_by("network", "probability 0.990 that the attempt is a guess; refuse from 0.900 on", "address")


def test_what_measures_and_network_refused_is_counted_beside_the_rules() -> None:
    """
    An attempt that rules and network refused counts for both.
    """
    account = Account()

    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.2"):
        account.add(attempt(address), BLOCK, success=False)
    account.add(attempt(), BOTH, success=False)
    summary = account.close(Tally(), 1.0)

    assert summary.others == {"measure": {"block (spraying)": OtherCount(3, 2)}, "network": {"score": OtherCount(1, 1)}}
    assert (summary.rules["address"].refused, summary.rules["address"].sources) == (1, 1)


def test_a_refused_login_names_what_refused_it_beside_rules() -> None:
    """
    Whose login is refused by a measure looks there, not at the rules.
    """
    account = Account()

    account.add(attempt(), BLOCK, success=True)
    account.add(attempt(), BOTH, success=True)
    summary = account.close(Tally(), 1.0)

    found = [(login.rules, login.others) for login in summary.refused_logins]
    assert found == [((), ("measure block (spraying)",)), (("address",), ("network score",))]


def test_blocks_are_counted_by_rule() -> None:
    """
    A rule that blocks nobody, and one that blocks everybody, are both worth a look.
    """
    account = Account()

    account.begin(Block("address", b"key", "192.0.2.7/32", "subnet", 1.0, 61.0, "why"))
    summary = account.close(Tally(), 1.0)

    assert summary.rules["address"].blocks == 1
    assert summary.blocks[0].until == 61.0
