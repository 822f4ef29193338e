"""From the options to a running station, and to its end in good order.

The station goes on the wire first; page and control API are imported and started once it has been accepted.
"""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec

from ohmstead.blocks.context import Registration
from ohmstead.cli import interruption
from ohmstead.cli.logs import log_to_stderr
from ohmstead.cli.own import load_own
from ohmstead.cli.run.connection_lines import ConnectionLines
from ohmstead.cli.run.console import Console
from ohmstead.cli.run.data import DataFolder, open_folder
from ohmstead.cli.run.extensions import installed_extensions
from ohmstead.cli.run.hardware import factory_of
from ohmstead.cli.run.options import RunOptions, check
from ohmstead.cli.run.provisioning import external, manufacturer_roots, own_password
from ohmstead.cli.run.session import keep_session
from ohmstead.cli.run.site import RunSite
from ohmstead.cli.run.wire_log import WireLog
from ohmstead.ports.extensions import Installed
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Host
from ohmstead.site.noted_faults import note_faults

if TYPE_CHECKING:
    from ohmstead.cli.run.embedded_csms import RunningCsms
    from ohmstead.cli.run.page import Page
    from ohmstead.runtime.bench import StationBench

PAGE_AFTER = 1.0
"""Seconds after which the page is started though the CSMS has not accepted the station."""
STOP_TIME = 1.5
"""Seconds for the end in good order; what is not done by then is cut off, as a power cut would."""
CUT_OFF_AFTER = 15.0
"""Seconds for all of it on a machine that is busy: what is kept of the machine is written last."""

_log = logging.getLogger(__name__)


def start(options: RunOptions) -> None:
    """Run until SIGINT or SIGTERM; a second one ends it at once.

    Raises RunRefused, or whatever else keeps the station from running.
    """
    log_to_stderr(logging.INFO if options.verbose else logging.WARNING)
    extensions = installed_extensions() if options.extensions else ()
    product = load_own(options.product, drop_unbuilt=options.without_unbuilt, extensions=extensions)
    check(options, product)
    for installed in extensions:
        _log.info("extension %s: vendorId %s", installed.label, installed.extension.vendor_id)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(StationRun(options, product, extensions).live())


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return uvloop where it is installed: less CPU a message, and a sixth of the memory a TLS connection."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return factory


class StationRun:
    """One run of the program."""

    def __init__(self, options: RunOptions, product: Product, extensions: tuple[Installed, ...] = ()) -> None:
        self._options = options
        self._product = product
        self._extensions = extensions
        self._console = Console(options, product, [installed.label for installed in extensions])
        self._stop = asyncio.Event()
        self._cut_off_at: float | None = None
        self._accepted = asyncio.Event()
        self._page: Page | None = None

    async def live(self) -> None:
        """Live until a signal, or until something breaks."""
        loop = asyncio.get_running_loop()
        stop = functools.partial(loop.call_soon_threadsafe, self._stop.set)
        async with contextlib.AsyncExitStack() as ending:
            data = open_folder(self._options.data, self._product.name)
            site = self._site(data)
            host = site.host
            ending.callback(site.machine.keep)
            tending = loop.create_task(site.machine.tend(), name="machine")
            ending.push_async_callback(self._end, tending)
            office = await self._office(data, site, ending)
            config = office.config if office else self._external(data, site.interface)
            manufacturers = (*config.manufacturer_roots, *manufacturer_roots(self._options))
            host.config = msgspec.structs.replace(config, manufacturer_roots=manufacturers)
            self._console.begin(host.config)
            self._open_wire_log(site, host.config, ending)
            bench = site.bench() if self._options.api else None
            session = keep_session(site, bench, self._options.product) if bench is not None else None
            host.watch(lambda: self._note(host))
            if office is None:
                host.watch(ConnectionLines(host, self._console.note).look)
            # Before that nothing has happened that could be lost: a signal ends the program where it is.
            ending.enter_context(interruption.gently(stop, CUT_OFF_AFTER))
            running = loop.create_task(host.run(), name="host")
            ending.push_async_callback(self._end, running)
            serving = loop.create_task(self._serve(site, bench, office, data, session), name="page")
            ending.push_async_callback(self._end_page, serving)
            await self._wait(running, tending, serving)
            self._console.stopping()

    async def _wait(
        self, running: asyncio.Task[None], tending: asyncio.Task[None], serving: asyncio.Task[None]
    ) -> None:
        """Wait for a signal; a station, a machine or a page that fails ends the run with its error."""
        stopped = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait((stopped, running, tending, serving), return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done() and serving.done() and not serving.cancelled() and serving.exception() is None:
            await asyncio.wait((stopped, running, tending), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for task in (running, tending, serving):
            if task.done() and not task.cancelled():
                task.result()

    async def _office(self, data: DataFolder, site: RunSite, ending: contextlib.AsyncExitStack) -> "RunningCsms | None":
        if self._options.csms is not None:
            return None
        from ohmstead.cli.run.embedded_csms import open_csms

        office = await open_csms(self._options, self._product, data, site.interface, self._console.note)
        ending.push_async_callback(self._in_time, office.close)
        return office

    def _external(self, data: DataFolder, interface: str) -> StationConfig:
        options, product = self._options, self._product
        return external(options, product, interface, lambda: own_password(options, product, data))

    def _open_wire_log(self, site: RunSite, config: StationConfig, ending: contextlib.AsyncExitStack) -> None:
        if self._options.log_wire is not None:
            wire_log = WireLog(self._options.log_wire, config.identity, site.clock, config.max_frame)
            ending.callback(wire_log.close)
            site.frames.append(wire_log.seen)
            if site.hand is not None:
                site.hand.watchers.append(wire_log.doing)
            if site.faults is not None:
                note_faults(site.faults, wire_log.done)

    def _note(self, host: Host) -> None:
        if host.station is not None and host.station.csms.registration is Registration.Accepted:
            self._accepted.set()

    def _site(self, data: DataFolder) -> RunSite:
        spec = self._options.hardware
        make = factory_of(spec, self._product, data.hardware) if spec is not None else None
        return RunSite(
            self._product,
            data,
            seed=self._options.seed,
            make=make,
            extensions=self._extensions,
            faults=FaultTable() if self._options.faults else None,
        )

    async def _serve(
        self,
        site: RunSite,
        bench: "StationBench | None",
        office: "RunningCsms | None",
        data: DataFolder,
        session: Callable[[], str] | None,
    ) -> None:
        """Serve the page once the station is on the wire, and say so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAGE_AFTER):
                await self._accepted.wait()
        csms = office.csms if office is not None else None
        if bench is not None:
            # Half of the start-up time: beside the station, not before it.
            page = await asyncio.get_running_loop().run_in_executor(None, import_module, "ohmstead.cli.run.page")
            self._page = await page.open_page(self._options, bench, site.hand, office, self._console.note, session)
        url = self._page.url if self._page is not None else None
        self._console.ready(site.host.config, data.path, url, csms)

    async def _end_page(self, serving: asyncio.Task[None]) -> None:
        await self._end(serving)
        if self._page is not None:
            await self._in_time(self._page.close)

    def _left(self) -> float:
        """Return the seconds that are left for the end in good order, which begins when somebody asks first."""
        now = asyncio.get_running_loop().time()
        if self._cut_off_at is None:
            self._cut_off_at = now + STOP_TIME
        return max(0.1, self._cut_off_at - now)

    async def _end(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.wait((task,), timeout=self._left())

    async def _in_time(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(self._left()):
                await work()
        except TimeoutError:
            _log.warning("something did not end in time and was cut off")
