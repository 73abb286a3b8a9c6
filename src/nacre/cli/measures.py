# SPDX-License-Identifier: Apache-2.0
"""``nacre measures``: which there are, and to begin, confirm, extend and end them."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, examples, group
from nacre.cli.output import moment, note, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.campaign.measure import Measure
    from nacre.campaign_desk import Estimate, Wish
    from nacre.service import Guard

app = group("See the measures against attacks, and begin, confirm, extend and end them.")

MeasureId = Annotated[str, typer.Argument(metavar="MEASURE", help="Its id, as nacre measures list shows it.")]
Lasts = Annotated[str, typer.Option("--for", metavar="DURATION", help="How long, from now on: 30m, 2h.")]


class StepName(enum.StrEnum):
    """What a measure does; see :class:`nacre.campaign.measure.Step`."""

    MONITOR = "monitor"
    CHALLENGE = "challenge"
    DELAY = "delay"
    RATE_LIMIT = "rate_limit"
    BLOCK = "block"
    THRESHOLD = "threshold"


@app.command("list", epilog=examples("nacre measures list"))
def list_(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """List measures that are in force, proposed, or ended within a day, the newest first."""

    async def question(guard: Guard) -> tuple[list[Measure], float]:
        return await guard.campaigns.measures(), guard.clock()

    found, now = ask(config, data_dir, question)
    if as_json:
        from nacre.api.campaign_bodies import MeasureBody, MeasureList

        show_json(MeasureList([MeasureBody.of(each, now) for each in found]))
    elif found:
        _show(found, now)
    else:
        note("There is no measure.")
    return ExitCode.DONE


@app.command(
    epilog=examples(
        "nacre measures start challenge --account erika --for 2h",
        "nacre measures start block --subnet 192.0.2.0/24 --reason 'a botnet'",
    )
)
def start(
    step: Annotated[StepName, typer.Argument(metavar="STEP", help="What it does: " + ", ".join(StepName))],
    *,
    account: Annotated[list[str] | None, typer.Option("--account", help="Only this account; may be repeated.")] = None,
    subnet: Annotated[list[str] | None, typer.Option("--subnet", help="Only from there; may be repeated.")] = None,
    asn: Annotated[list[int] | None, typer.Option("--asn", help="Only from this operator; may be repeated.")] = None,
    country: Annotated[list[str] | None, typer.Option("--country", help="Only from there; may be repeated.")] = None,
    protocol: Annotated[list[str] | None, typer.Option("--protocol", help="Only this; may be repeated.")] = None,
    known_origins: Annotated[
        bool, typer.Option("--known-origins", help="Meet owners at known places, too; they are never refused.")
    ] = False,
    lasts: Lasts = "1h",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="A sentence for other operators.")] = "",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Begin it even if it may meet more good logins than the budget allows.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Begin a measure, on all instances at once."""
    from nacre.campaign.measure import Scope, Step
    from nacre.campaign_desk import Wish

    scope = Scope(
        accounts=tuple(account or ()),
        subnets=tuple(subnet or ()),
        asns=tuple(asn or ()),
        countries=tuple(country or ()),
        protocols=tuple(protocol or ()),
        unknown_origins=not known_origins,
    )
    wish = Wish(step=Step(step.value), scope=scope, seconds=_seconds(lasts), reason=reason, confirm=confirm)
    if dry_run:
        return _tell(wish, as_json=as_json, config=config, data_dir=data_dir)
    return _changed(ask(config, data_dir, lambda guard: guard.campaigns.start(wish, who=who())), as_json=as_json)


@app.command(epilog=examples("nacre measures confirm m-4ebda306c374"))
def confirm(
    measure: MeasureId, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None
) -> ExitCode:
    """Begin a measure that was proposed."""
    return _changed(ask(config, data_dir, lambda guard: guard.campaigns.confirm(measure, who=who())), as_json=as_json)


@app.command(epilog=examples("nacre measures stop m-4ebda306c374"))
def stop(measure: MeasureId, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """End a measure, or turn a proposed one down; the same is not begun again for a day."""
    return _changed(ask(config, data_dir, lambda guard: guard.campaigns.stop(measure, who=who())), as_json=as_json)


@app.command(epilog=examples("nacre measures extend m-4ebda306c374 --for 2h"))
def extend(
    measure: MeasureId, *, lasts: Lasts = "1h", as_json: AsJson = False, config: Config = None, data_dir: DataDir = None
) -> ExitCode:
    """Let a measure last longer."""
    seconds = _seconds(lasts)

    async def question(guard: Guard) -> Measure:
        return await guard.campaigns.extend(measure, seconds, who=who())

    return _changed(ask(config, data_dir, question), as_json=as_json)


def _tell(wish: Wish, *, as_json: bool, config: Config, data_dir: DataDir) -> ExitCode:
    async def question(guard: Guard) -> Estimate:
        return await guard.campaigns.estimate(wish)

    found = ask(config, data_dir, question)
    if as_json:
        show_json(found)
    else:
        share = f"a share of {found.harm.share:.2g} by a careful estimate"
        show(f"It would have met {found.harm.touched:,} of {found.harm.of:,} good logins, {share}.")
        fits = found.affordable >= wish.seconds
        show("That is within the budget." if fits else "That is more than the budget allows; --confirm begins it.")
    return ExitCode.DONE


def _seconds(text: str) -> float:
    from nacre.campaign_desk import LONGEST
    from nacre.config.duration import Duration

    try:
        seconds = float(Duration.parse(text))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None
    if not 1 <= seconds <= LONGEST:
        raise typer.BadParameter(f"from 1s to 720h, not {text}", param_hint="--for")
    return seconds


def _changed(measure: Measure, *, as_json: bool) -> ExitCode:
    from nacre.api.campaign_bodies import MeasureBody

    told = MeasureBody.of(measure, 0.0)
    if as_json:
        show_json(told)
    else:
        show(f"Measure {measure.id} ({measure.step.value}) is {told.state} until {moment(measure.until)}.")
    return ExitCode.DONE


def _show(measures: list[Measure], now: float) -> None:
    from nacre.api.campaign_bodies import MeasureBody

    rows = [
        (
            each.id,
            each.step.value,
            MeasureBody.of(each, now).state,
            moment(each.until),
            f"{each.harm.share:.2g}" if each.harm is not None else "",
            each.owner,
            each.reason,
        )
        for each in measures
    ]
    show_table(["measure", "step", "state", "until", "harm", "by", "reason"], rows, numbers=["harm"])
