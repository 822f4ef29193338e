"""`ohmstead certify`: the whole campaign on one product, and the report."""

import functools
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from ohmstead.cli import campaign_flags, external_flags, own_flags
from ohmstead.cli.terminal import say
from ohmstead.product.suggestion import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ohmstead.lab.cases.config import LabConfig
    from ohmstead.lab.cases.figures import Figures
    from ohmstead.lab.report.model import CampaignRun, Report
    from ohmstead.lab.rigs.results import CampaignOptions
    from ohmstead.product.profile import Product

app = typer.Typer(rich_markup_mode="rich")

ROUNDS = 2
"""Of what performance is measured by."""
KEPT = "--keep-secrets: passwords stand in {} as the station showed them; give that folder to nobody"
EXAMPLE = """[bold]Example[/bold]

  ohmstead certify --product sec1000-240y
  ohmstead lab judge report-sec1000-240y

  ohmstead certify --product mine.toml --bench external --csms-listen wss://0.0.0.0:9000 --resume mine.jsonl"""


Out = Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the report; without it report-PRODUCT.")]
Network = Annotated[
    str | None,
    typer.Option(
        "--network",
        help="Measure performance over loopback, mobile, both or none. Default: both; external: none.",
        show_default=False,
    ),
]
KeepSecrets = Annotated[
    bool,
    typer.Option(
        "--keep-secrets",
        help="Leave passwords in the evidence. Without it a digest stands for each, keyed by the report.",
    ),
]

Sign = Annotated[
    Path | None,
    typer.Option(
        "--sign",
        help="Sign the report and its evidence with this Ed25519 key (PEM); `ohmstead lab key FILE` makes one, "
        "`openssl genpkey -algorithm ed25519` too, and `ohmstead lab judge` checks it.",
        metavar="KEY",
    ),
]


@app.command(epilog=EXAMPLE)
def certify(
    context: typer.Context,
    cases: campaign_flags.Cases = None,
    product: campaign_flags.CampaignProduct = "",
    bench: campaign_flags.Bench = "memory",
    out: Out = None,
    network: Network = None,
    config: campaign_flags.Config = None,
    without_unbuilt: own_flags.WithoutUnbuilt = False,
    csms_listen: external_flags.CsmsListen = "",
    csms_name: external_flags.CsmsName = None,
    hand: external_flags.Hand = "prompt",
    identity: external_flags.Identity = "CS-001",
    password_file: external_flags.PasswordFile = None,
    security_profile: external_flags.SecurityProfile = None,
    block: campaign_flags.Blocks = None,
    failed: campaign_flags.Failed = None,
    resume: campaign_flags.Resume = None,
    keep_secrets: KeepSecrets = False,
    sign: Sign = None,
) -> int:
    """Run all applicable cases on a product, measure it, and write the report.

    Exit code 0: no case failed or stayed inconclusive, and no figure was above the limit that the product claims.
    """
    from ohmstead.cli.lab import as_before, kept
    from ohmstead.cli.own import load_own
    from ohmstead.lab.report.folder import check_folder
    from ohmstead.product.load import load

    campaign_flags.check_bench(bench)
    begun = as_before.start(context, failed)
    options, settings = begun.options, begun.path("config")
    networks = _networks(options.bench, network)
    campaign_flags.check_options(context, options.bench)
    source = begun.product or campaign_flags.product_of(options.bench, options.product, options.csms_listen)
    if options.bench == "external":
        chosen = load(source) if isinstance(source, str) else source
    else:
        chosen = load_own(source, drop_unbuilt=options.without_unbuilt)
    identifiers = kept.chosen(cases or [], block, failed)
    folder = out or _usual_folder(chosen, failed)
    signing = _signing_key(sign)
    check_folder(folder)
    _tell_of_secrets(folder, keep_secrets)
    if options.bench == "external":
        from ohmstead.cli.certify_external import UNMEASURED, external_run

        external = begun.external(resume=resume, again=failed is not None, record=True, keep_secrets=keep_secrets)
        say(UNMEASURED)
        return _report(external_run(external, chosen, identifiers, settings), identifiers, folder, signing)
    how = _Kept(resume=resume, again=failed is not None, secrets=keep_secrets, options=begun.kept)
    done = _own_run(networks, identifiers, chosen, options.bench, settings, how)
    return max(_report(done, identifiers, folder, signing), int(len(done.figures) < len(networks)))


def _signing_key(sign: Path | None) -> "Ed25519PrivateKey | None":
    from ohmstead.lab.report.signature import private_key

    return None if sign is None else private_key(sign)


def _own_run(
    networks: "Sequence[str]",
    cases: "tuple[str, ...]",
    product: "Product",
    bench: str,
    config: Path | None,
    how: "_Kept",
) -> "CampaignRun":
    """Run the cases on our own station, and measure it."""
    started = time.monotonic()
    done = _campaign(cases, product, bench, config, how)
    measured = _measured(networks, done)
    return msgspec.structs.replace(done, seconds=round(time.monotonic() - started, 1), figures=measured)


