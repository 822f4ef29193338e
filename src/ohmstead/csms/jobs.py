"""What the CSMS does by itself after a response: jobs, done one after the other for each connection."""

import asyncio
import logging

from ohmstead.csms.station_session import Job, StationSession
from ohmstead.ports.link import Link, LinkLost
from ohmstead.rpc import CallFailed, CallTimeout
from ohmstead.wire import messages as m

_log = logging.getLogger(__name__)


async def configure(session: StationSession) -> None:
    """Set AuthCtrlr.MasterPassGroupId, once a boot, so that the master card works (C16).

    A station that has no such variable says so, and stays as it is.
    """
    group = session.settings.master_pass_group
    if not group or session.configured or session.connection is None:
        return
    variable = m.SetVariableData(
        attribute_value=group,
        component=m.Component(name="AuthCtrlr"),
        variable=m.Variable(name="MasterPassGroupId"),
    )
    response = await session.connection.call(m.SetVariablesRequest(set_variable_data=(variable,)))
    session.configured = True
    _log.info("%s: MasterPassGroupId %s", session.identity, response.set_variable_result[0].attribute_status)


async def work(session: StationSession, jobs: asyncio.Queue[Job]) -> None:
    """Do the jobs of one link, one after the other, until cancelled; a failure is logged and ends only its own."""
    while True:
        job = await jobs.get()
        try:
            await job()
        except (CallFailed, CallTimeout, LinkLost) as error:
            _log.warning("%s: %s", session.identity, error or "no answer in time")
        except Exception:
            _log.exception("%s: follow-up failed", session.identity)


async def close(session: StationSession, reason: str) -> None:
    """End the station's connection for breaking a rule."""
    if session.link is not None:
        await session.link.close(1008, reason)


async def watch(link: Link, interval: float) -> None:
    """Ping the station and end the connection if no pong comes within the interval; 0 seconds: do nothing."""
    if not interval:
        return
    try:
        while True:
            await asyncio.sleep(interval)
            async with asyncio.timeout(interval):
                await link.ping()
    except TimeoutError:
        await link.close(1001, "no pong")
    except LinkLost:
        return
