"""`ohmstead lab list | run`: the test laboratory."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli import campaign_flags, external_flags, own_flags
from ohmstead.cli.lab.adapter import EXAMPLE as ADAPTER_EXAMPLE
from ohmstead.cli.lab.adapter import adapter
from ohmstead.cli.lab.describe import EXAMPLE as DESCRIBE_EXAMPLE
from ohmstead.cli.lab.describe import describe
from ohmstead.cli.lab.diff import EXAMPLE as DIFF_EXAMPLE
from ohmstead.cli.lab.diff import diff
from ohmstead.cli.lab.judge import EXAMPLE as JUDGE_EXAMPLE
from ohmstead.cli.lab.judge import KEY_EXAMPLE, judge, key
from ohmstead.cli.lab.list import EXAMPLE as LIST_EXAMPLE
from ohmstead.cli.lab.list import list_
from ohmstead.cli.lab.perf import EXAMPLE as PERF_EXAMPLE
from ohmstead.cli.lab.perf import perf
from ohmstead.cli.lab.preflight import EXAMPLE as PREFLIGHT_EXAMPLE
from ohmstead.cli.lab.preflight import preflight
from ohmstead.cli.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ohmstead.lab.verdict import Result

app = typer.Typer(
    help="The test laboratory: which official cases apply to a product, and whether the station passes them.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

STYLES = {"PASS": "green", "FAIL": "bold red", "INCONCLUSIVE": "yellow", "NOT APPLICABLE": "dim"}


@app.callback()
def lab() -> None:
    """The test laboratory."""


app.command("list", epilog=LIST_EXAMPLE)(list_)


@app.command("run", epilog="[bold]Example[/bold]\n\n  ohmstead lab run TC_G_11_CS --product sec1000-240y")
def run(
    context: typer.Context,
    cases: campaign_flags.Cases = None,
    product: campaign_flags.CampaignProduct = "",
    bench: campaign_flags.Bench = "memory",
    block: campaign_flags.Blocks = None,
    without_unbuilt: own_flags.WithoutUnbuilt = False,
    with_extensions: Annotated[
        bool, typer.Option("--with-extensions", help="wire: the stations load what vendors' packages add.")
    ] = False,
    csms_listen: external_flags.CsmsListen = "",
    csms_name: external_flags.CsmsName = None,
    hand: external_flags.Hand = "prompt",
    identity: external_flags.Identity = "CS-001",
    password_file: external_flags.PasswordFile = None,
    security_profile: external_flags.SecurityProfile = None,
    failed: campaign_flags.Failed = None,
    resume: campaign_flags.Resume = None,
    config: campaign_flags.Config = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the results with their wire logs as JSON.")] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write the results as JUnit XML.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Print JSON lines, each as soon as it is known.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print the wire log of what did not pass.")] = False,
) -> int:
    """Run cases on our own station, or (--bench external) on any other. Exit code 0: nothing failed or stayed open."""
    from ohmstead.cli.lab import as_before, kept
    from ohmstead.cli.lab.lines import print_lines
    from ohmstead.cli.lab.own_campaign import run_own
    from ohmstead.cli.own import load_own
    from ohmstead.lab.rigs.campaign import Campaign

    begun = as_before.start(context, failed)
    options = begun.options
    campaign_flags.check_options(context, options.bench)
    source = begun.product or campaign_flags.product_of(options.bench, options.product, options.csms_listen)
    identifiers, files = kept.chosen(cases or [], block, failed), kept.ResultFiles(json, junit)
    settings = begun.path("config")
    if options.bench == "external":
        from ohmstead.cli.lab.external import run_external

        external = begun.external(resume=resume, again=failed is not None)
        results = run_external(external, source, identifiers, settings, files.add)
    else:
        chosen = load_own(source, drop_unbuilt=options.without_unbuilt)
        campaign = Campaign(
            product=chosen,
            rig=options.bench,
            config=settings,
            cases=identifiers,
            extensions=options.with_extensions,
        )
        results = (
            print_lines(campaign, files.add)
            if lines
            else run_own(campaign, resume, show_result, files.add, again=failed is not None, options=begun.kept)
        )
    files.end(results)
    if not lines:
        _summary(results, verbose)
    return _code(identifiers, results)


def _code(identifiers: "Sequence[str]", results: "list[Result]") -> int:
    missing = set(identifiers) - {result.id for result in results}
    return 0 if not missing and all(result.good for result in results) else 1


app.command("adapter", epilog=ADAPTER_EXAMPLE)(adapter)
app.command("describe", epilog=DESCRIBE_EXAMPLE)(describe)
app.command("preflight", epilog=PREFLIGHT_EXAMPLE)(preflight)
app.command("diff", epilog=DIFF_EXAMPLE)(diff)
app.command("judge", epilog=JUDGE_EXAMPLE)(judge)
app.command("key", epilog=KEY_EXAMPLE)(key)
app.command("perf", epilog=PERF_EXAMPLE)(perf)


def show_result(result: "Result") -> str | None:
    """Return the line to print for a result; None for what passed."""
    if result.verdict == "PASS":
        return None
    style = STYLES[result.verdict]
    return f"[{style}]{result.verdict:14}[/] {result.id}  {escape(result.reason)}"


def _summary(results: "list[Result]", verbose: bool) -> None:
    from rich.console import Console

    from ohmstead.cli.lab.failures import print_failures

    console = Console(highlight=False, soft_wrap=True)
    print_failures(console, results, verbose=verbose)
    counts = {verdict: sum(result.verdict == verdict for result in results) for verdict in STYLES}
    parts = [f"[{STYLES[verdict]}]{count} {verdict}[/]" for verdict, count in counts.items() if count]
    console.print(", ".join(parts) or "no cases")
