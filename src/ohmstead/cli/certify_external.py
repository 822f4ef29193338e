"""`ohmstead certify --bench external`: the campaign on a station of somebody else, as it goes into a report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from ohmstead.cli.lab.external import External, run_external
from ohmstead.lab.cases.config import load as load_config
from ohmstead.lab.evidence.tape import read
from ohmstead.lab.report.model import CampaignRun
from ohmstead.product.load import load
from ohmstead.product.profile import Product

UNMEASURED = "performance: not measured, since the network between the lab and the station is not the lab's"


def external_run(
    external: External, product: str | Product, identifiers: Sequence[str], config: Path | None
) -> CampaignRun:
    """Run cases on a station, and return what is known of it by now, earlier parts of the campaign included.

    It began with the first case that has evidence, and took as long as its cases. Raises what `run_external` raises.
    """
    started = datetime.now(UTC)
    results = run_external(external, product, identifiers, config)
    moments = [read(result.evidence)[0].wall for result in results if result.evidence]
    return CampaignRun(
        product=load(product) if isinstance(product, str) else product,
        config=load_config(config),
        bench="external",
        made_by=f"ohmstead {version('ohmstead')}",
        began=min(moments, default=started),
        seconds=round(sum(result.seconds for result in results), 1),
        results=tuple(results),
    )
