"""Block F: the CSMS starts, stops, unlocks and asks for messages."""

from ohmstead.blocks.context import CablePlugs, Charging, Csms, Registration, Send, World
from ohmstead.blocks.hooks import serves
from ohmstead.blocks.readings import aligned_values
from ohmstead.blocks.work import Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import CableReleased, LockTried, StartRequested
from ohmstead.model.facts import NEED_AUTHORIZATION, Fact
from ohmstead.model.session import FactChange, Session
from ohmstead.model.sessions import takes
from ohmstead.model.tokens import is_master
from ohmstead.ports.calls import Answer, Cause
from ohmstead.ports.hardware import UnlockResult
from ohmstead.product.token_types import remote_start_types
from ohmstead.wire.identifiers import IDENTIFIER_WORDS, slip
from ohmstead.wire.messages import (
    EVSE,
    IdToken,
    MessageTriggerEnum,
    ReadingContextEnum,
    ReasonEnum,
    RequestStartStopStatusEnum,
    RequestStartTransactionRequest,
    RequestStartTransactionResponse,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    StatusInfo,
    TriggerMessageRequest,
    TriggerMessageResponse,
    TriggerMessageStatusEnum,
    TriggerReasonEnum,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
    UnlockStatusEnum,
)

UNLOCK_DEADLINE = 20.0
"""Seconds that the hardware has to answer to an unlock command."""


