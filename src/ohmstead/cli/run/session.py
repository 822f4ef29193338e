"""What is done at a running station, kept so that it can be saved as a scenario."""

from collections.abc import Callable

from ohmstead.cli.run.site import RunSite
from ohmstead.runtime.bench import StationBench
from ohmstead.site.noted_faults import note_faults
from ohmstead.site.noted_hand import HandLog


def keep_session(site: RunSite, bench: StationBench, product: str) -> Callable[[], str] | None:
    """Keep what a hand does from now on.

    Args:
        site: the station.
        bench: which sees its frames.
        product: how the station was told what it is: a name or a path.

    Returns what makes a scenario of it (raises ValueError where nothing was done); None: people touch the machine.
    """
    if site.hand is None:
        return None
    identity = site.host.config.identity

    def newest() -> int:
        lines = bench.trace()
        return lines[-1].number if lines else 0

    log = HandLog(identity, site.clock.now, newest)
    site.hand.watchers.append(log.doing)
    if site.faults is not None:
        note_faults(site.faults, log.done)

    def scenario() -> str:
        from ohmstead.scenario.recording import recording_of
        from ohmstead.scenario.writing import scenario_text

        recording = recording_of([*log.lines, *bench.trace()])
        return scenario_text(recording, name=f"A session at {identity}", products={identity: product})

    return scenario
