# SPDX-License-Identifier: Apache-2.0
"""Why a row of the journal has the label that it has: the provenance of each weak label."""

from __future__ import annotations

import enum


class Reason(enum.IntEnum):
    """Where a label comes from; :data:`SENTENCES` says it in words.  The numbers are stored: none is ever reused."""

    NONE = 0
    YOUNG = 1
    LATER = 2
    NOT_TOLD = 3
    ONCE = 4
    CONFLICT = 5
    SOURCE = 16
    ACCOUNT = 17
    SPRAYED = 18
    STRANGER = 19
    STRANGER_KNOWN_PROVIDER = 20
    NO_SUCH_ACCOUNT = 21
    HIT_OF_SOURCE = 22
    HIT = 23
    RETURNED = 24
    INSIDER = 25
    REPEATED_GUESS = 26
    ELSEWHERE = 27
    PAIR = 32
    PROVIDER = 33
    OTHER_SUCCESS = 34
    RIGHT_ONCE = 35
    PAIR_FAILED = 36
    PROVIDER_FAILED = 37
    DEVICE = 38
    MISTYPED_NAME = 39
    BESIDE_SUCCESS = 40
    CLAIMED_ATTACK = 48
    CLAIMED_LEGITIMATE = 49
    DISPUTED = 50


SENTENCES = {
    Reason.NONE: "No rule says anything about this attempt.",
    Reason.YOUNG: "It is too early to tell what became of this attempt.",
    Reason.LATER: "It lies beyond the time the labels are made for.",
    Reason.NOT_TOLD: "We refused it ourselves, and that proves nothing.",
    Reason.ONCE: "A success with a new provider and a new client or country that never came back.",
    Reason.CONFLICT: "It looks like an attack, but the account signs in from this network.",
    Reason.SOURCE: "Its address or network failed for many accounts or with many passwords that day.",
    Reason.ACCOUNT: "The account was tried from many strange addresses with many passwords that day.",
    Reason.SPRAYED: "Its password failed for many accounts within two days.",
    Reason.STRANGER: "It failed from an address that nobody signs in from.",
    Reason.STRANGER_KNOWN_PROVIDER: "It failed from an address without logins, at a provider that the account uses.",
    Reason.NO_SUCH_ACCOUNT: "There is no such account, and nobody regularly signs in from its address.",
    Reason.HIT_OF_SOURCE: "A success new to network and provider, from an address that attacked that day.",
    Reason.HIT: "A success new to network and provider, beside attempts that were attacks.",
    Reason.RETURNED: "It came back where a success beside attacks had been.",
    Reason.INSIDER: "Its address failed that day for several accounts that never sign in from there.",
    Reason.REPEATED_GUESS: "It repeats a password that was a guess for this account.",
    Reason.ELSEWHERE: "A success from another country, with another provider and another client, that never came back.",
    Reason.PAIR: "The account signed in from this network on several days.",
    Reason.PROVIDER: "The account signed in from this provider on several days.",
    Reason.OTHER_SUCCESS: "A success that nothing speaks against.",
    Reason.RIGHT_ONCE: "It failed with a password that was or became the right one.",
    Reason.PAIR_FAILED: "It failed, but the account signs in from this network.",
    Reason.PROVIDER_FAILED: "It failed, but the account signs in from this provider.",
    Reason.DEVICE: "A device fails with the same password for ever.",
    Reason.MISTYPED_NAME: "There is no such account, but others regularly sign in from its address.",
    Reason.BESIDE_SUCCESS: "It failed where the account also signed in, once.",
    Reason.CLAIMED_ATTACK: "Somebody said that it was an attack.",
    Reason.CLAIMED_LEGITIMATE: "Somebody said that it was legitimate.",
    Reason.DISPUTED: "What was said about it contradicts a firm label or somebody else.",
}
"""One sentence for each reason."""
