"""Block N, CustomerInformation: tell what is known of a customer, and forget it (N09, N10)."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from ohmstead.blocks.backlog import Backlog
from ohmstead.blocks.context import Charging, Csms, World
from ohmstead.blocks.customer_accounts import Accounts
from ohmstead.blocks.customer_data import Customer, authorizing, cached, sessions, told, waiting
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Work
from ohmstead.model.events import Accepted, Online, TokenAnswered, TokensForgotten, TransactionEventDelivered
from ohmstead.model.tokens import AuthorizationCache, cache_key
from ohmstead.ports.calls import Answer
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import (
    CustomerInformationRequest,
    CustomerInformationResponse,
    CustomerInformationStatusEnum,
    NotifyCustomerInformationRequest,
    StatusInfo,
)

KIND = "customer_report"
PART = 512
"""Characters that one message holds."""
MOST = 10
"""Reports that may wait; a further one is Rejected."""
NOTHING = "No data of this customer was found."
CLEARED = "The data of this customer was cleared."


class CustomerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the CSMS is to be told and does not have yet; its content may be gone from everywhere else (N10.FR.03)."""

    number: int
    request_id: int
    generated_at: datetime
    parts: tuple[str, ...]
    told: int = 0
    """Parts that the CSMS has."""

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.number:09d}"

    def message(self) -> NotifyCustomerInformationRequest:
        """Return the next part."""
        return NotifyCustomerInformationRequest(
            request_id=self.request_id,
            generated_at=self.generated_at,
            seq_no=self.told,
            data=self.parts[self.told],
            tbc=self.told < len(self.parts) - 1,
        )

    def rest(self) -> "CustomerReport | None":
        """Return what is left after the next part."""
        told = self.told + 1
        return msgspec.structs.replace(self, told=told) if told < len(self.parts) else None


class NCustomerInformation:
    """Answers for what the station knows of people; a report survives the link and the power."""

    def __init__(self, work: Work, charging: Charging, csms: Csms, cache: AuthorizationCache, world: World) -> None:
        self._work = work
        self._charging = charging
        self._csms = csms
        self._cache = cache
        self._world = world
        self._accounts = Accounts(work, world)
        self._reports = Backlog(work, csms, world, KIND, CustomerReport, CustomerReport.message, CustomerReport.rest)
        self._number = self._reports.waiting[-1].number if self._reports.waiting else 0

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """Take up what a reboot interrupted."""
        self._work.after(self._resume)

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """Take up what an outage interrupted."""
        self._work.after(self._resume)

    @hears(TokenAnswered)
    def when_token_answered(self, answered: TokenAnswered) -> None:
        """An AuthorizeResponse may name the account of a token."""
        self._accounts.learn(answered.id_token, answered.info)

    @hears(TransactionEventDelivered)
    def when_transaction_event_delivered(self, delivered: TransactionEventDelivered) -> None:
        """So may a TransactionEventResponse."""
        self._accounts.learn(delivered.request.id_token, delivered.response.id_token_info)

    # The request

    @serves(CustomerInformationRequest)
    def on_customer_information(self, request: CustomerInformationRequest) -> Answer:
        """Accept, forget if asked to, and report afterwards (N09.FR.02, N10.FR.01)."""
        customer = Customer(request.id_token, request.customer_identifier or "")
        refusal = self._refusal(request, customer)
        if refusal is not None:
            return Answer(refusal)
        known = "\n".join(
            filter(None, (told(self._charging, self._csms, self._cache, customer), *self._accounts.told(customer)))
        )
        if request.clear:
            # The local list is the CSMS's own (N10.FR.02): cache and accounts hold tokens on the station's account.
            entries = cached(self._cache, customer)
            self._accounts.forget(customer)
            self._work.announce(TokensForgotten(tuple(cache_key(entry.id_token) for entry in entries)))
        self._keep(request.request_id, self._text(request, known))
        return Answer(CustomerInformationResponse(status=CustomerInformationStatusEnum.Accepted), then=self._resume)

    def _refusal(self, request: CustomerInformationRequest, customer: Customer) -> CustomerInformationResponse | None:
        references = (request.id_token, request.customer_certificate, request.customer_identifier)
        if sum(reference is not None for reference in references) != 1:
            return _refused("InvalidValue", "exactly one customer has to be named", invalid=True)
        if not (request.report or request.clear):
            return _refused("InvalidValue", "neither a report nor clearing is asked for")
        if request.customer_certificate is not None:
            return _refused("UnsupportedParam", "nothing is kept under certificates")
        if request.customer_identifier is not None and not self._world.product.has(Feature.CUSTOMER_IDENTIFIER):
            return _refused("UnsupportedParam", "customers are known by their idToken only")
        if len(self._reports.waiting) >= MOST:
            return _refused("Unspecified", "the CSMS has not taken the reports that wait yet")
        return self._busy(customer) if request.clear else None

    def _busy(self, customer: Customer) -> CustomerInformationResponse | None:
        """A session needs its token until its transaction has ended and the CSMS has all of it (N10.FR.05)."""
        if sessions(self._charging, customer) or authorizing(self._charging, customer):
            return _refused("TxInProgress", "a session of this customer runs")
        if waiting(self._charging, self._csms, customer, most=1).events:
            return _refused("Unspecified", "messages about this customer's transactions are still on their way")
        return None

    @staticmethod
    def _text(request: CustomerInformationRequest, known: str) -> str:
        """Return what is told (N09.FR.05, N09.FR.06, N10.FR.03, N10.FR.04, N10.FR.06).

        For a customerIdentifier without data the official case wants the data to be empty (TC_N_62).
        """
        if not request.report:
            return CLEARED
        return known or (NOTHING if request.customer_identifier is None else "")

    # The report

    def _keep(self, request_id: int, text: str) -> None:
        self._number += 1
        report = CustomerReport(
            number=self._number,
            request_id=request_id,
            generated_at=self._world.clock.now(),
            parts=tuple(_parts(text)) or ("",),
        )
        self._reports.keep(report)

    def _resume(self) -> None:
        if self._csms.calls.online:
            self._reports.resume()


def _parts(text: str) -> Iterator[str]:
    """Cut a text into what fits into messages, at the end of a line where one is near."""
    while len(text) > PART:
        end = text.rfind("\n", 0, PART) + 1 or PART
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _refused(code: str, text: str, *, invalid: bool = False) -> CustomerInformationResponse:
    status = CustomerInformationStatusEnum.Invalid if invalid else CustomerInformationStatusEnum.Rejected
    return CustomerInformationResponse(status=status, status_info=StatusInfo(reason_code=code, additional_info=text))
