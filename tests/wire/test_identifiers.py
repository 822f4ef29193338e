"""identifierString (Part 2, primitive data types): what a strict peer does not let out, field by field."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ohmstead.csms.examples import EXAMPLES
from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import Payload, Request, Response
from ohmstead.wire.codec import InvalidMessage, decode
from ohmstead.wire.identifiers import comes_back, slip
from ohmstead.wire.peer import Peer

NOW = datetime(2026, 11, 23, 22, 4, 37, tzinfo=UTC)
WRONG = ("a b", "XYZ not hex", "{a}", "a/b", "04#A1", "a,b", "a\n", "Карта", "\u0661", "a\u2028")
RIGHT = ("", "azAZ09", "*-_=:+|@.", "0" * 36)

Made = Callable[[str], Payload]


def _token(text: str) -> m.IdToken:
    return m.IdToken(id_token=text, type=m.IdTokenEnum.ISO14443)


def _event(token: m.IdToken | None, transaction_id: str = "t") -> m.TransactionEventRequest:
    return m.TransactionEventRequest(
        event_type=m.TransactionEventEnum.Started,
        timestamp=NOW,
        trigger_reason=m.TriggerReasonEnum.Authorized,
        seq_no=0,
        id_token=token,
        transaction_info=m.Transaction(transaction_id=transaction_id),
    )


def _report(component: m.Component, variable: m.Variable) -> m.NotifyReportRequest:
    attributes = (m.VariableAttribute(value="1"),)
    data = m.ReportData(component=component, variable=variable, variable_attribute=attributes)
    return m.NotifyReportRequest(request_id=1, generated_at=NOW, seq_no=0, report_data=(data, data))


def _got(component: str) -> m.GetVariablesResponse:
    result = m.GetVariableResult(
        attribute_status=m.GetVariableStatusEnum.UnknownComponent,
        component=m.Component(name=component),
        variable=m.Variable(name="A"),
    )
    return m.GetVariablesResponse(get_variable_result=(result,))


def _hash(issuer: str = "00", serial: str = "01") -> m.CertificateHashData:
    return m.CertificateHashData(
        hash_algorithm=m.HashAlgorithmEnum.SHA256, issuer_name_hash=issuer, issuer_key_hash="00", serial_number=serial
    )


def _installed(hashed: m.CertificateHashData) -> m.GetInstalledCertificateIdsResponse:
    chain = m.CertificateHashDataChain(
        certificate_type=m.GetCertificateIdUseEnum.CSMSRootCertificate, certificate_hash_data=hashed
    )
    return m.GetInstalledCertificateIdsResponse(
        status=m.GetInstalledCertificateStatusEnum.Accepted, certificate_hash_data_chain=(chain,)
    )


def _boot(modem: m.Modem) -> m.BootNotificationRequest:
    station = m.ChargingStation(model="M", vendor_name="V", modem=modem)
    return m.BootNotificationRequest(charging_station=station, reason=m.BootReasonEnum.PowerUp)


FIELDS: dict[str, Made] = {
    "idToken": lambda text: m.AuthorizeRequest(id_token=_token(text)),
    "idToken of an event": lambda text: _event(_token(text)),
    "additionalIdToken": lambda text: _event(
        m.IdToken(
            id_token="04A1",
            type=m.IdTokenEnum.ISO14443,
            additional_info=(
                m.AdditionalInfo(additional_id_token="1", type="x"),
                m.AdditionalInfo(additional_id_token=text, type="x y"),
            ),
        )
    ),
    "transactionId": lambda text: _event(None, text),
    "transactionId of a response": lambda text: m.RequestStartTransactionResponse(
        status=m.RequestStartStopStatusEnum.Accepted, transaction_id=text
    ),
    "component.name": lambda text: _report(m.Component(name=text), m.Variable(name="A")),
    "component.instance": lambda text: _report(m.Component(name="A", instance=text), m.Variable(name="A")),
    "variable.name": lambda text: _report(m.Component(name="A"), m.Variable(name=text)),
    "variable.instance": lambda text: _report(m.Component(name="A"), m.Variable(name="A", instance=text)),
    "component of a response": _got,
    "issuerNameHash": lambda text: _installed(_hash(issuer=text)),
    "serialNumber": lambda text: _installed(_hash(serial=text)),
    "iccid": lambda text: _boot(m.Modem(iccid=text[:20])),
    "imsi": lambda text: _boot(m.Modem(imsi=text[:20])),
}


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_no_identifier_is_named(field: str, text: str) -> None:
    """With the path of the field, and without what it says: that may be a card."""
    found = slip(FIELDS[field](text))
    assert found is not None
    assert field.split(" ")[0].split(".")[-1] in found
    assert text not in found


@pytest.mark.parametrize("text", RIGHT)
@pytest.mark.parametrize("field", FIELDS)
def test_identifiers_pass(field: str, text: str) -> None:
    assert slip(FIELDS[field](text)) is None


def test_what_has_no_identifier_is_not_looked_into() -> None:
    """Texts that are not identifierString may say anything."""
    data = m.DataTransferRequest(vendor_id="a vendor, with a blank", message_id="#1")
    assert slip(data) is None
    assert slip(m.LogStatusNotificationRequest(status=m.UploadLogStatusEnum.Idle)) is None


@pytest.mark.parametrize("field", FIELDS)
def test_a_strict_peer_lets_no_slip_out(field: str) -> None:
    """Nothing is outstanding, and an answer can still be refused."""
    message = FIELDS[field]("a b")
    peer = Peer(strict=True)
    if isinstance(message, Request):
        with pytest.raises(InvalidMessage, match="identifierString"):
            peer.call(message, "1", now=0, timeout=30)
        assert peer.outstanding is None
        return
    assert isinstance(message, Response)
    action, kind = next((name, asked) for name, (asked, answer) in ACTIONS.items() if answer is type(message))
    peer.receive(Peer().call(decode(kind, json.dumps(EXAMPLES[action])), "1", now=0, timeout=30))
    with pytest.raises(InvalidMessage, match="identifierString"):
        peer.answer("1", message)


def test_a_stored_message_is_exempt() -> None:
    """It was posted by a version that knew no better; the event must not be lost for it."""
    text = Peer(strict=True).call(_event(_token("XYZ not hex")), "1", now=0, timeout=30, stored=True)
    assert "XYZ not hex" in text


def test_which_requests_come_back_in_their_responses() -> None:
    """Of those that a CSMS sends, the ones about variables; nothing is repeated of the others."""
    found = {name for name in EXAMPLES if comes_back(ACTIONS[name][0])}
    assert found == {"GetVariables", "SetVariableMonitoring", "SetVariables"}
