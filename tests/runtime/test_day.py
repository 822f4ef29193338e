"""A station lives through 24 hours with 40 sessions: in seconds, and the same seed tells the same story."""

import asyncio
from random import Random

from ohmstead.edge.virtual_time import run
from ohmstead.rpc.connection import Direction
from ohmstead.wire import messages as wire
from tests.runtime.site import site
from tests.runtime.witness import Witness, no_errors

DAY = 86_400.0
SESSIONS = 40
Story = list[tuple[float, Direction, str]]


async def live(seed: int) -> Story:
    """Live through a day: 20 cars at each outlet, one network outage, one power cut at night."""
    async with site(seed=seed) as here:
        witness = Witness(here)
        random = Random(f"people {seed}")

        async def driver(evse_id: int) -> None:
            for number in range(SESSIONS // 2):
                await until(number * DAY / (SESSIONS // 2) + random.uniform(300, 1500) + 60 * evse_id)
                card = f"04{evse_id}{number:04d}"
                await here.hand.plug(evse_id)
                await asyncio.sleep(random.uniform(2, 20))
                request = wire.RequestStartTransactionRequest(
                    id_token=wire.IdToken(id_token=card, type=wire.IdTokenEnum.ISO14443),
                    remote_start_id=number + 1,
                    evse_id=evse_id,
                )
                assert (await here.csms.call(request)).status == "Accepted"
                await asyncio.sleep(random.uniform(400, 2000))
                if random.random() < 0.5:
                    await here.hand.present(card)
                    await asyncio.sleep(random.uniform(1, 30))
                await here.hand.unplug(evse_id)

        async def until(moment: float) -> None:
            await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))

        async def trouble() -> None:
            await until(0.3 * DAY - 200)
            await here.hand.cut_network()
            await asyncio.sleep(150)
            await here.hand.restore_network()
            await until(0.7 * DAY - 200)
            await here.hand.cut_power()
            await asyncio.sleep(100)
            await here.hand.restore_power()

        async with asyncio.TaskGroup() as group:
            group.create_task(driver(1))
            group.create_task(driver(2))
            group.create_task(trouble())
        await until(DAY)
        witness.check()
        started = [heard for heard in witness.heard if heard.event.event_type == "Started"]
        assert len(started) == SESSIONS
        assert here.host.runs == 2
        return here.csms.frames


def tell(seed: int) -> Story:
    """Return every frame of a day, with its time."""
    with no_errors():
        return run(live(seed), limit=2 * DAY)


def test_a_day_is_the_same_for_the_same_seed() -> None:
    """Frame by frame and to the microsecond; another seed is another day."""
    one, again, other = tell(1), tell(1), tell(2)
    assert one == again
    assert one != other
    heartbeats = sum('"Heartbeat"' in text for _, _, text in one)
    assert 250 < heartbeats < 300
