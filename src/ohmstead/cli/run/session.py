"""What is done at a running station, kept so that it can be saved as a scenario."""

from collections.abc import Callable

import msgspec

from ohmstead.cli.run.site import RunSite
from ohmstead.runtime.bench import StationBench
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

    def scenario() -> str:
        from ohmstead.scenario.recording import recording_of
        from ohmstead.scenario.writing import scenario_text

        recording = recording_of([*log.lines, *bench.trace()])
        if bench.faults is not None and (bench.faults.active or bench.faults.spent):
            left_out = (*recording.left_out, "faults of the protocol that were active meanwhile")
            recording = msgspec.structs.replace(recording, left_out=left_out)
        return scenario_text(recording, name=f"A session at {identity}", products={identity: product})

    return scenario