def _measured(networks: "Sequence[str]", done: "CampaignRun") -> "tuple[Figures, ...]":
    figures = (_measure(one, done.product, done.config) for one in networks)
    return tuple(one for one in figures if one is not None)


def _usual_folder(product: "Product", failed: Path | None) -> Path:
    """Return where a report goes: a part of a campaign does not take the place of the whole."""
    return Path(f"report-{product.name}" + ("" if failed is None else "-failed"))


def _tell_of_secrets(folder: Path, kept: bool) -> None:
    if kept:
        say(KEPT.format(folder / "evidence"), err=True)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Which results are gone on with, and what of them is kept."""

    resume: Path | None
    again: bool
    secrets: bool
    options: "CampaignOptions"


def _networks(bench: str, network: str | None) -> "tuple[str, ...]":
    """Return the networks to measure over. Raises BadParameter."""
    from ohmstead.lab.rigs.relay import NETWORKS

    campaign_flags.check_bench(bench)
    if network is None:
        network = "none" if bench == "external" else "both"
    if network not in (*NETWORKS, "both", "none"):
        raise typer.BadParameter(
            f"{network} is no network; loopback, mobile, both, none are{meant(network, (*NETWORKS, 'both', 'none'))}",
            param_hint="--network",
        )
    if bench == "external" and network != "none":
        raise typer.BadParameter("only what the lab has between itself and its own station", param_hint="--network")
    return {"both": tuple(NETWORKS), "none": ()}.get(network, (network,))


def _report(
    done: "CampaignRun", identifiers: "Sequence[str]", folder: Path, signing: "Ed25519PrivateKey | None"
) -> int:
    """Write the report and say what came out; return the exit code."""
    from ohmstead.lab.report.build import build
    from ohmstead.lab.report.files import columns
    from ohmstead.lab.report.folder import write_folder

    if not done.results:
        say("no case was run, and no report written", err=True)
        return 1
    report = build(done)
    written = write_folder(folder, report, done.results, functools.partial(say, err=True), signing)
    _tell(report, written)
    if parted := columns(done.results):
        say(parted)
    missing = set(identifiers) - {result.id for result in done.results}
    good = all(result.good for result in done.results) and not any(one.missed for one in done.figures)
    return 0 if good and not missing else 1


def _campaign(
    cases: "tuple[str, ...]", product: "Product", bench: str, config: Path | None, kind: _Kept
) -> "CampaignRun":
    """Run the cases, and judge each again from its evidence."""
    from importlib.metadata import version

    from ohmstead.cli.lab.command import show_result
    from ohmstead.cli.lab.own_campaign import run_own
    from ohmstead.lab.cases.config import load as load_config
    from ohmstead.lab.evidence.digests import new_key
    from ohmstead.lab.evidence.judge import confirmed
    from ohmstead.lab.report.model import CampaignRun
    from ohmstead.lab.rigs.campaign import Campaign

    settings = load_config(config)
    began = datetime.now(UTC)
    key = "" if kind.secrets else new_key()
    campaign = Campaign(product=product, rig=bench, config=config, cases=cases, record=True, key=key)
    ran = run_own(campaign, kind.resume, show_result, again=kind.again, options=kind.options)
    results = [confirmed(result, product, settings) for result in ran]
    return CampaignRun(
        product=product,
        config=settings,
        bench=bench,
        made_by=f"ohmstead {version('ohmstead')}",
        began=began,
        seconds=0.0,
        results=tuple(results),
    )


def _tell(report: "Report", written: "Sequence[Path]") -> None:
    """Say what came out: profiles, why cases failed, files, figures."""
    from ohmstead.lab.report.causes import causes

    for profile in report.profiles:
        if profile.claimed:
            say(f"{profile.result:<11} {profile.name}: {profile.why}")
    explained = {case.id: case.explanation for case in report.cases if case.explanation is not None}
    for cause in causes(explained):
        say(str(cause))
    for path in written:
        say(str(path))
    for one in report.performance:
        missed = ", ".join(one.missed)
        say(f"{one.technology}: {f'above the limit: {missed}' if missed else 'within limits'}")


def _measure(network: str, product: "Product", config: "LabConfig") -> "Figures | None":
    """Measure over one network; None where the station did something wrong meanwhile, which is told."""
    from rich.console import Console

    from ohmstead.lab.rigs.relay import TECHNOLOGIES, measure_over
    from ohmstead.lab.verdict import Failed, Inconclusive

    try:
        with Console(stderr=True).status(f"measuring over {TECHNOLOGIES[network]}"):
            return measure_over(network, product, rounds=ROUNDS, config=config).figures
    except (Failed, Inconclusive) as reason:
        say(f"{TECHNOLOGIES[network]}: not measured: {reason}", err=True)
        return None
