"""Block C: who may charge, and who may stop."""

import asyncio
import logging
from functools import partial

import msgspec

from ohmstead.blocks.context import CablePlugs, Charging, Csms, Registration, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.selection import Selection, selectable
from ohmstead.blocks.starting import Demand, Starting, which_of
from ohmstead.blocks.stopping import Stopping
from ohmstead.blocks.work import Work
from ohmstead.blocks.wrong_codes import WrongCodes
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import (
    Accepted,
    CableReleased,
    DisplayAsked,
    Notice,
    StartRequested,
    TokenAnswered,
    TokenLetIn,
    TokenUsed,
    TransactionEventDelivered,
)
from ohmstead.model.facts import Fact
from ohmstead.model.prompt import Prompt, Question
from ohmstead.model.sessions import same_token
from ohmstead.model.tokens import NOBODY_TO_ASK_ABOUT, AuthorizationCache, CachedToken
from ohmstead.ports.calls import PAUSE, CallFailed, CallTimeout, NotSent
from ohmstead.ports.hardware import DisplayChosen, IdentifyingHardware, TokenPresented
from ohmstead.ports.link import LinkLost
from ohmstead.product.token_types import local_start_types, local_stop_types
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.identifiers import wrong_token
from ohmstead.wire.messages import (
    AuthorizationStatusEnum,
    AuthorizeRequest,
    IdToken,
    IdTokenEnum,
    IdTokenInfo,
)

UNNAMED = (IdTokenEnum.Local, IdTokenEnum.NoAuthorization)
"""Types that a button stands for: nothing is read."""
TOLD_BY_THE_PLACE = (IdTokenEnum.MacAddress, *UNNAMED)
"""Types that a car or a button of one EVSE stands for: where somebody is authorized, they ask for nothing."""
REFUSALS = {
    AuthorizationStatusEnum.Blocked: "This card is blocked.",
    AuthorizationStatusEnum.Expired: "This card has expired.",
    AuthorizationStatusEnum.NoCredit: "There is no credit left on this card.",
    AuthorizationStatusEnum.ConcurrentTx: "This card is in use elsewhere.",
    AuthorizationStatusEnum.NotAtThisLocation: "This card is not valid at this location.",
    AuthorizationStatusEnum.NotAtThisTime: "This card is not valid at this time.",
    AuthorizationStatusEnum.NotAllowedTypeEVSE: "This card is not valid at this kind of charger.",
}
ONLY_STOPS = "This card stops charges and starts none."
NOTHING_TO_STOP = "There is nothing to stop."
UNANSWERED = "Your card could not be checked. Please try again."

_log = logging.getLogger(__name__)


