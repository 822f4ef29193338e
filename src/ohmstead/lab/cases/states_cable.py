"""A cable has two ends: pulled out of the EV, and taken out of the socket of the station."""

from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.states import token_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.verdict import Inconclusive
from ohmstead.product.profile import ProductConnector
from ohmstead.product.token_types import local_start_types
from ohmstead.wire.messages import IdTokenEnum, UnlockConnectorRequest


def connector_of(t: Tester, evse_id: int | None = None) -> ProductConnector:
    """Return the connector that the case runs at; at another EVSE, the one of the same number."""
    evse = next(evse for evse in t.product.evses if evse.id == (evse_id or t.config.evse_id))
    return next(connector for connector in evse.connectors if connector.id == t.config.connector_id)


def in_socket(t: Tester) -> bool:
    """Say whether its cable can be taken out on the side of the station."""
    return connector_of(t).cable == "Detachable"


async def disconnect_ev(t: Tester) -> None:
    """Pull the cable out of the EV; in a socket it stays."""
    outlet = t.outlet()
    await (t.hand.disconnect_ev if in_socket(t) else t.hand.unplug)(outlet.evse_id)
    outlet.plugged = False


async def reconnect_ev(t: Tester) -> None:
    """Plug it into the EV again."""
    outlet = t.outlet()
    await (t.hand.connect_ev if in_socket(t) else t.hand.plug)(outlet.evse_id, t.config.connector_id)
    outlet.plugged = True


async def remove_cable(t: Tester, *, owner: bool) -> None:
    """Take the cable out of its socket, once its owner has had it released; the place is free then.

    A fixed cable left the EV, and that was all. Where no lock holds the cable, there is nothing to show a token for.
    """
    outlet = t.outlet()
    if in_socket(t):
        token = token_of(t, outlet.evse_id)
        held = owner and t.product.has_lock(connector_of(t)) and token.type is not IdTokenEnum.NoAuthorization
        try:
            await (take_kept if held else _take_free)(t, token, outlet.evse_id)
        except Inconclusive as refused:
            t.require(3, False, "cable: in its socket", "can be taken out of the socket", _told(refused))
    await t.expect_status(3, "Available", evse_id=outlet.evse_id, connector_id=t.config.connector_id)


async def kept_for_owner(t: Tester, token: LabToken, evse_id: int) -> bool:
    """Say whether a lock keeps the cable of an EV that left unstopped until its token is shown (E09.FR.03, E10.FR.01).

    To be asked while there is a connection. A button belongs to nobody, so nothing is kept for it.
    """
    if not t.product.has_lock(connector_of(t, evse_id)) or token.type is IdTokenEnum.NoAuthorization:
        return False
    keys = ("TxCtrlr.StopTxOnEVSideDisconnect", "OCPPCommCtrlr.UnlockOnEVSideDisconnect")
    return "false" in [await t.get(key) for key in keys]


async def unplug_unstopped(t: Tester, token: LabToken, evse_id: int, *, kept: bool) -> None:
    """Pull the cable out of the EV though nobody has stopped; where a lock held it, out of its socket afterwards.

    Args:
        t: the tester.
        token: what started, and what its owner shows to have the cable.
        evse_id: where.
        kept: whether the lock keeps it for the owner. Who has nothing to show leaves it there.
    """
    await t.hand.unplug(evse_id)
    if not t.product.has_lock(connector_of(t, evse_id)) or (kept and not can_show(t, token)):
        return
    if kept:
        await t.present(token, evse_id)
    await _take_free(t, token, evse_id)


def can_show(t: Tester, token: LabToken) -> bool:
    """Say whether a token can be shown at the station without an EV: not what came from afar, nor a car's address."""
    return token.type in local_start_types(t.product) and token.type is not IdTokenEnum.MacAddress


async def take_kept(t: Tester, token: LabToken, evse_id: int) -> None:
    """Take out a cable that a lock keeps: its owner shows the token, else the CSMS has the connector unlocked (F05)."""
    if can_show(t, token):
        await t.present(token, evse_id)
    else:
        request = UnlockConnectorRequest(evse_id=evse_id, connector_id=t.config.connector_id)
        await t.call(request, step="cable", status="Unlocked")
    await _take_free(t, token, evse_id)


async def _take_free(t: Tester, _token: LabToken, evse_id: int) -> None:
    await t.elapse(t.settle)
    await t.hand.remove_cable(evse_id)


async def free_retained(t: Tester, outlet: Progress) -> None:
    """Take out a cable that a lock still holds for its owner although the EV is gone (C15.FR.05, E05.FR.11)."""
    if not outlet.deauthorized or not in_socket(t) or outlet.evse_id != t.config.evse_id:
        return
    place = f"#{outlet.evse_id}/{t.config.connector_id}"
    if await t.get(f"ConnectorPlugRetentionLock{place}.Active") == "true":
        await take_kept(t, token_of(t, outlet.evse_id), outlet.evse_id)


def _told(refused: Inconclusive) -> str:
    """Return what the hand found, without the name of its action."""
    return str(refused).rpartition("remove_cable: ")[2]
