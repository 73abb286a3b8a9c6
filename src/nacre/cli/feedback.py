# SPDX-License-Identifier: Apache-2.0
"""``nacre feedback``: what an attempt really was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, examples
from nacre.cli.output import count, moment, note, show, show_json, show_table
from nacre.errors import UnknownRequest

if TYPE_CHECKING:
    from nacre.feedback import Feedback, FeedbackOnMany, Meant
    from nacre.service import Guard

WORDS = {True: "an attack", False: "legitimate", None: "withdrawn"}
"""What somebody says that an attempt was."""


def feedback(
    request_id: Annotated[
        str | None, typer.Argument(metavar="[REQUEST_ID]", help="The attempt, as the check answered it.")
    ] = None,
    *,
    attack: Annotated[
        bool | None, typer.Option("--attack/--legitimate", help="What it was.", show_default=False)
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what you said of it.")] = False,
    block: Annotated[
        str, typer.Option("--block", metavar="SUBJECT", help="Instead: all of a block, by its subnet or account.")
    ] = "",
    rule: Annotated[str, typer.Option("--rule", help="Name of the rule of that block; any, if not given.")] = "",
    campaign: Annotated[str, typer.Option("--campaign", metavar="ID", help="Instead: all of a campaign.")] = "",
    client_ip: Annotated[str, typer.Option("--client-ip", help="It has to have come from this address.")] = "",
    username: Annotated[
        str, typer.Option("--username", help="It has to have been for this account; with --block, that of the pair.")
    ] = "",
    list_: Annotated[bool, typer.Option("--list", help="List the newest feedback instead.")] = False,
    number: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How much of it to list.")] = 100,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Say what an attempt really was; the next training learns from it."""
    if list_:
        if request_id is not None or block or campaign or attack is not None or withdraw:
            raise typer.BadParameter("--list takes no attempt and no claim")
        _list(ask(config, data_dir, lambda guard: guard.network.feedback(count=number)), as_json=as_json)
        return ExitCode.DONE
    if sum(map(bool, (request_id, block, campaign))) != 1 or (rule and not block):
        raise typer.BadParameter("name an attempt by its request id, or say one of --block, --campaign and --list")
    if (attack is not None) == withdraw:
        raise typer.BadParameter("say one of --attack, --legitimate and --withdraw")
    if not request_id:
        if client_ip or (username and not block):
            raise typer.BadParameter("--client-ip and --username say which attempt is meant, and here are many")
        meant = _meant(block, username=username, rule=rule, campaign=campaign)
        told = ask(config, data_dir, lambda guard: guard.network.give_feedback_on(meant, is_attack=attack, who=who()))
        return _noted(told, as_json=as_json)
    attempt = request_id

    async def question(guard: Guard) -> Feedback | None:
        try:
            return await guard.network.give_feedback(
                attempt, is_attack=attack, who=who(), client_ip=client_ip, username=username
            )
        except UnknownRequest:
            return None

    return _noted_one(attempt, ask(config, data_dir, question), as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "nacre feedback 6a8fd9f4c24e5e1b-1 --legitimate",
            "nacre feedback 6a8fd9f4c24e5e1b-1 --attack --client-ip 192.0.2.7 --username erika",
            "nacre feedback --block 192.0.2.0/24 --rule network --legitimate",
            "nacre feedback --list",
        )
    )(feedback)


def _meant(block: str, *, username: str, rule: str, campaign: str) -> Meant:
    """Return a campaign, or the block of a subnet, of an account, or with a user name of a pair."""
    from nacre.address import Subnet
    from nacre.feedback import Meant

    if campaign:
        return Meant(campaign=campaign)
    try:
        Subnet.parse(block)
    except ValueError:
        if username:
            raise typer.BadParameter(f"{block!r} is no subnet, and --username names the account already") from None
        return Meant(account=block, rule=rule)
    return Meant(subnet=block, account=username, rule=rule)


def _noted_one(request_id: str, claim: Feedback | None, *, as_json: bool) -> ExitCode:
    if claim is None:
        note(f"Nothing is kept of an attempt {request_id!r}: it is unknown, or older than decisions.keep.")
        return ExitCode.ABSENT
    if as_json:
        from nacre.api.network_bodies import FeedbackEntry

        show_json(FeedbackEntry.of(claim))
    else:
        show(f"Noted: {_named(claim)}: {WORDS[claim.is_attack]}.")
    return ExitCode.DONE


def _noted(told: FeedbackOnMany, *, as_json: bool) -> ExitCode:
    if as_json:
        from nacre.api.network_bodies import FeedbackNoted

        show_json(FeedbackNoted.of_many(told))
    elif told.attempts:
        show(f"Noted: {count(told.attempts, 'attempt')}: {WORDS[told.is_attack]}.")
    if told.not_scored:
        note(f"{count(told.not_scored, 'attempt')} left out: the network did not look at them.")
    if told.beyond:
        note(f"{count(told.beyond, 'older attempt')} left out: that is too many for one claim.")
    return ExitCode.DONE if told.attempts else ExitCode.ABSENT


def _list(claims: Sequence[Feedback], *, as_json: bool) -> None:
    if as_json:
        from nacre.api.network_bodies import FeedbackEntry, FeedbackList

        show_json(FeedbackList([FeedbackEntry.of(claim) for claim in claims]))
    elif claims:
        rows = [
            (
                moment(claim.time),
                claim.giver,
                WORDS[claim.is_attack],
                claim.client_ip,
                claim.username,
                "" if claim.new else "yes",
                claim.request_id,
            )
            for claim in claims
        ]
        show_table(["time", "who", "was", "address", "account", "trained", "request id"], rows)
    else:
        note("Nobody has given feedback yet.")


def _named(claim: Feedback) -> str:
    """Return an attempt as people know it."""
    known = f"{claim.username or 'an unnamed account'} from {claim.client_ip}" if claim.client_ip else claim.username
    return f"{claim.request_id}, {known}" if known else claim.request_id
