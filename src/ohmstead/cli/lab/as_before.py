"""What `--failed` takes from the campaign before: its product, its bench and its options, unless they are given."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import typer

from ohmstead.cli.lab.kept import REPORT, is_last, last_campaign
from ohmstead.cli.terminal import say
from ohmstead.lab.rigs.results import CampaignOptions, read_head
from ohmstead.product.load import ProductError, load, shipped
from ohmstead.product.profile import Product

if TYPE_CHECKING:
    from ohmstead.cli.lab.external import External

FILES = ("product", "config", "password_file")
"""Options that are paths: kept in full, for the next campaign may begin in another folder."""


class _ReportHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of how it came about."""

    product: Product
    bench: str


class CampaignStart(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign begins with."""

    options: CampaignOptions
    product: Product | None = None
    """Of the report whose cases are run again, where no file says it; None: `options.product` names it."""

    @property
    def kept(self) -> CampaignOptions:
        """What may stand in a file of results: a URL with credentials may not."""
        try:
            secret = "@" in urlsplit(self.options.hand).netloc
        except ValueError:
            secret = True
        return msgspec.structs.replace(self.options, hand="") if secret else self.options

    def path(self, name: str) -> Path | None:
        """Return an option that is a path."""
        value: str = getattr(self.options, name)
        return Path(value) if value else None

    def external(
        self, *, resume: Path | None, again: bool, record: bool = False, keep_secrets: bool = False
    ) -> "External":
        """Return what a campaign on somebody else's station needs to know. See `External` for the arguments."""
        from ohmstead.cli.lab.external import External

        options = self.options
        return External(
            listen=options.csms_listen,
            names=options.csms_name,
            hand=options.hand,
            identity=options.identity,
            password_file=self.path("password_file"),
            security_profile=options.security_profile or None,
            resume=resume,
            again=again,
            record=record,
            keep_secrets=keep_secrets,
            options=self.kept,
        )


def start(context: typer.Context, failed: Path | None) -> CampaignStart:
    """Return what was given, and for the rest what the campaign before was run with; say where the two differ.

    Raises BadParameter where there is no such campaign.
    """
    given = _given(context)
    if failed is None:
        return CampaignStart(options=given)
    before, product = _before(failed)
    if before is None:
        return CampaignStart(options=given)
    chosen = {name for name in given.__struct_fields__ if _typed(context, name)}
    if before.bench and before.bench != given.bench and "bench" in chosen:
        # What goes with another bench says nothing of this one.
        before = CampaignOptions(product=before.product, bench=before.bench)
    taken = {
        name: getattr(before, name)
        for name in given.__struct_fields__
        if name not in chosen and name in context.params and getattr(before, name)
    }
    told = [
        f"--{name.replace('_', '-')} {_said(getattr(before, name))}, now {_said(getattr(given, name))}"
        for name in given.__struct_fields__
        if name in chosen and getattr(before, name) and getattr(before, name) != getattr(given, name)
    ]
    if told:
        say(f"{failed} was run with {'; with '.join(told)}, as given", err=True)
    options = msgspec.structs.replace(given, **taken)
    return CampaignStart(options=options, product=None if "product" in chosen else product)


def _given(context: typer.Context) -> CampaignOptions:
    """Return the options of the command line, and what is usual for those that are not there."""
    found: dict[str, object] = {}
    for name in CampaignOptions.__struct_fields__:
        value = context.params.get(name)
        if name in FILES and value:
            value = str(Path(str(value)).absolute()) if Path(str(value)).is_file() else str(value)
        found[name] = value
    return msgspec.convert({name: value for name, value in found.items() if value is not None}, CampaignOptions)


def _typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _before(failed: Path) -> tuple[CampaignOptions | None, Product | None]:
    """Return what a source says of its campaign; None for what it does not say."""
    path = last_campaign() if is_last(failed) else failed
    path = path / REPORT if path.is_dir() else path
    try:
        if path.suffix == ".jsonl":
            head = read_head(path)
            if head.options is not None:
                return head.options, None
            named = head.product if head.product in shipped() else ""
            return CampaignOptions(product=named, bench=head.bench or "external", csms_listen=head.url), None
        report = msgspec.json.decode(path.read_bytes(), type=_ReportHead)
    except (OSError, msgspec.MsgspecError, ValueError):
        # Whoever reads the cases says what is wrong; results of --json say nothing of their campaign.
        return None, None
    named = report.product.name if _is_shipped(report.product) else ""
    return CampaignOptions(product=named, bench=report.bench), None if named else report.product


def _is_shipped(product: Product) -> bool:
    try:
        return product.name in shipped() and load(product.name) == product
    except ProductError:
        return False


def _said(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
