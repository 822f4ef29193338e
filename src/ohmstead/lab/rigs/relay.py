"""Our station behind an emulated network, and what is measured over it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import msgspec

from ohmstead.edge.authority import Authority
from ohmstead.edge.private_files import temporary_folder
from ohmstead.edge.relay import MOBILE, NetworkQuality, Relay
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.figures import Figures, measure
from ohmstead.lab.rigs.firmware_images import authority_of
from ohmstead.lab.rigs.listen_address import LOOPBACK
from ohmstead.lab.rigs.own_endpoint import OwnStationEndpoint
from ohmstead.lab.rigs.station_process import Executor
from ohmstead.lab.rigs.wire import WireRig
from ohmstead.ports.link import Admit, Serve
from ohmstead.product.profile import Product

NETWORKS: Mapping[str, NetworkQuality | None] = {"loopback": None, "mobile": MOBILE}
"""Name of a network -> what lies between station and CSMS; None: nothing."""
TECHNOLOGIES = {"loopback": "Ethernet (loopback)", "mobile": "Mobile network (emulated)"}
"""Name of a network -> communication technology, as the report names it."""
SEED = 20201


class NetworkFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The performance table over one network."""

    network: str
    """`loopback` or `mobile`."""
    conditions: NetworkQuality | None
    """What the mobile network was like; None on loopback."""
    figures: Figures
    missed: tuple[str, ...]
    """Rows that were above their limit."""


class PerformanceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` writes."""

    product: str
    rounds: int
    seed: int
    networks: tuple[NetworkFigures, ...]


class RelayedEndpoint(OwnStationEndpoint):
    """An endpoint behind a network."""

    def __init__(self, authority: Authority, product: Product, relay: Relay) -> None:
        super().__init__(authority, product)
        self._relay = relay

    @property
    def url(self) -> str:
        """What the station dials: the relay, under the name that is in the certificate."""
        url = urlsplit(super().url)
        return url._replace(netloc=f"{url.hostname}:{self._relay.port}").geturl()

    async def open(self, admit: Admit, serve: Serve) -> None:
        """Listen on free ports."""
        await super().open(admit, serve)
        port = urlsplit(super().url).port
        assert port is not None
        await self._relay.open(port, address=LOOPBACK, target_address=LOOPBACK)

    async def close(self) -> None:
        """End everything that is open."""
        await self._relay.close()
        await super().close()


class RelayedRig(WireRig):
    """The wire rig with a network between station and lab; whoever travels over it needs patience."""

    name = "relayed"
    tolerance = 4.0
    patience = 120.0

    def __init__(self, product: Product, folder: Path, network: NetworkQuality) -> None:
        super().__init__(product, folder, SEED, Executor())
        self._network = network

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> OwnStationEndpoint:
        """Open an endpoint."""
        relay = Relay(self._network, random=Random(SEED + number))
        authority = authority_of(number, self._product, own_root=own_root)
        endpoint = RelayedEndpoint(authority, self._product, relay)
        self._endpoints.append(endpoint)
        await endpoint.open(admit, serve)
        return endpoint


def measure_over(network: str, product: Product, *, rounds: int, config: LabConfig | None = None) -> NetworkFigures:
    """Measure our own station, as a process of its own, over a network of `NETWORKS`.

    Args:
        network: `loopback` or `mobile`.
        product: what the station is.
        rounds: of what `lab.cases.figures.measure` does.
        config: of the lab; None: the default.

    Raises Failed for what the station does wrong, Inconclusive where it cannot be measured.
    """
    return asyncio.run(_measure_over(network, product, rounds, config or LabConfig()))


async def _measure_over(network: str, product: Product, rounds: int, config: LabConfig) -> NetworkFigures:
    conditions = NETWORKS[network]
    with temporary_folder("perf") as folder:
        if conditions is None:
            rig = WireRig(product, Path(folder), SEED, Executor())
        else:
            rig = RelayedRig(product, Path(folder), conditions)
        try:
            figures = await measure(rig, product, config, rounds=rounds, technology=TECHNOLOGIES[network])
        finally:
            await rig.close()
    return NetworkFigures(network=network, conditions=conditions, figures=figures, missed=figures.missed)
