"""Block N: what the station knows of a customer is told, and forgotten."""

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import PRESENT, Wanted, differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.n_customer_information import ASKED_AGAIN, NOTHING_FOUND, REALLY_FORGOTTEN
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import CustomerInformationStatusEnum

CACHE = {
    "LocalAuthListCtrlr.Enabled": "true",
    "AuthCtrlr.LocalPreAuthorize": "true",
    "AuthCacheCtrlr.Enabled": "true",
}
ACCOUNT = "ACCOUNT-4711"
"""customerIdentifier, where none is configured."""
DATA = "NotifyCustomerInformationRequest.data"
EMPTY = Wanted("an empty text", lambda value: value == "")


async def _known(t: Tester) -> None:
    """The token is cached, and has charged once more without anybody being asked."""
    await states_station.id_token_cached(t)
    await states.authorized(t, remote=False)
    await states_stopping.stop_authorized(t, remote=False)
    await states_stopping.parking_bay_unoccupied(t)


async def _account_known(t: Tester) -> None:
    """Somebody has stored the account, or the token comes with it, which is how our station gets to know one."""
    if t.config.customer:
        return
    t.know(t.config.valid.id_token, group=ACCOUNT)
    await states_station.id_token_cached(t)


def _request(
    t: Tester, *, report: bool = True, clear: bool = False, account: str | None = None
) -> wire.CustomerInformationRequest:
    """Ask about the configured token, or about an account."""
    return wire.CustomerInformationRequest(
        request_id=t.next_id(),
        report=report,
        clear=clear,
        id_token=t.config.valid.wire if account is None else None,
        customer_identifier=account,
    )


async def _told(t: Tester, request: wire.CustomerInformationRequest, step: int) -> str:
    """Collect every part of a report, and return its text."""
    text = ""
    seq_no = 0
    while True:
        part = await t.expect(step, wire.NotifyCustomerInformationRequest, request_id=request.request_id, seq_no=seq_no)
        text += part.data
        seq_no += 1
        if not part.tbc:
            return text


def _less_than(text: str) -> Wanted:
    return Wanted("not what was cleared", lambda value: value != text)


async def _alone(t: Tester, request: wire.CustomerInformationRequest, step: int) -> str:
    """The one message that says that there was nothing, or that it is gone; returns its text."""
    part = await t.expect(
        step, wire.NotifyCustomerInformationRequest, request_id=request.request_id, seq_no=0, tbc=one_of(False, None)
    )
    return part.data


@case(
    "TC_N_27_CS",
    "A customer that is known",
    requirements=("N09.FR.02", "N09.FR.05"),
    settings=CACHE,
    begin=_known,
)
async def known(t: Tester) -> None:
    """It is told, in as many parts as it takes."""
    request = _request(t)
    await t.call(request, step=2, status="Accepted")
    text = await _told(t, request, 3)
    t.require(3, bool(text.strip()), DATA, "something", "nothing")


@case("TC_N_28_CS", "A customer of whom nothing is known", requirements=("N09.FR.02", "N09.FR.06"))
async def unknown(t: Tester) -> None:
    """Whatever may have been known is cleared first; then one message says that there is nothing."""
    clearing = _request(t, report=False, clear=True)
    await t.call(clearing, step="Memory", status="Accepted")
    await _alone(t, clearing, 0)
    request = _request(t)
    await t.call(request, step=2, status="Accepted")
    await _alone(t, request, 3)


@case(
    "TC_N_30_CS",
    "A customer that is known is told and forgotten",
    requirements=("N10.FR.01", "N10.FR.03"),
    readings=(ASKED_AGAIN, REALLY_FORGOTTEN),
    settings=CACHE,
    begin=_known,
)
async def cleared_and_told(t: Tester) -> None:
    """What was told is gone: a second request finds less, if it is accepted."""
    request = _request(t, clear=True)
    await t.call(request, step=2, status="Accepted")
    text = await _told(t, request, 3)
    t.require(3, bool(text.strip()), DATA, "something", "nothing")
    again = _request(t)
    any_status = one_of(*CustomerInformationStatusEnum)
    response = await t.call(again, step=6, status=differs(ASKED_AGAIN, specification="Accepted", tool=any_status))
    if response.status is CustomerInformationStatusEnum.Accepted:
        rest = await _alone(t, again, 7)
        t.compare(7, DATA, rest, differs(REALLY_FORGOTTEN, specification=_less_than(text), tool=PRESENT))


@case("TC_N_31_CS", "A customer of whom nothing is known is to be forgotten", requirements=("N10.FR.01", "N10.FR.04"))
async def nothing_to_clear(t: Tester) -> None:
    """One message says that there is nothing."""
    request = _request(t, clear=True)
    await t.call(request, step=2, status="Accepted")
    await _alone(t, request, 3)


@case("TC_N_32_CS", "Forgotten without a report", requirements=("N10.FR.01", "N10.FR.06"))
async def cleared(t: Tester) -> None:
    """One message says that the data is gone."""
    request = _request(t, report=False, clear=True)
    await t.call(request, step=2, status="Accepted")
    await _alone(t, request, 3)


@case(
    "TC_N_62_CS",
    "A customer that is known by an account is told and forgotten",
    requirements=("N10.FR.01", "N10.FR.03"),
    readings=(NOTHING_FOUND,),
    settings=CACHE,
    begin=_account_known,
)
async def account_cleared(t: Tester) -> None:
    """Told and gone; a second request is accepted, and finds nothing."""
    account = t.config.customer or ACCOUNT
    request = _request(t, clear=True, account=account)
    await t.call(request, step=2, status="Accepted")
    text = await _told(t, request, 3)
    t.require(3, bool(text.strip()), DATA, "something", "nothing")
    again = _request(t, account=account)
    await t.call(again, step=6, status="Accepted")
    rest = await _told(t, again, 7)
    t.compare(7, DATA, rest, differs(NOTHING_FOUND, specification=_less_than(text), tool=EMPTY))
