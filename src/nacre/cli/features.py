# SPDX-License-Identifier: Apache-2.0
"""``nacre features``: what the network looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, examples, group
from nacre.cli.output import note, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.network_desk import FeatureInfo
    from nacre.service import Guard

app = group("See what the network looks at, and remove additional features.")


@app.command("list", epilog=examples("nacre features list", "nacre features list --additional"))
def list_(
    *,
    additional: Annotated[bool, typer.Option("--additional", help="Leave the standard columns out.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """List the columns of the network, and the additional features that callers sent."""

    async def question(guard: Guard) -> list[FeatureInfo]:
        return await guard.network.features()

    found = [each for each in ask(config, data_dir, question) if not (additional and each.kind == "standard")]
    if as_json:
        from nacre.api.network_bodies import FeatureList

        show_json(FeatureList(found))
    elif found:
        rows = [
            (each.name, each.state, " ".join(filter(None, (each.kind, each.encoding))), each.text) for each in found
        ]
        show_table(["feature", "state", "kind", "meaning"], rows)
    else:
        note("No caller has sent an additional feature yet.")
    return ExitCode.DONE


@app.command(epilog=examples("nacre features remove browser_info device_type"))
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Additional features.")],
    *,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Remove additional features; if the model uses one of them, the network is reset."""
    removed, unknown = ask(config, data_dir, lambda guard: guard.network.remove_features(names, who=who()))
    if as_json:
        from nacre.api.network_bodies import FeaturesRemoved

        show_json(FeaturesRemoved(removed, unknown))
    else:
        if removed:
            show(f"Removed: {', '.join(removed)}.")
        if unknown:
            note(f"No additional feature: {', '.join(unknown)}.")
    return ExitCode.DONE if removed else ExitCode.ABSENT
