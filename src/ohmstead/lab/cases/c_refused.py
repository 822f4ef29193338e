"""Block C: a cached token that the CSMS has refused, where the station is told not to ask again."""

from ohmstead.lab.cases import states, states_station
from ohmstead.lab.cases.c_cache import CACHING
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum

SILENCE = 5.0


async def _refused_and_plugged(t: Tester) -> None:
    t.know(t.config.invalid.id_token, AuthorizationStatusEnum.Invalid)
    await states_station.id_token_cached(t, t.config.invalid)
    await states.ev_waits(t)


@case(
    "TC_C_57_CS",
    "A cached invalid token is not asked about where that is switched off",
    requirements=("C10.FR.03", "C12.FR.05"),
    settings={**CACHING, "AuthCacheCtrlr.DisablePostAuthorize": "true"},
    begin=_refused_and_plugged,
)
async def not_asked_again(t: Tester) -> None:
    """No question, and no charge."""
    before = len(t.received(wire.AuthorizeRequest))
    await t.present(t.config.invalid)
    await t.expect_none(1, wire.AuthorizeRequest, SILENCE)
    asked = len(t.received(wire.AuthorizeRequest)) - before
    t.require(1, not asked, "AuthorizeRequest", "none", asked)
    named = [event for event in t.received(wire.TransactionEventRequest) if event.id_token is not None]
    t.require(1, not named, "TransactionEventRequest.idToken", "nothing", "a token that the CSMS has refused")
