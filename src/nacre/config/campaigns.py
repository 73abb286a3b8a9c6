# SPDX-License-Identifier: Apache-2.0
"""Settings of what watches for distributed attacks, and of who is told."""

from __future__ import annotations

import enum
from typing import Annotated

from msgspec import Meta

from nacre.config.duration import Duration
from nacre.config.forms import MAIL_ADDRESS, MAIL_SERVER, WEBHOOK_URL, Span
from nacre.config.section import DAY, HOUR, MINUTE, SECOND, Section

Wait = Annotated[Duration, Span(60 * SECOND, zero=True)]
Word = Annotated[str, Meta(min_length=1, max_length=128)]


class Measures(Section, frozen=True):
    """Steps against attacks, and how much harm they may do."""

    automatic: Annotated[
        bool, Meta(description="Begin measures within the budget at once; off, all but marks wait for a person.")
    ] = True
    budget: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Share of a day's good logins that measures may meet without a person's consent.",
        ),
    ] = 0.0001
    coverage: Annotated[
        float,
        Meta(
            ge=0.5,
            le=1,
            description="Share of a campaign's recent attempts that its measures aim to meet, the narrowest first.",
        ),
    ] = 0.95
    duration: Annotated[
        Duration, Span(DAY), Meta(description="How long a measure lasts; it is extended while the attack goes on.")
    ] = 10 * MINUTE
    delay: Annotated[
        Wait,
        Meta(description="Longest wait that a measure may ask for; also the wait where no challenge can be shown."),
    ] = 5 * SECOND
    delays: Annotated[
        dict[Word, Wait], Meta(description="The same for single protocols, such as `http: 2s` or `imap: 10s`.")
    ] = {}
    refuse_without_challenge: Annotated[
        tuple[Word, ...],
        Meta(
            description="Protocols that cannot show a challenge and whose attempts are then refused instead of made to "
            "wait; owners at known places wait all the same."
        ),
    ] = ()
    rate_limit: Annotated[
        int, Meta(ge=1, le=100_000, description="Attempts per minute and address while a rate limit is in force.")
    ] = 10
    ml_threshold: Annotated[
        float,
        Meta(ge=0, le=1, description="Score from which on unknown origins are challenged while the threat is severe."),
    ] = 0.5
    widest_ipv4: Annotated[
        int, Meta(ge=8, le=32, description="Shortest prefix of an IPv4 network that may be blocked.")
    ] = 20
    widest_ipv6: Annotated[
        int, Meta(ge=16, le=64, description="Shortest prefix of an IPv6 network that may be blocked.")
    ] = 40


class Campaigns(Section, frozen=True):
    """Distributed attacks: how they are seen and answered."""

    enabled: Annotated[
        bool, Meta(description="Watch for attacks from many addresses, name them and answer with measures.")
    ] = True
    account_origins: Annotated[
        int,
        Meta(
            ge=4,
            le=24,
            description="Addresses, new to an account, that have to fail there within an hour before it counts as "
            "under attack; three times as many within a day do as well.",
        ),
    ] = 8
    password_accounts: Annotated[
        int,
        Meta(
            ge=4, le=32, description="Accounts that one wrong password has to be tried on within a day to be a spray."
        ),
    ] = 8
    subnet_accounts: Annotated[
        int,
        Meta(
            ge=4,
            le=32,
            description="Accounts that have to fail from one unknown IPv4 /24 or IPv6 /48 within a day to be a "
            "campaign.",
        ),
    ] = 12
    quiet: Annotated[
        Duration,
        Span(DAY),
        Meta(description="A campaign is over when nothing of it came for so long; a slow one gets longer, up to 6h."),
    ] = 30 * MINUTE
    calm: Annotated[
        Duration, Span(DAY), Meta(description="Time within which the threat halves once nothing holds it up.")
    ] = 10 * MINUTE
    drill_every: Annotated[
        Duration,
        Span(30 * DAY, zero=True),
        Meta(
            description="How often whoever watches tries attacks in a namespace of their own, as `nacre drill` does, "
            "and tells if one would get through; 0 for never."
        ),
    ] = Duration(0)
    measures: Annotated[Measures, Meta(description="Steps against attacks, and how much harm they may do.")] = (
        Measures()
    )


class MailSecurity(enum.StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Band(enum.StrEnum):
    """How grave attacks on the whole installation are."""

    NORMAL = "normal"
    MODERATE = "moderate"
    HIGH = "high"
    SEVERE = "severe"


class Mail(Section, frozen=True):
    """Who gets mail, and by which server."""

    server: Annotated[
        str, MAIL_SERVER, Meta(description="`host:port` of the server that takes the mail; empty sends none.")
    ] = ""
    security: Annotated[
        MailSecurity,
        Meta(description="`starttls`, `tls` from the first byte on, or `none`; what is set is insisted upon."),
    ] = MailSecurity.STARTTLS
    ca_file: Annotated[str, Meta(description="Certificates that are trusted; empty means the system's.")] = ""
    username: Annotated[str, Meta(description="User at the server; empty does not log in.")] = ""
    password_file: Annotated[str, Meta(description="File that holds the password.")] = ""
    sender: Annotated[str, MAIL_ADDRESS, Meta(description="Address that the mail comes from.")] = "nacre@localhost"
    recipients: Annotated[
        tuple[Annotated[str, MAIL_ADDRESS], ...], Meta(description="Addresses that the mail goes to.")
    ] = ()


class Webhook(Section, frozen=True):
    """A program of the operator's that is told over HTTP."""

    url: Annotated[str, WEBHOOK_URL, Meta(description="Where to post; empty posts nowhere.")] = ""
    secret_file: Annotated[
        str, Meta(description="File that holds the secret with which each post is signed; required with `url`.")
    ] = ""
    ca_file: Annotated[str, Meta(description="Certificates that are trusted; empty means the system's.")] = ""


class Notifications(Section, frozen=True):
    """Who is told of attacks."""

    enabled: Annotated[bool, Meta(description="Tell of attacks by the means that are set.")] = True
    least_band: Annotated[
        Band,
        Meta(
            description="Least threat of which is told: `normal`, `moderate`, `high` or `severe`; accounts that were "
            "probably taken are told always."
        ),
    ] = Band.MODERATE
    per_hour: Annotated[
        int, Meta(ge=1, le=1000, description="Messages within an hour that are sent at once; others go into a digest.")
    ] = 20
    digest: Annotated[
        Duration, Span(DAY), Meta(description="How long what was not sent at once is gathered into one digest.")
    ] = HOUR
    mail: Annotated[Mail, Meta(description="Who gets mail, and by which server.")] = Mail()
    webhook: Annotated[Webhook, Meta(description="A program that is told over HTTP.")] = Webhook()
