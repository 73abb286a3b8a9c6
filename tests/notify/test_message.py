# SPDX-License-Identifier: Apache-2.0
"""Changes in words, and as JSON."""

from __future__ import annotations

import json

from campaign.drafts import campaign, measure
from hypothesis import given
from hypothesis import strategies as st
from notify.receivers import change

from nacre.campaign.measure import Harm, Scope, State, Step
from nacre.campaign.picture import Taken, Threat
from nacre.notify.change import Change, What, drill_failed
from nacre.notify.message import MOST_LISTED, digest, message, printable

ANY = st.text(st.characters(exclude_categories=()), max_size=600)
"""Texts of any characters, halves of surrogate pairs included."""


def test_a_message_says_what_happened_and_what_to_do() -> None:
    """
    In the subject in short, in the text in whole sentences, and as JSON.
    """
    proposed = measure(
        Step.CHALLENGE,
        Scope(accounts=("erika", "max"), new_sources=True),
        id="m-7",
        campaign="c-1",
        state=State.PROPOSED,
        harm=Harm(3, 9000),
    )

    told = message(
        Change(
            what=What.MEASURES_PROPOSED,
            key="n-1",
            time=1_800_000_000.0,
            threat=Threat(0.8, "high", ("many failures",)),
            campaign=campaign(),
            measures=(proposed,),
        )
    )

    assert told.subject == "[nacre] measures wait for your consent: stuffing from 400 addresses (c-1)"
    assert "2027-01-15 08:00:00 UTC" in told.text
    assert "- many failures" in told.text
    assert "Measure m-7: challenge for 2 accounts; new sources; unknown origins" in told.text
    assert "nacre measures confirm m-7" in told.text
    body = json.loads(told.body)
    assert (body["id"], body["type"], body["threat"]) == ("n-1", "measures_proposed", {"level": 0.8, "band": "high"})
    assert (body["campaign"]["kind"], body["campaign"]["technique"]) == ("stuffing", "T1110.004")
    assert body["measures"][0]["harm"] == {"touched": 3, "of": 9000}


@given(name=ANY)
def test_what_strangers_typed_stays_on_one_line_and_out_of_the_subject(name: str) -> None:
    """
    Neither a header nor a line of the text can be made of a user name.
    """
    plain, strange = (
        message(
            Change(
                what=What.ACCOUNTS_TAKEN,
                key="n-1",
                time=0.0,
                threat=Threat(0.8, "high", (each,)),
                campaign=campaign(),
                taken=(Taken(each, "192.0.2.7", 0.0, each),),
            )
        )
        for each in ("erika", name)
    )

    assert strange.subject == plain.subject
    assert len(strange.text.splitlines()) == len(plain.text.splitlines())
    assert all(line.isprintable() for line in strange.text.splitlines())
    assert json.loads(strange.body)["type"] == "accounts_taken"
    strange.text.encode()


def test_whom_an_attack_tries_is_not_told() -> None:
    """
    A password typed into the wrong field is a user name that nobody has.
    """
    told = message(
        Change(
            what=What.CAMPAIGN_BEGAN,
            key="n-1",
            time=0.0,
            campaign=campaign(targets=("hunter2",), shares=("the account hunter2",)),
            measures=(measure(scope=Scope(accounts=("hunter2",))),),
        )
    )

    assert "hunter2" not in told.text
    assert b"hunter2" not in told.body


def test_a_long_list_is_cut() -> None:
    """
    A message is read by a person.
    """
    taken = tuple(Taken(f"user{number}", "192.0.2.7", 0.0, f"r{number}") for number in range(500))

    told = message(Change(what=What.ACCOUNTS_TAKEN, key="n-1", time=0.0, campaign=campaign(), taken=taken))

    assert told.subject.startswith("[nacre] 500 accounts probably taken")
    assert told.text.count("192.0.2.7") == MOST_LISTED
    assert f"and {500 - MOST_LISTED} more" in told.text
    assert len(told.body) < 10_000


def test_a_digest_lists_its_messages_in_the_order_of_time() -> None:
    """
    One line for people, and the whole of it for programs.
    """
    messages = [message(change(number, time=1000.0 - number)) for number in range(3)]

    told = digest(messages)

    assert told.subject == "[nacre] digest: 3 changes"
    assert [line[11:19] for line in told.text.splitlines() if "threat is high" in line] == [
        "00:16:38",
        "00:16:39",
        "00:16:40",
    ]
    assert [each["id"] for each in json.loads(told.body)["changes"]] == ["n-2", "n-1", "n-0"]


def test_a_digest_of_very_many_says_how_many_more_there_are() -> None:
    """
    Beyond what anybody reads.
    """
    told = digest([message(change(number)) for number in range(MOST_LISTED + 5)])

    assert "and 5 more" in told.text
    assert json.loads(told.body)["of"] == MOST_LISTED + 5
    assert len(json.loads(told.body)["changes"]) == MOST_LISTED


@given(text=ANY)
def test_a_printable_text_is_printable(text: str) -> None:
    """
    And not much longer than it may be.
    """
    assert printable(text).isprintable()
    assert len(printable(text)) <= 64 * 10 + 3


def test_a_drill_that_failed_is_told_with_what_it_missed() -> None:
    """
    The threat is left out: nothing is known of it, and nobody attacks.
    """
    told = message(drill_failed(("rotation: it was not recognised",), 1_800_000_000.0))

    assert told.subject == "[nacre] a drill failed"
    assert "- rotation: it was not recognised" in told.text
    assert "Threat" not in told.text
    assert json.loads(told.body)["missed"] == ["rotation: it was not recognised"]