class FRemoteControl:
    """Remote start and stop, TriggerMessage, UnlockConnector."""

    def __init__(
        self, work: Work, charging: Charging, plugs: CablePlugs, csms: Csms, device: DeviceModel, world: World
    ) -> None:
        self._work = work
        self._charging = charging
        self._plugs = plugs
        self._csms = csms
        self._device = device
        self._world = world
        csms.triggers[MessageTriggerEnum.MeterValues] = self._trigger_meter_values
        csms.triggers[MessageTriggerEnum.TransactionEvent] = self._trigger_transaction_events

    # Start and stop

    @serves(RequestStartTransactionRequest)
    def on_request_start_transaction(self, request: RequestStartTransactionRequest) -> RequestStartTransactionResponse:
        """Agree first; the token is authorized or granted afterwards (F01.FR.01, F01.FR.02). Profiles are ignored."""
        refusal = self._refusal(request)
        if refusal is not None:
            info = StatusInfo(reason_code=refusal[0], additional_info=refusal[1])
            return RequestStartTransactionResponse(status=RequestStartStopStatusEnum.Rejected, status_info=info)
        session = self._session_for(request)
        running = session.transaction if session is not None else None
        self._work.announce(
            StartRequested(
                evse_id=session.evse_id if session is not None else request.evse_id,
                id_token=request.id_token,
                group_id_token=request.group_id_token,
                remote_start_id=request.remote_start_id,
            )
        )
        return RequestStartTransactionResponse(
            status=RequestStartStopStatusEnum.Accepted,
            transaction_id=running.id if running is not None else None,
        )

    def _refusal(self, request: RequestStartTransactionRequest) -> tuple[str, str] | None:
        """Return reason code and text if the start is Rejected (F01.FR.23, F01.FR.24, B02.FR.05)."""
        if self._csms.registration is not Registration.Accepted:
            return "NotEnabled", "the station has not been accepted yet"
        if request.id_token.type not in remote_start_types(self._world.product):
            return "UnsupportedParam", f"tokens of type {request.id_token.type} do not start remotely here"
        wrong = slip(request.id_token)
        if wrong is not None:  # it would have to go into Authorize and events
            return "InvalidIdToken", f"idToken{wrong.removeprefix('$')} is not {IDENTIFIER_WORDS}"
        if is_master(request.group_id_token, self._device.auth.master_pass_group_id):
            return "InvalidIdToken", "a master pass does not start a transaction (C16.FR.03)"
        evses = [evse.id for evse in self._world.product.evses]
        if request.evse_id is not None and request.evse_id not in evses:
            return "UnknownEvse", f"there is no EVSE {request.evse_id}"
        wanted = evses if request.evse_id is None else [request.evse_id]
        obstacles = {evse_id: self._charging.standing.obstacle(evse_id) for evse_id in wanted}
        open_evses = [evse_id for evse_id, obstacle in obstacles.items() if obstacle is None]
        if not open_evses:
            texts = {obstacle.text: None for obstacle in obstacles.values() if obstacle is not None}
            return "NotEnabled", "; ".join(texts)[:512]
        if all(self._taken(evse_id) for evse_id in open_evses):
            return "TxInProgress", "the EVSE is authorized already"
        if not any(self._takes(evse_id, request) for evse_id in open_evses):
            return "TxInProgress", "another token has begun the transaction there"
        if request.evse_id is None and self._unbound_taken() and not self._waiting(request.id_token):
            return "TxInProgress", "somebody is authorized already and has not chosen an EVSE"
        return None

    def _taken(self, evse_id: int) -> bool:
        session = self._charging.sessions.at(evse_id)
        return evse_id in self._charging.sessions.authorizing or (session is not None and session.authorized)

    def _takes(self, evse_id: int, request: RequestStartTransactionRequest) -> bool:
        session, cable = self._charging.sessions.at(evse_id), self._plugs.retained_at(evse_id)
        if cable is not None and not cable.belongs_to(request.id_token, request.group_id_token):
            return False
        return not self._taken(evse_id) and (session is None or takes(session, request.id_token))

    def _unbound_taken(self) -> bool:
        return None in self._charging.sessions.authorizing or self._charging.sessions.unbound() is not None

    def _waiting(self, token: IdToken) -> list[Session]:
        return [
            session
            for session in self._charging.sessions.waiting(token)
            if session.evse_id is not None
            and self._charging.standing.obstacle(session.evse_id) is None
            and not self._taken(session.evse_id)
        ]

    def _session_for(self, request: RequestStartTransactionRequest) -> Session | None:
        """Without evseId the station selects the EVSE where an EV waits (F01.FR.20)."""
        if request.evse_id is not None:
            return self._charging.sessions.at(request.evse_id)
        waiting = self._waiting(request.id_token)
        return waiting[0] if waiting else None

    @serves(RequestStopTransactionRequest)
    def on_request_stop_transaction(self, request: RequestStopTransactionRequest) -> RequestStopTransactionResponse:
        """End the authorization of a running transaction (F03.FR.07, F03.FR.08).

        Where there is none, it ends all the same if its stop points need one, else the CSMS hears that the request came
        (F03.FR.02, F03.FR.03).
        """
        session = self._charging.sessions.of_transaction(request.transaction_id)
        if session is None or self._csms.registration is not Registration.Accepted:
            info = StatusInfo(reason_code="TxNotFound", additional_info="no such transaction is running")
            return RequestStopTransactionResponse(status=RequestStartStopStatusEnum.Rejected, status_info=info)
        if session.authorized:
            lost = frozenset({Fact.Authorized})
            change = FactChange(trigger=TriggerReasonEnum.RemoteStop, lost=lost, reason=ReasonEnum.Remote)
            self._charging.apply(session, change)
        elif session.stop_points & NEED_AUTHORIZATION:
            self._charging.apply(session, FactChange(trigger=TriggerReasonEnum.RemoteStop, ends=ReasonEnum.Remote))
        else:
            self._charging.report(session, TriggerReasonEnum.RemoteStop)
        return RequestStopTransactionResponse(status=RequestStartStopStatusEnum.Accepted)

    # Unlock

    @serves(UnlockConnectorRequest)
    async def on_unlock_connector(self, request: UnlockConnectorRequest) -> UnlockConnectorResponse:
        """Unlock unless an authorized transaction is going on (F05); a fixed cable has no lock and fails."""
        evse = next((evse for evse in self._world.product.evses if evse.id == request.evse_id), None)
        if evse is None or request.connector_id not in [connector.id for connector in evse.connectors]:
            return UnlockConnectorResponse(status=UnlockStatusEnum.UnknownConnector)
        session = self._charging.sessions.at(request.evse_id)
        concerned = session is not None and session.connector_id in (None, request.connector_id)
        if session is not None and concerned and session.transaction is not None and session.authorized:
            return UnlockConnectorResponse(status=UnlockStatusEnum.OngoingAuthorizedTransaction)
        try:
            async with self._work.deadline(UNLOCK_DEADLINE):
                result = await self._world.hardware.unlock(request.evse_id, request.connector_id)
        except TimeoutError:
            self._work.announce(LockTried(request.evse_id, request.connector_id, answered=False))
            info = StatusInfo(reason_code="Timeout", additional_info="the lock did not answer")
            return UnlockConnectorResponse(status=UnlockStatusEnum.UnlockFailed, status_info=info)
        self._work.announce(LockTried(request.evse_id, request.connector_id, answered=True))
        found = self._world.hardware.state(request.evse_id)
        held = found.locked is True and found.used == request.connector_id
        if result is UnlockResult.Unlocked and not held:
            with self._work.unit():
                self._work.announce(CableReleased(request.evse_id, request.connector_id))
            return UnlockConnectorResponse(status=UnlockStatusEnum.Unlocked)
        cable = next(one.cable for one in evse.connectors if one.id == request.connector_id)
        text = "a fixed cable has no lock here" if cable == "Fixed" else "the lock did not open"
        info = StatusInfo(reason_code="FixedCable" if cable == "Fixed" else "InternalError", additional_info=text)
        return UnlockConnectorResponse(status=UnlockStatusEnum.UnlockFailed, status_info=info)

    # Triggers

    @serves(TriggerMessageRequest)
    def on_trigger_message(self, request: TriggerMessageRequest) -> Answer:
        """Answer, then send what was asked for (F06.FR.04); every block says which messages it can give.

        It also says whether an EVSE matters for them: where not, it is ignored (F06.FR.03).
        """
        trigger = self._csms.triggers.get(request.requested_message)
        if trigger is None:
            return Answer(TriggerMessageResponse(status=TriggerMessageStatusEnum.NotImplemented))
        send = trigger(request.evse)
        if isinstance(send, str):
            return self._rejected("NotFound", send)
        return Answer(TriggerMessageResponse(status=TriggerMessageStatusEnum.Accepted), then=send)

    def _knows(self, evse: EVSE) -> bool:
        return evse.id == 0 or evse.id in [known.id for known in self._world.product.evses]

    @staticmethod
    def _rejected(code: str, text: str) -> Answer:
        info = StatusInfo(reason_code=code, additional_info=text)
        return Answer(TriggerMessageResponse(status=TriggerMessageStatusEnum.Rejected, status_info=info))

    def _trigger_meter_values(self, evse: EVSE | None) -> Send:
        """The aligned measurands of an EVSE, or of all (F06.FR.06, F06.FR.11)."""
        wanted = [evse.id] if evse is not None else [0, *(known.id for known in self._world.product.evses)]

        def send() -> None:
            now = self._world.clock.now()
            for evse_id in wanted:
                request = aligned_values(self._device, self._world, evse_id, now, ReadingContextEnum.Trigger)
                if request is not None:
                    self._csms.calls.send(request, Cause.Asked)

        if evse is not None and not self._knows(evse):
            return f"there is no EVSE {evse.id}"
        if not self._device.aligned_data.measurands:
            return "AlignedDataCtrlr.Measurands is empty"
        return send

    def _trigger_transaction_events(self, evse: EVSE | None) -> Send:
        """One event for every running transaction (F06.FR.07)."""

        def running() -> list[Session]:
            sessions = self._charging.sessions.with_transaction()
            return [session for session in sessions if evse is None or session.evse_id == evse.id]

        def send() -> None:
            with self._work.unit():
                for session in running():
                    self._charging.report(session, TriggerReasonEnum.Trigger)

        if evse is not None and not self._knows(evse):
            return f"there is no EVSE {evse.id}"
        return send if running() else "no transaction is running"