class CAuthorization:
    """Decides on tokens: stop, start, master pass, or no."""

    def __init__(
        self,
        work: Work,
        charging: Charging,
        plugs: CablePlugs,
        csms: Csms,
        device: DeviceModel,
        cache: AuthorizationCache,
        world: World,
    ) -> None:
        self._work = work
        self._charging = charging
        self._plugs = plugs
        self._csms = csms
        self._device = device
        self._cache = cache
        self._world = world
        self._prompt: Prompt | None = None
        self._starting = Starting(work, charging, plugs, world, self._ask, self._refuse)
        self._stopping = Stopping(work, charging, device, world, self._ask)
        self._wrong_codes = WrongCodes(work)
        self._selection = Selection(work, charging, world)

    # What is presented

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """Ask the cars that wait for their address again: nobody may have heard it before the boot (C-34)."""
        machine, product = self._world.hardware, self._world.product
        if IdTokenEnum.MacAddress not in local_start_types(product) or not isinstance(machine, IdentifyingHardware):
            return
        for session in self._charging.sessions.waiting():
            if session.evse_id is not None and Fact.EVConnected in session.facts and not session.ended:
                self._work.after(partial(machine.identify, session.evse_id))

    def observe_token(self, seen: TokenPresented) -> None:
        """A token stops what it (or its group) runs, else it wants to start (decided case 4).

        At a reader, a keypad, a car or a button of one EVSE it does so there and nowhere else.
        """
        wrong = None if seen.type in UNNAMED else wrong_token(seen.id_token)
        if wrong is not None:
            _log.warning("what was read is not taken: %s", wrong)
            self._work.announce(Notice("This card cannot be read."))
            return
        token = self._token(seen)
        if self._prompt is not None:
            self._ask(None)
        if not self._serves(token):
            return
        chosen = self._selection.take()
        if self._frees_cable(token, None, seen.evse_id):
            return
        if seen.type in TOLD_BY_THE_PLACE and self._decided_there(token, seen.evse_id):
            return
        owned = self._charging.sessions.held_by(token, seen.evse_id)
        if owned is not None:
            self._stopping.by_token(owned, token)
            return
        if any(same_token(token, pending) for pending in self._charging.sessions.authorizing.values()):
            return
        cached = self._cached(token)
        if (
            cached is not None
            and cached.accepted
            and self._stops_group(token, cached.info.group_id_token, seen.evse_id)
        ):
            return
        demand = Demand(id_token=token, evse_id=chosen if seen.evse_id is None else seen.evse_id)
        if self._chosen_first(demand):
            self._demand(demand, cached)

    def _chosen_first(self, demand: Demand) -> bool:
        """Say whether it is known where a driver wants to charge; where it has to be (AQ-8), he is asked before."""
        if not self._selection.enforced or demand.evse_id is not None or not self._may_start(demand):
            return True
        waiting = self._starting.waiting(demand.id_token)
        if len(waiting) == 1 or self._only_stops(demand):
            return True
        places = waiting or selectable(self._charging, self._world.product)
        if not places:
            self._work.announce(Notice(self._starting.why_not(None)))
        else:
            self._ask(which_of(places, demand, Question.ChooseFirst))
        return False

    def _only_stops(self, demand: Demand) -> bool:
        return demand.id_token.type not in local_start_types(self._world.product)

    def _token(self, seen: TokenPresented) -> IdToken:
        """Return the token; a local one is made here (C06), each time anew."""
        made = self._world.sources.new_id() if seen.type == IdTokenEnum.Local else seen.id_token
        return IdToken(id_token=made, type=IdTokenEnum(seen.type))

    def _serves(self, token: IdToken) -> bool:
        accepted = self._csms.registration is Registration.Accepted
        if not accepted and not self._device.tx.tx_before_accepted_enabled:
            self._work.announce(Notice("Not in service yet. Please come back later."))
            return False
        product = self._world.product
        if token.type not in (*local_start_types(product), *local_stop_types(product)):
            self._work.announce(Notice("This kind of card is not supported here."))
            return False
        if token.type is IdTokenEnum.KeyCode and self._wrong_codes.closed:
            self._work.announce(Notice("Too many wrong codes. Please wait a while."))
            return False
        return True

    def _decided_there(self, token: IdToken, evse_id: int | None) -> bool:
        """Say whether a car or a button has nothing to ask for at its EVSE; a button that stops does so (C-75)."""
        session = self._charging.sessions.at(evse_id) if evse_id is not None else None
        if session is None or not session.authorized:
            return False
        if token.type is IdTokenEnum.NoAuthorization:
            self._stopping.by_button(session)
        return True

    @hears(StartRequested)
    def when_start_requested(self, requested: StartRequested) -> None:
        """A remote start is authorized like a card with AuthorizeRemoteStart, else granted as it stands (F01, F02)."""
        demand = Demand(
            id_token=requested.id_token,
            group_id_token=requested.group_id_token,
            evse_id=requested.evse_id,
            remote_start_id=requested.remote_start_id,
        )
        cached = self._cached(requested.id_token)
        if self._device.auth.authorize_remote_start:
            self._demand(demand, cached)
        elif cached is not None and self._stopping.is_master(cached.info.group_id_token):
            self._work.announce(Notice(ONLY_STOPS))
        else:
            self._grant(demand)

    # What the answer is

    def _demand(self, demand: Demand, cached: CachedToken | None) -> None:
        auth = self._device.auth
        if demand.remote_start_id is None and not self._may_start(demand):
            return
        if not auth.enabled or demand.id_token.type in NOBODY_TO_ASK_ABOUT:
            self._grant(demand)
            return
        if cached is not None and cached.accepted and auth.local_pre_authorize:
            self._grant_cached(demand, cached)
            return
        if not self._csms.calls.online:
            self._decide_offline(demand, cached)
            return
        refused_before = cached is not None and not cached.accepted
        trusts_refusals = refused_before and self._device.auth_cache.disable_post_authorize
        if auth.disable_remote_authorization or trusts_refusals:
            self._decide_locally(demand, cached)
            return
        place = self._starting.place(demand)
        if place in self._charging.sessions.authorizing:
            self._work.announce(Notice("One moment please: another card is being checked."))
            return
        self._charging.sessions.authorizing[place] = demand.id_token
        self._work.announce(Notice("Checking your card ..."))
        self._work.after(partial(self._begin_check, demand, place))

    def _may_start(self, demand: Demand) -> bool:
        """Say whether a driver may start by such a token; one that only stops is asked about for its group alone."""
        kind, product = demand.id_token.type, self._world.product
        if kind in local_start_types(product):
            return True
        if kind is not IdTokenEnum.NoAuthorization and self._charging.sessions.with_transaction():
            return True
        self._work.announce(Notice(NOTHING_TO_STOP))
        return False

    def _begin_check(self, demand: Demand, place: int | None) -> None:
        self._work.spawn(
            "authorize",
            lambda: self._authorize(demand, place),
            given_up=lambda: self._work.announce(Notice(UNANSWERED)),
        )

    async def _authorize(self, demand: Demand, place: int | None) -> None:
        info: IdTokenInfo | None = None
        offline = False
        try:
            info = await self._asked(AuthorizeRequest(id_token=demand.id_token))
        except (NotSent, LinkLost):
            offline = True
        except (CallFailed, CallTimeout, InvalidMessage) as failure:
            _log.warning("Authorize failed: %s", failure)
        finally:
            self._charging.sessions.authorizing.pop(place, None)
        if place in self._starting.waiting(demand.id_token):
            # A place was kept for this card: cars that have come since are not its choice (decided case 4).
            demand = msgspec.structs.replace(demand, evse_id=place)
        with self._work.unit():
            if offline:
                self._decide_offline(demand, self._cached(demand.id_token))
            elif info is None:
                self._work.announce(Notice(UNANSWERED))
            else:
                self._work.announce(TokenAnswered(demand.id_token, info))
                self._decide(demand, info)

    async def _asked(self, request: AuthorizeRequest) -> IdTokenInfo:
        """Ask, and once more after an error of the moment. Raises what `Calls.call` raises.

        No answer on an open link is no outage: nobody is let in for it, the cache not asked either, for with
        LocalPreAuthorize it would have been before, and without it the operator wants the CSMS to decide.
        """
        try:
            return (await self._csms.calls.call(request)).id_token_info
        except CallFailed as failure:
            if not failure.passing:
                raise
            _log.warning("Authorize is repeated: %s", failure)
        await asyncio.sleep(PAUSE)
        return (await self._csms.calls.call(request)).id_token_info

    def _decide(self, demand: Demand, info: IdTokenInfo) -> None:
        if info.status is not AuthorizationStatusEnum.Accepted:
            self._refuse(info.status, demand)
            return
        remote = demand.remote_start_id is not None
        if not remote and self._stops_group(demand.id_token, info.group_id_token, demand.evse_id):
            return
        self._grant_as_told(demand, info)

    def _grant_as_told(self, demand: Demand, info: IdTokenInfo) -> None:
        """Grant with what an answer of the CSMS says beside Accepted; a master pass starts nothing (C16.FR.03)."""
        if self._stopping.is_master(info.group_id_token):
            self._work.announce(Notice(ONLY_STOPS))
            return
        group = info.group_id_token or demand.group_id_token
        self._grant(msgspec.structs.replace(demand, group_id_token=group, evse_ids=info.evse_id or ()))

    def _decide_offline(self, demand: Demand, cached: CachedToken | None) -> None:
        """Without the CSMS the cache decides, and offline OfflineTxForUnknownIdEnabled of unknown tokens (C12, C15).

        A station that is connected and not accepted yet may not ask, but is not offline: it lets in whom it knows
        (B03.FR.01).
        """
        auth = self._device.auth
        if cached is not None:
            if cached.accepted and auth.local_authorize_offline:
                self._grant_cached(demand, cached)
            else:
                self._refuse(cached.info.status, demand)
        elif auth.offline_tx_for_unknown_id_enabled and self._csms.calls.offline:
            self._work.announce(TokenLetIn(demand.id_token))
            self._grant(demand)
        else:
            self._refuse(AuthorizationStatusEnum.Unknown, demand)

    def _decide_locally(self, demand: Demand, cached: CachedToken | None) -> None:
        """Decide without an AuthorizeRequest, though the station is online (C01.FR.05, AuthCacheCtrlr 2.4.6)."""
        if cached is not None and cached.accepted:
            self._grant_cached(demand, cached)
        else:
            self._refuse(AuthorizationStatusEnum.Unknown if cached is None else cached.info.status, demand)

    def _grant_cached(self, demand: Demand, cached: CachedToken) -> None:
        self._work.announce(TokenUsed(demand.id_token))
        self._grant_as_told(demand, cached.info)

    def _refuse(self, status: AuthorizationStatusEnum, demand: Demand) -> None:
        if demand.id_token.type is IdTokenEnum.KeyCode:
            self._wrong_codes.refused()
        self._work.announce(Notice(REFUSALS.get(status, "This card is not accepted.")))

    def _grant(self, demand: Demand) -> None:
        kind = demand.id_token.type
        if kind is IdTokenEnum.KeyCode:
            self._wrong_codes.accepted()
        if demand.remote_start_id is None and kind not in local_start_types(self._world.product):
            self._work.announce(Notice(ONLY_STOPS))
            return
        self._starting.start(demand)

    def _cached(self, token: IdToken) -> CachedToken | None:
        device = self._device
        if not device.auth_cache.enabled:
            return None
        return self._cache.find(token, self._world.clock.now(), device.auth_cache.life_time)

    # Stopping

    def _stops_group(self, token: IdToken, group: IdToken | None, evse_id: int | None) -> bool:
        """A card of the group stops a transaction unless an EV waits for it; a master pass asks."""
        if group is None:
            return False
        if self._stopping.is_master(group):
            self._stopping.by_master(token, group)
            return True
        waiting = self._starting.waiting(token)
        if evse_id in waiting if evse_id is not None else waiting:
            return False
        if self._frees_cable(token, group, evse_id):
            return True
        return self._stopping.by_group(token, group, evse_id)

    def _frees_cable(self, token: IdToken, group: IdToken | None, evse_id: int | None) -> bool:
        """A cable that stayed locked for its owner opens for a token of the owner's; says whether that was all.

        With the EV at its other end the token also wants to charge; where it is authorized still, it stops first.
        """
        cable = next((one for one in self._plugs.retained() if one.belongs_to(token, group, evse_id)), None)
        session = self._charging.sessions.at(cable.evse_id) if cable is not None else None
        connected = session is not None and Fact.EVConnected in session.facts
        if cable is not None and session is not None and session.authorized:
            return not connected and self._stopping.for_cable(session, token)
        if cable is None:
            return False
        if cable.deauthorized or not connected:
            self._work.announce(CableReleased(cable.evse_id, cable.connector_id))
            self._work.announce(Notice("You may take your cable out."))
        return not connected

    @hears(TransactionEventDelivered)
    def when_transaction_event_delivered(self, delivered: TransactionEventDelivered) -> None:
        """The answer to an event names the group of the token that started, too (C09.FR.12)."""
        info, token = delivered.response.id_token_info, delivered.request.id_token
        session = self._charging.sessions.of_transaction(delivered.request.transaction_info.transaction_id)
        if info is None or token is None or session is None or session.authorization is None:
            return
        group, authorization = info.group_id_token, session.authorization
        if group is not None and same_token(authorization.id_token, token):
            named = msgspec.structs.replace(authorization, group_id_token=group)
            self._charging.amend(msgspec.structs.replace(session, authorization=named))

    def _ask(self, prompt: Prompt | None) -> None:
        self._prompt = prompt
        self._work.announce(DisplayAsked(prompt))

    def observe_choice(self, chosen: DisplayChosen) -> None:
        """Carry out what was chosen on the display."""
        prompt = self._prompt
        if prompt is None:
            self._selection.choose(chosen.option)
            return
        if chosen.option not in [option for option, _ in prompt.options]:
            return
        self._ask(None)
        evse_id = int(chosen.option.removeprefix("evse-")) if chosen.option != "all" else None
        if prompt.question is Question.ChooseFirst:
            self._demand(Demand(id_token=prompt.id_token, evse_id=evse_id), self._cached(prompt.id_token))
            return
        if prompt.question is Question.ChooseEvse:
            self._grant(Demand(id_token=prompt.id_token, group_id_token=prompt.group_id_token, evse_id=evse_id))
            return
        self._stopping.chosen(prompt.id_token, evse_id)
