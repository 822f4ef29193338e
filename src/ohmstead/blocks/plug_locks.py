"""The locks of the sockets: shut while somebody charges, open once the driver may go, and what if one does not move."""

from functools import partial

from ohmstead.blocks.context import CablePlugs, Charging, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import ConnectorPlugRetentionLock, DeviceModel
from ohmstead.model.events import CableReleased, EvseReset, LockMoved, LockTried, Notice, SessionMoved
from ohmstead.model.facts import POWER_PATH, Fact
from ohmstead.model.obstacles import PlaceFault
from ohmstead.model.plugs import RetainedCable
from ohmstead.model.scope import Scope
from ohmstead.model.session import Authorization, Session
from ohmstead.ports.hardware import CONNECTOR_LOCK_FAILURE, CableInserted, CableRemoved, LockResult, UnlockResult
from ohmstead.wire.messages import IdTokenEnum, ReasonEnum, TriggerReasonEnum

TRIES = 3
"""How often the motor is turned before the lock has failed."""
LOCK_DEADLINE = 20.0
"""Seconds that the hardware has for one of them."""
AGAIN = 30.0
"""Seconds until a lock that did not open is tried again."""

Place = tuple[int, int]


class PlugLocks:
    """Locks a cable before energy flows (G05); unlocks it at the end or keeps it for its owner (E06, E09, E10, C15)."""

    def __init__(self, work: Work, charging: Charging, plugs: CablePlugs, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._plugs = plugs
        self._device = device
        self._world = world
        self._shut: dict[Place, bool] = {}
        self._moving: set[Place] = set()
        self._failed: dict[Place, bool] = {}
        """Locks that did not move -> whether they were to shut."""
        self._again: dict[Place, Timer] = {}
        self._tries: dict[Place, int] = {}
        for evse in world.product.evses:
            for connector in evse.connectors:
                if plugs.has_lock(evse.id, connector.id):
                    self._bind((evse.id, connector.id))

    def _bind(self, place: Place) -> None:
        def locked() -> bool:
            state = self._world.hardware.state(place[0])
            return state.used == place[1] and state.locked is True

        lock = ConnectorPlugRetentionLock
        self._device.bind(lock.active, locked, *place)
        fault = PlaceFault(Scope(*place), CONNECTOR_LOCK_FAILURE)
        self._device.bind(lock.problem, lambda: fault in self._charging.faults, *place)
        self._device.bind(lock.tries, lambda: self._tries.get(place, 0), *place)

    # What the machine finds

    def start(self) -> None:
        """Find the cables and locks of every EVSE as they are, and go on from there."""
        for evse in self._world.product.evses:
            self._find(evse.id)

    @hears(EvseReset)
    def when_evse_reset(self, reset: EvseReset) -> None:
        """Find those of an EVSE anew."""
        self._find(reset.evse_id)

    def _find(self, evse_id: int) -> None:
        found = self._world.hardware.state(evse_id)
        for known in self._plugs.inserted:
            if known[0] == evse_id and known[1] != found.cable:
                self._gone(*known)
        if found.cable is None:
            retained = self._plugs.retained_at(evse_id)
            if retained is not None:
                self._plugs.release(evse_id, retained.connector_id)
            return
        self._plugs.insert(evse_id, found.cable, inserted=True)
        session = self._charging.sessions.at(evse_id)
        if not self._plugs.has_lock(evse_id, found.cable) or self._plugs.retained_at(evse_id) is not None:
            return
        if session is not None and session.facts >= POWER_PATH:
            self._want((evse_id, found.cable), shut=True)
        elif found.locked:
            self._want((evse_id, found.cable), shut=False)

    def observe_cable(self, seen: CableInserted | CableRemoved) -> None:
        """A cable came into a socket, or left it: what its lock waited for is over then."""
        if isinstance(seen, CableInserted):
            self._plugs.insert(seen.evse_id, seen.connector_id, inserted=True)
        else:
            self._gone(seen.evse_id, seen.connector_id)

    def _gone(self, evse_id: int, connector_id: int) -> None:
        self._plugs.insert(evse_id, connector_id, inserted=False)
        self._plugs.release(evse_id, connector_id)
        if self._failed.pop((evse_id, connector_id), None) is not None:
            self._work.announce(LockMoved(evse_id, connector_id, shut=False, failed=False))

    # What follows from a session

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """Shut the lock where energy may flow; open it, or keep it, where the authorization has ended."""
        before, after = moved.before, moved.after
        place = self._place(before, after)
        if place is None:
            return
        if after.facts >= POWER_PATH and not before.facts >= POWER_PATH:
            self._plugs.release(*place)
            self._want(place, shut=True)
            return
        pulled = Fact.EVConnected in before.facts - after.facts
        if Fact.Authorized in before.facts - after.facts:
            step = moved.step
            deauthorized = step is not None and step.trigger_reason is TriggerReasonEnum.Deauthorized
            # A cable that left the EV while there was no power is let go whatever is set (E08.FR.03).
            dark = step is not None and step.stopped_reason is ReasonEnum.PowerLoss
            stays = pulled and not dark and not self._device.ocpp_comm.unlock_on_ev_side_disconnect
            if (stays or deauthorized) and self._shut.get(place):
                self._retain(place, before.authorization, deauthorized=deauthorized)
            else:
                self._open(place)
        elif pulled and after.authorization is not None:
            self._retain(place, after.authorization)

    def _place(self, before: Session, after: Session) -> Place | None:
        evse_id = after.evse_id
        connector_id = before.connector_id if before.connector_id is not None else after.connector_id
        if evse_id is None or connector_id is None or not self._plugs.has_lock(evse_id, connector_id):
            return None
        return evse_id, connector_id

    def _retain(self, place: Place, authorization: Authorization | None, *, deauthorized: bool = False) -> None:
        if authorization is None or authorization.id_token.type is IdTokenEnum.NoAuthorization:
            self._open(place)
            return
        self._plugs.retain(
            RetainedCable(
                evse_id=place[0],
                connector_id=place[1],
                id_token=authorization.id_token,
                group_id_token=authorization.group_id_token,
                deauthorized=deauthorized,
            )
        )

    @hears(CableReleased)
    def when_cable_released(self, released: CableReleased) -> None:
        """The owner has presented a token, or the CSMS has had the connector unlocked."""
        place = (released.evse_id, released.connector_id)
        if not self._plugs.has_lock(*place):
            return
        if self._world.hardware.state(released.evse_id).locked or place in self._failed:
            self._open(place)
        else:
            self._plugs.release(*place)
            self._shut[place] = False

    @hears(LockTried)
    def when_lock_tried(self, tried: LockTried) -> None:
        """The CSMS has had it tried, and it was silent: it goes on being tried. Or it is open while energy flows."""
        place = (tried.evse_id, tried.connector_id)
        if not tried.answered and self._plugs.has_lock(*place):
            self._shut.setdefault(place, False)  # nobody may have charged there yet
            self._report(place, shut=tried.shut, done=False)

    def _open(self, place: Place) -> None:
        self._plugs.release(*place)
        self._want(place, shut=False)

    # The motor

    def _want(self, place: Place, *, shut: bool) -> None:
        timer = self._again.pop(place, None)
        if timer is not None:
            timer.cancel()
        previous = self._shut.get(place, False)
        self._work.undo(lambda: self._shut.update({place: previous}))
        self._shut[place] = shut
        self._work.after(partial(self._turn, place))

    def _turn(self, place: Place) -> None:
        if place not in self._moving:
            self._moving.add(place)
            self._work.spawn("plug lock", lambda: self._move(place), given_up=lambda: self._give_up(place))

    async def _move(self, place: Place) -> None:
        """Turn until the lock is as it is wanted by then: that may change meanwhile."""
        done, shut = False, not self._shut[place]
        while self._shut[place] is not shut:
            shut = self._shut[place]
            done = await self._attempt(place, shut=shut)
        self._moving.discard(place)
        with self._work.unit():
            self._report(place, shut=shut, done=done)

    def _give_up(self, place: Place) -> None:
        self._moving.discard(place)
        self._report(place, shut=self._shut[place], done=False)

    async def _attempt(self, place: Place, *, shut: bool) -> bool:
        hardware = self._world.hardware
        for attempt in range(1, TRIES + 1):
            self._tries[place] = attempt
            try:
                async with self._work.deadline(LOCK_DEADLINE):
                    if shut:
                        done = await hardware.lock(*place) is LockResult.Locked
                    else:
                        done = await hardware.unlock(*place) is UnlockResult.Unlocked
            except TimeoutError:
                done = False
            if done or self._shut[place] is not shut:
                return done
        return False

    def _report(self, place: Place, *, shut: bool, done: bool) -> None:
        if not done:
            self._failed[place] = shut
        elif shut or self._failed.get(place) is shut:
            # One that opens, and did not shut before, may not shut the next time either: the cable has to come out.
            self._failed.pop(place, None)
        self._work.announce(LockMoved(*place, shut=shut is done, failed=place in self._failed))
        if done:
            return
        if shut:
            self._work.announce(Notice("The cable cannot be locked: no charge begins."))
        else:
            self._again[place] = self._work.later(AGAIN, lambda: self._turn(place))
