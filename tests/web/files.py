"""The file servers of `ohmstead run` beside a station in memory."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from ohmstead.cli.run.files import RunFiles
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.private_files import temporary_folder
from ohmstead.edge.received_logs import LogFolder
from ohmstead.lab.rigs.firmware_images import ALWAYS
from ohmstead.ports.bench import CsmsFileJob
from ohmstead.product.profile import Product
from tests.web.station import START, Station


@cache
def authority() -> Authority:
    return Authority.generate()


@cache
def shown() -> Issued:
    return authority().issue_server(["localhost"], ["127.0.0.1"])


@cache
def keys() -> FirmwareKeys:
    return FirmwareKeys.generate("Test", validity=ALWAYS)


class KeptFiles(RunFiles):
    """File servers whose folder goes with them."""

    def __init__(
        self,
        product: Product,
        jobs: Callable[[], tuple[CsmsFileJob, ...]] = tuple,
        now: Callable[[], datetime] = lambda: START,
        not_signed: str = "",
    ) -> None:
        self._folder = temporary_folder("logs")
        logs = LogFolder(Path(self._folder.name) / "logs")
        super().__init__(product, logs, shown, None if not_signed else keys(), not_signed, jobs, now)

    async def close(self) -> None:
        """Stop, and remove the folder."""
        await super().close()
        self._folder.cleanup()


def run_files(station: Station) -> KeptFiles:
    """Return the file servers of a station, which do not listen yet."""
    return KeptFiles(station.host.product, station.csms.file_jobs, station.clock.now)
