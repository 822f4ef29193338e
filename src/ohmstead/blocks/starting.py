"""Where an authorization leads: to an EVSE that waits, one that the driver chooses, or one that gets its EV later."""

from collections.abc import Callable

import msgspec

from ohmstead.blocks.context import CablePlugs, Charging, World
from ohmstead.blocks.work import Work
from ohmstead.model.events import Notice
from ohmstead.model.facts import Fact
from ohmstead.model.prompt import Prompt, Question
from ohmstead.model.session import Authorization, FactChange, Session
from ohmstead.model.sessions import takes
from ohmstead.wire.messages import AuthorizationStatusEnum, IdToken, TriggerReasonEnum

AUTHORIZED = frozenset({Fact.Authorized})
NEXT_IN_TURN = "One moment please: another driver is about to plug in."
NOT_YOURS = "Another card has begun this charge."


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants to charge: a card at the reader, or the CSMS."""

    id_token: IdToken
    group_id_token: IdToken | None = None
    evse_id: int | None = None
    """The EVSE that was named; None: the station finds one."""
    remote_start_id: int | None = None
    evse_ids: tuple[int, ...] = ()
    """The EVSEs that the CSMS allows; empty: all of them (C01.FR.21)."""

    def allows(self, evse_id: int) -> bool:
        """Say whether it may lead to an EVSE."""
        return not self.evse_ids or evse_id in self.evse_ids


class Starting:
    """Gives authorizations to sessions.

    Args:
        work: units of work.
        charging: the sessions.
        plugs: cables that are locked for their owners.
        world: the product.
        ask: puts a question on the display.
        refuse: tells a driver that the card is not accepted.
    """

    def __init__(
        self,
        work: Work,
        charging: Charging,
        plugs: CablePlugs,
        world: World,
        ask: Callable[[Prompt], None],
        refuse: Callable[[AuthorizationStatusEnum, Demand], None],
    ) -> None:
        self._work = work
        self._charging = charging
        self._plugs = plugs
        self._world = world
        self._ask = ask
        self._refuse = refuse

    def place(self, demand: Demand) -> int | None:
        """Return the EVSE that a demand is about; None: the place of the unbound session."""
        if demand.evse_id is not None:
            return demand.evse_id
        waiting = self.waiting(demand.id_token)
        if len(waiting) == 1:
            return waiting[0]
        evses = self._world.product.evses
        return evses[0].id if len(evses) == 1 else None

    def waiting(self, token: IdToken) -> list[int]:
        sessions = self._charging.sessions
        return [
            session.evse_id
            for session in sessions.waiting(token)
            if session.evse_id is not None
            and session.evse_id not in sessions.authorizing
            and self._charging.standing.obstacle(session.evse_id) is None
        ]

    def start(self, demand: Demand) -> None:
        """Grant a demand at its place, or ask the driver for one; a driver who cannot start reads why."""
        waiting = [evse_id for evse_id in self.waiting(demand.id_token) if demand.allows(evse_id)]
        several = demand.evse_id is None and demand.remote_start_id is None and len(waiting) > 1
        if several and not self._world.product.hardware.displays:
            waiting = [self._charging.sessions.latest(waiting)]
        elif several:
            self._ask(which_of(waiting, demand))
            return
        place = waiting[0] if demand.evse_id is None and waiting else self.place(demand)
        if not self._allowed_at(place, demand):
            self._refuse(AuthorizationStatusEnum.NotAtThisLocation, demand)
            return
        session = self._session_for(place, demand)
        if session is None:
            self._work.announce(Notice(self.why_not(place)))
            return
        self._authorize(session, place, demand)

    def _authorize(self, session: Session, place: int | None, demand: Demand) -> None:
        authorization = Authorization(
            id_token=demand.id_token,
            group_id_token=demand.group_id_token,
            remote_start_id=demand.remote_start_id,
            evse_ids=demand.evse_ids,
            at=self._world.clock.now(),
        )
        remote = demand.remote_start_id is not None
        change = FactChange(
            trigger=TriggerReasonEnum.RemoteStart if remote else TriggerReasonEnum.Authorized,
            gained=AUTHORIZED,
            evse_id=place,
            authorization=authorization,
        )
        self._charging.apply(session, change)

    def _allowed_at(self, place: int | None, demand: Demand) -> bool:
        """Say whether the CSMS allows the token at a place; None: at one of the EVSEs that have no EV yet."""
        places = [evse.id for evse in self._world.product.evses] if place is None else [place]
        return any(demand.allows(evse_id) for evse_id in places)

    def _session_for(self, place: int | None, demand: Demand) -> Session | None:
        """Return the session that an authorization at a place belongs to; None: the place is taken or out of order."""
        sessions = self._charging.sessions
        if place is None:
            evses = [evse for evse in self._world.product.evses if demand.allows(evse.id)]
            standing = self._charging.standing
            free = [
                evse.id
                for evse in evses
                if standing.obstacle(evse.id) is None
                and not self._taken(evse.id)
                and not self._kept_from(evse.id, demand)
            ]
            return Session(id=self._world.sources.new_id()) if free and sessions.unbound() is None else None
        if self._charging.standing.obstacle(place) is not None or self._kept_from(place, demand):
            return None
        session = sessions.at(place)
        if session is None:
            return Session(id=self._world.sources.new_id())
        return session if takes(session, demand.id_token) else None

    def _kept_from(self, evse_id: int, demand: Demand) -> bool:
        """Say whether somebody else's cable is locked there."""
        cable = self._plugs.retained_at(evse_id)
        return cable is not None and not cable.belongs_to(demand.id_token, demand.group_id_token)

    def why_not(self, place: int | None) -> str:
        """Tell the driver why no session begins; one reason for all outlets is named."""
        sessions, standing = self._charging.sessions, self._charging.standing
        if place is None and sessions.unbound() is not None:
            return NEXT_IN_TURN
        places = [evse.id for evse in self._world.product.evses] if place is None else [place]
        obstacles = {obstacle.text if obstacle else "" for obstacle in map(standing.obstacle, places)}
        only = obstacles.pop() if len(obstacles) == 1 else ""
        there = sessions.at(place) if place is not None else None
        if not only and there is not None and not there.authorized:
            return NOT_YOURS
        return f"No outlet is free: {only}." if only else "No outlet is free."

    def _taken(self, evse_id: int) -> bool:
        session = self._charging.sessions.at(evse_id)
        return session is not None and (session.authorized or session.transaction is not None)


def which_of(evse_ids: list[int], demand: Demand, question: Question = Question.ChooseEvse) -> Prompt:
    """Ask a driver which of several outlets it is to be."""
    return Prompt(
        question=question,
        id_token=demand.id_token,
        group_id_token=demand.group_id_token,
        options=tuple((f"evse-{evse_id}", f"Charge at EVSE {evse_id}") for evse_id in evse_ids),
    )
