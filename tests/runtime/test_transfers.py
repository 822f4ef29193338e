"""What is on its way is on the operator's page: a log that goes out, and how far it has come."""

from ohmstead.edge.files_memory import Behavior, MemoryFiles, MemoryFileServers
from ohmstead.edge.virtual_time import run
from ohmstead.ports.bench import TransferView
from ohmstead.ports.files import TransferTerms
from ohmstead.runtime.transfers import WatchedFiles

PLACE = "http://files.example/logs/"


def test_a_transfer_is_seen_while_it_runs_and_gone_afterwards() -> None:
    """Bytes grow to the size of the whole; then nothing is under way."""

    async def transfer() -> None:
        servers = MemoryFileServers()
        servers.places.add(PLACE)
        servers.behave(Behavior(rate=1000.0))
        seen: list[tuple[TransferView, ...]] = []
        files = WatchedFiles(MemoryFiles(servers, {}), lambda: seen.append(files.running))
        await files.upload(PLACE, "diagnostics.log", [b"x" * 2500, b"y" * 2500], TransferTerms())
        moving = [views[0] for views in seen if views]
        assert {(view.name, view.upload) for view in moving} == {("diagnostics.log", True)}
        assert [view.done for view in moving] == sorted(view.done for view in moving)
        assert (moving[-1].done, moving[-1].size) == (5000, 5000)
        assert seen[-1] == files.running == ()

    run(transfer(), limit=600)
