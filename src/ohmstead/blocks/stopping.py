"""How a driver stops: by the token that started, one of its group, a master pass, or a button (E07, C09, C16)."""

from collections.abc import Callable

from ohmstead.blocks.context import Charging, World
from ohmstead.blocks.work import Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import Notice
from ohmstead.model.facts import Fact
from ohmstead.model.prompt import Prompt, Question
from ohmstead.model.session import FactChange, Session
from ohmstead.model.sessions import same_token
from ohmstead.model.tokens import is_master
from ohmstead.product.feature_table import Feature
from ohmstead.product.token_types import local_stop_types
from ohmstead.wire.messages import IdToken, IdTokenEnum, ReasonEnum, TriggerReasonEnum

AUTHORIZED = frozenset({Fact.Authorized})
STOPS_OTHERWISE = "This does not stop the charge. Use the stop button, or unplug at the car."


class Stopping:
    """Takes authorizations back.

    Args:
        work: units of work.
        charging: the sessions.
        device: the variables.
        world: the product.
        ask: puts a question on the display.
    """

    def __init__(
        self, work: Work, charging: Charging, device: DeviceModel, world: World, ask: Callable[[Prompt], None]
    ) -> None:
        self._work = work
        self._charging = charging
        self._device = device
        self._world = world
        self._ask = ask

    def by_button(self, session: Session) -> None:
        """A stop button needs no token (C-75); a button that only starts does nothing more."""
        if self._has(IdTokenEnum.NoAuthorization):
            self._stop(session, None, ReasonEnum.Local)

    def by_token(self, session: Session, token: IdToken) -> None:
        """The token that started stops, where the product has that for its type (errata 5.2)."""
        if self._has(token.type):
            self._stop(session, token, ReasonEnum.Local)
        else:
            self._work.announce(Notice(STOPS_OTHERWISE))

    def for_cable(self, session: Session, token: IdToken) -> bool:
        """Stop where the EV is gone and the owner of the cable asks for it, by a token that stops nothing (E10.FR.01).

        Says whether that was it: a token that stops does so as ever.
        """
        if not self._has(token.type):
            self._stop(session, token, ReasonEnum.Local)
            return True
        return False

    def by_group(self, token: IdToken, group: IdToken, evse_id: int | None) -> bool:
        """Stop what a card of the group has begun (C09, E07.FR.01), at an EVSE or at any; say whether there was one."""
        if not self._has(token.type):
            return False
        for session in self._charging.sessions:
            authorization = session.authorization
            running = authorization.group_id_token if authorization is not None else None
            here = evse_id is None or session.evse_id == evse_id
            if here and running is not None and same_token(running, group):
                self._stop(session, token, ReasonEnum.Local)
                return True
        return False

    def is_master(self, group: IdToken | None) -> bool:
        """Say whether a group is that of the master passes."""
        return is_master(group, self._device.auth.master_pass_group_id)

    def by_master(self, token: IdToken, group: IdToken) -> None:
        """A master pass stops and never starts (C16.FR.03); without a display it stops all (C16.FR.02)."""
        running = [session for session in self._charging.sessions.with_transaction() if session.authorized]
        if not running:
            self._work.announce(Notice("There is nothing to stop."))
            return
        if not self._world.product.has(Feature.MASTER_PASS_WITH_UI):
            for session in running:
                self._stop(session, token, ReasonEnum.MasterPass)
            return
        one = tuple(
            (f"evse-{session.evse_id}", f"Stop EVSE {session.evse_id}")
            for session in running
            if session.evse_id is not None
        )
        options = (("all", "Stop all"), *one)
        self._ask(Prompt(question=Question.MasterPass, id_token=token, group_id_token=group, options=options))

    def chosen(self, token: IdToken, evse_id: int | None) -> None:
        """Stop what the holder of a master pass has chosen: at an EVSE, or everywhere."""
        for session in self._charging.sessions.with_transaction():
            if session.authorized and evse_id in (None, session.evse_id):
                self._stop(session, token, ReasonEnum.MasterPass)

    def _has(self, kind: IdTokenEnum) -> bool:
        return kind in local_stop_types(self._world.product)

    def _stop(self, session: Session, token: IdToken | None, reason: ReasonEnum) -> None:
        change = FactChange(trigger=TriggerReasonEnum.StopAuthorized, lost=AUTHORIZED, reason=reason, id_token=token)
        self._charging.apply(session, change)
