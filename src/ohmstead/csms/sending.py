"""Sends an operator's request to a station, and remembers of a change of password what is uncertain."""

import asyncio
import logging
from collections.abc import Callable

from ohmstead.csms.limits import is_password
from ohmstead.csms.manners import fault_of
from ohmstead.csms.station_passwords import PasswordNotKept, StationPasswords
from ohmstead.csms.station_session import StationSession
from ohmstead.ports.bench import CommandRefused, CommandResult, UnknownStation
from ohmstead.ports.link import LinkLost
from ohmstead.rpc import CallFailed, CallTimeout, RpcConnection
from ohmstead.rpc.trace import error_payload
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import encode
from ohmstead.wire.errors import CallError
from ohmstead.wire.frames import CallErrorFrame

_KEPT = 16
"""Unanswered password changes of one link whose late responses are still understood."""

_log = logging.getLogger(__name__)


async def send(
    session: StationSession,
    passwords: StationPasswords,
    request: Request[Response],
    message_id: str,
    shown: Callable[[str], str],
) -> CommandResult:
    """Send a request and return what came back, as `shown` shows it. Raises UnknownStation and CommandRefused."""
    connection = session.connection
    if connection is None:
        raise UnknownStation(f"{session.identity} is not connected")
    _check(session, request)
    await _ask_limits(session, connection, request)
    _check(session, request)
    _propose(session, passwords, request, message_id)
    session.asked(request)
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        response = await connection.call(request, message_id=message_id)
    except CallFailed as failed:
        # An error tells nothing of a password: the station may have failed after it had taken it.
        session.passwords.pop(message_id, None)
        return CommandResult(kind="CALLERROR", payload=shown(_error(failed.error)), latency=loop.time() - started)
    except CallTimeout:
        return CommandResult(kind="Timeout", latency=None)
    except LinkLost:
        return CommandResult(kind="LinkLost", latency=None)
    settle(session, passwords, message_id, response)
    if isinstance(response, m.GetVariablesResponse):
        session.limits.learn(response)
    session.file_jobs.asked(request, response, session.now())
    payload = shown(encode(response).decode())
    return CommandResult(kind="CALLRESULT", payload=payload, latency=loop.time() - started)


def settle(
    session: StationSession, passwords: StationPasswords, message_id: str, outcome: Response | CallError
) -> None:
    """Take what a station answered to a change of its password, in time or late (A01.FR.03, A01.FR.04).

    A status that may mean either (RebootRequired) and one that is missing leave both passwords valid.
    """
    request = session.passwords.pop(message_id, None)
    if request is None or not isinstance(outcome, m.SetVariablesResponse):
        return
    statuses = [
        result.attribute_status
        for result in outcome.set_variable_result
        if is_password(result.component, result.variable, result.attribute_type)
    ]
    if len(statuses) == 1 and statuses[0] is not m.SetVariableStatusEnum.RebootRequired:
        accepted = statuses[0] is m.SetVariableStatusEnum.Accepted
        for password in _passwords(request):
            passwords.settle(session.identity, password, accepted=accepted)


def _check(session: StationSession, request: Request[Response]) -> None:
    fault = fault_of(request, session.boot_status, session.limits)
    if fault is not None:
        raise CommandRefused(f"{session.identity}: {fault}")


async def _ask_limits(session: StationSession, connection: RpcConnection, request: Request[Response]) -> None:
    """Ask for the limits that matter to a request and are not known, one by one: that is never too many (B06.FR.05)."""
    for place in session.limits.unknown(request):
        try:
            session.limits.learn(await connection.call(m.GetVariablesRequest(get_variable_data=(place,))))
        except (CallFailed, CallTimeout) as error:
            _log.info(
                "%s does not tell its %s: %s", session.identity, place.variable.name, error or "no answer in time"
            )
        except LinkLost:
            return


def _propose(session: StationSession, passwords: StationPasswords, request: Request[Response], message_id: str) -> None:
    if not isinstance(request, m.SetVariablesRequest):
        return
    for password in _passwords(request):
        try:
            passwords.propose(session.identity, password)
        except PasswordNotKept as error:
            raise CommandRefused(f"{session.identity}: {error}") from None
        session.passwords[message_id] = request
    while len(session.passwords) > _KEPT:
        session.passwords.popitem(last=False)


def _passwords(request: m.SetVariablesRequest) -> tuple[str, ...]:
    return tuple(
        data.attribute_value
        for data in request.set_variable_data
        if is_password(data.component, data.variable, data.attribute_type)
    )


def _error(error: CallError) -> str:
    return error_payload(CallErrorFrame("", error.code, error.description, dict(error.details)))
