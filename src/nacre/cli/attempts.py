# SPDX-License-Identifier: Apache-2.0
"""``nacre check``, ``nacre report``, ``nacre attempt``: the two questions, asked from a shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.fields import attempt_options, fields_of
from nacre.cli.installation import ask
from nacre.cli.options import AsJson, Config, DataDir, examples
from nacre.cli.output import show, show_json, show_pairs

if TYPE_CHECKING:
    from nacre.attempt import AttemptFields
    from nacre.decision import Decision
    from nacre.record import Receipt

Success = Annotated[bool, typer.Option("--success/--failure", help="What became of it.", show_default=False)]

WHY = {
    "counted": "Counted.",
    "repeated_password": "Not counted: the same wrong password of this account from there again.",
    "reported_before": "Not counted: this request id was reported before.",
    "refused_before": "Not counted: the check had refused this attempt.",
    "not_learned": "Not counted: brute_force.learning does not name this feature.",
    "rejected_by_script": "A filter rejects the login: do not let it in.",
}
"""What the answer to a report means; other answers are exemptions."""


@attempt_options(required=True)
def check(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None, **fields: Any) -> ExitCode:
    """Ask what to do with an attempt, before its password is tested."""
    asked = fields_of(fields)
    decision = ask(config, data_dir, lambda guard: guard.check(asked))
    return _answer(decision, as_json=as_json)


@attempt_options(required=True)
def attempt(
    *, success: Success, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None, **fields: Any
) -> ExitCode:
    """Check and report in one, where the outcome is known first; the decision does not know it."""
    asked = fields_of(fields)
    decision = ask(config, data_dir, lambda guard: guard.attempt(asked, success=success))
    return _answer(decision, as_json=as_json)


@attempt_options(required=False, without=("request_id",))
def report(
    *,
    request_id: Annotated[
        str | None, typer.Argument(metavar="[REQUEST_ID]", help="Of the check, or of an earlier report.")
    ] = None,
    success: Success,
    feature: Annotated[
        str, typer.Option("--feature", help="The check that turned it away, if it was not the password: rbl, geoip ...")
    ] = "",
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
    **fields: Any,
) -> ExitCode:
    """Tell what became of an attempt: by the request id of its check, or by its fields."""
    told = _told(request_id, fields)
    learned = _feature(feature)
    receipt = ask(config, data_dir, lambda guard: guard.report(told, success=success, feature=learned))
    if as_json:
        show_json(receipt._asdict())
    else:
        show(_meaning(receipt))
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog=examples(
            "nacre check --client-ip 192.0.2.7 --username erika --protocol imap",
            "nacre check --client-ip 192.0.2.7 --username erika --password-stdin --json < password",
        )
    )(check)
    app.command(
        epilog=examples(
            "nacre report 6a8fd9f4c24e5e1b-1 --failure",
            "nacre report --client-ip 192.0.2.7 --username erika --success",
        )
    )(report)
    app.command(epilog=examples("nacre attempt --client-ip 192.0.2.7 --username erika --failure"))(attempt)


def _told(request_id: str | None, fields: dict[str, Any]) -> str | AttemptFields:
    """Return the request id where it says all, else the fields."""
    if fields["client_ip"] is None and fields["username"] is None:
        if not request_id:
            raise typer.BadParameter("give a request id, or --client-ip and --username")
        return request_id
    return fields_of(fields | {"request_id": request_id})


def _feature(name: str) -> str:
    from nacre.config.tree import Feature

    if name and name not in set(Feature):
        raise typer.BadParameter(f"{name!r} is none; there are {', '.join(Feature)}", param_hint="--feature")
    return name


def _answer(decision: Decision, *, as_json: bool) -> ExitCode:
    if as_json:
        show_json(decision)
    else:
        show_pairs(_lines(decision))
    return {"challenge": ExitCode.CHALLENGE, "refuse": ExitCode.REFUSED}.get(decision.action, ExitCode.DONE)


def _lines(decision: Decision) -> Iterator[tuple[str, str]]:
    """Yield the parts of a decision, by name."""
    yield "action", decision.action + (f", {decision.delay:g} s" if decision.delay else "")
    yield "request id", decision.request_id
    if decision.message:
        yield "message", decision.message
    yield from scores(decision)
    for reason in decision.reasons:
        yield "because", reason.text


def scores(decision: Decision) -> Iterator[tuple[str, str]]:
    """Yield what the network says of an attempt, and what there would have been without it; nothing without a model."""
    if decision.score is None:
        return
    accept = "" if decision.score_accept is None else f", accept {decision.score_accept:.3f}"
    yield "score", f"guess {decision.score:.3f}{accept}"
    yield "model", decision.model
    if decision.rules_alone not in {None, decision.action}:
        yield "rules alone", str(decision.rules_alone)


def _meaning(receipt: Receipt) -> str:
    from nacre.policy import EXEMPT

    return WHY.get(receipt.why) or f"Not counted: {EXEMPT.get(receipt.why, receipt.why)}."
