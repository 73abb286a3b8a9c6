# SPDX-License-Identifier: Apache-2.0
"""``nacre threat`` and ``nacre campaigns``: how grave it is, who attacks whom, and how to forget it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, Yes, examples, group
from nacre.cli.output import count, moment, note, show, show_json, show_pairs, show_table

if TYPE_CHECKING:
    from nacre.campaign.picture import Campaign, Picture
    from nacre.campaign_desk import Rehearsal
    from nacre.service import Guard

app = group("See campaigns, forget them, and rehearse one.")

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id, as nacre campaigns list shows it.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account, as it is typed.")]


def threat(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Tell how grave the attacks on the whole installation are."""
    picture = ask(config, data_dir, _picture)
    if as_json:
        from nacre.api.campaign_bodies import ThreatBody

        show_json(ThreatBody.of(picture))
        return ExitCode.DONE
    if not picture.time:
        note("Nobody has watched yet: start the service, and look again.")
    running = sum(1 for campaign in picture.campaigns if not campaign.ended)
    pairs: list[tuple[str, object]] = [
        ("threat", f"{picture.threat.level:.2f}, {picture.threat.band}"),
        *(("because", reason) for reason in picture.threat.reasons),
        ("campaigns", running),
        ("seen", moment(picture.time)),
    ]
    show_pairs(pairs)
    if picture.accounts:
        rows = [
            (each.account, each.score, each.failures, f"{each.new_share:.0%}", moment(each.since))
            for each in picture.accounts
        ]
        columns = ["account under attack", "origins", "failures", "new", "since"]
        show_table(columns, rows, numbers=["origins", "failures", "new"])
    return ExitCode.DONE


@app.command("list", epilog=examples("nacre campaigns list"))
def list_(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """List campaigns that run, or ended within a day, the latest first."""
    found = sorted(ask(config, data_dir, _picture).campaigns, key=lambda each: -each.since)
    if as_json:
        from nacre.api.campaign_bodies import CampaignBody, CampaignList

        show_json(CampaignList([CampaignBody.of(each) for each in found]))
    elif found:
        rows = [
            (
                each.id,
                each.kind.value,
                moment(each.since),
                moment(each.ended) or "runs",
                each.attempts,
                each.sources,
                each.accounts,
                len(each.taken),
            )
            for each in found
        ]
        columns = ["campaign", "kind", "since", "until", "attempts", "sources", "accounts", "taken"]
        show_table(columns, rows, numbers=["attempts", "sources", "accounts", "taken"])
    else:
        note("There is no campaign.")
    return ExitCode.DONE


@app.command("show", epilog=examples("nacre campaigns show c6b01d28f-1"))
def show_(
    campaign_id: CampaignId, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None
) -> ExitCode:
    """Tell what is known of a campaign, and which accounts it has probably taken."""
    found = ask(config, data_dir, lambda guard: guard.campaigns.campaign(campaign_id))
    if as_json:
        from nacre.api.campaign_bodies import CampaignBody

        show_json(CampaignBody.of(found))
    else:
        _show(found)
    return ExitCode.DONE


@app.command(epilog=examples("nacre campaigns reset --yes"))
def reset(*, yes: Yes = False, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """End all measures, and forget all campaigns."""
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("nobody is there to confirm that all is forgotten; say --yes if you mean it")
        typer.confirm("End all measures and forget all campaigns?", abort=True, err=True)
    ended = ask(config, data_dir, lambda guard: guard.campaigns.reset(who=who()))
    if as_json:
        from nacre.api.campaign_bodies import MeasuresEnded

        show_json(MeasuresEnded(ended))
    else:
        show(f"All is forgotten; {count(ended, 'measure')} ended.")
    return ExitCode.DONE


@app.command("reset-account", epilog=examples("nacre campaigns reset-account erika"))
def reset_account(
    account: Account, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None
) -> ExitCode:
    """Forget what is known against an account, and end its measures."""
    known = ask(config, data_dir, lambda guard: guard.campaigns.reset_account(account, who=who()))
    if as_json:
        from nacre.api.campaign_bodies import AccountReset

        show_json(AccountReset(known))
    elif known:
        show(f"What was known against {account} is forgotten.")
    else:
        note(f"Nothing was known against {account}.")
    return ExitCode.DONE if known else ExitCode.ABSENT


@app.command(epilog=examples("nacre campaigns simulate erika --addresses 20"))
def simulate(
    account: Account,
    *,
    addresses: Annotated[int, typer.Option("--addresses", min=1, max=1000, help="How many try it, once each.")] = 20,
    country: Annotated[str, typer.Option("--country", metavar="CC", help="Two letters from which all come.")] = "",
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Attack an account in a namespace of its own, and tell what became of it; nothing that is live is touched."""

    async def question(guard: Guard) -> Rehearsal:
        return await guard.campaigns.simulate(account, addresses=addresses, country=country, who=who())

    found = ask(config, data_dir, question)
    if as_json:
        show_json(found)
    elif found.detected:
        show(
            f"Recognised by attempt {found.recognised_by} of {found.addresses}; "
            f"{found.stopped} were refused, challenged or delayed."
        )
    else:
        show(f"Not recognised within {count(found.addresses, 'attempt')}.")
    return ExitCode.DONE if found.detected else ExitCode.FAILED


def register(root: typer.Typer) -> None:
    """Add the commands."""
    root.command(epilog=examples("nacre threat", "nacre threat --json"))(threat)
    root.add_typer(app, name="campaigns")


async def _picture(guard: Guard) -> Picture:
    return await guard.campaigns.picture()


def _show(campaign: Campaign) -> None:
    pairs: list[tuple[str, object]] = [
        ("campaign", campaign.id),
        ("kind", f"{campaign.kind.value} ({campaign.technique})"),
        ("since", moment(campaign.since)),
        ("last", moment(campaign.last)),
        ("ended", moment(campaign.ended) or "runs"),
        ("attempts", f"{campaign.attempts:,}"),
        ("sources", f"{campaign.sources:,} addresses in {campaign.subnets:,} subnets"),
        ("accounts", f"{campaign.accounts:,}"),
        *(("shares", sentence) for sentence in campaign.shares),
        *(("taken", f"{each.account} from {each.address}, {moment(each.time)}") for each in campaign.taken),
    ]
    show_pairs(pairs)
