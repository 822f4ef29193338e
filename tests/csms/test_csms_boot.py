"""Registration: what a station may say, and what the back office does by itself."""

import asyncio

import pytest

from ohmstead.edge.authority import Authority
from ohmstead.ports.bench import CommandRefused
from ohmstead.ports.link import LinkLost
from ohmstead.rpc import CallFailed
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import RegistrationStatusEnum
from tests.csms.office import START, World, event, refuse, run, set_variables, with_settings

PENDING, REJECTED = RegistrationStatusEnum.Pending, RegistrationStatusEnum.Rejected


def test_a_boot_is_accepted_with_time_and_interval() -> None:
    async def main() -> None:
        world = World(with_settings(heartbeat_interval=77))
        async with world.station() as station:
            response = await station.boot()
            heartbeat = await station.call(m.HeartbeatRequest())
        assert (response.status, response.interval) == (RegistrationStatusEnum.Accepted, 77)
        assert START <= response.current_time <= heartbeat.current_time <= world.clock.now()
        known = world.csms.stations()[0]
        assert (known.vendor, known.model, known.firmware) == ("Vendor", "Model", "1.0")
        assert (known.boot_status, known.security_profile, known.connected) == ("Accepted", 2, False)

    run(main)


def test_first_answers_are_given_in_order_then_accepted() -> None:
    async def main() -> None:
        world = World(with_settings(first_boot_answers=(PENDING, REJECTED), retry_interval=5))
        async with world.station() as station:
            answers = [await station.boot() for _ in range(4)]
        assert [each.status for each in answers] == ["Pending", "Rejected", "Accepted", "Accepted"]
        assert [each.interval for each in answers] == [5, 5, 300, 300]

    run(main)


def test_a_pending_station_may_send_only_what_it_was_asked_for() -> None:
    async def main() -> None:
        world = World(with_settings(first_boot_answers=(PENDING,)))
        async with world.station(script=triggered) as station:
            await station.boot()
            with pytest.raises(CallFailed, match="SecurityError"):
                await station.call(m.HeartbeatRequest())
            await world.csms.send("CP1", "TriggerMessage", {"requestedMessage": "Heartbeat"})
            await station.call(m.HeartbeatRequest())
            with pytest.raises(CallFailed, match="SecurityError"):
                await station.call(event(0, m.TransactionEventEnum.Started))

    run(main)


def test_a_rejected_station_is_not_spoken_to() -> None:
    async def main() -> None:
        world = World(with_settings(first_boot_answers=(REJECTED,)))
        async with world.station() as station:
            await station.boot()
            with pytest.raises(CommandRefused, match=r"B03\.FR\.03"):
                await world.csms.send("CP1", "ClearCache", {})
            with pytest.raises(CallFailed, match="SecurityError"):
                await station.call(m.HeartbeatRequest())
        assert station.asked == []

    run(main)


def test_a_station_that_does_not_boot_anew_is_served() -> None:
    async def main() -> None:
        async with World().station() as station:
            await station.call(m.HeartbeatRequest())

    run(main)


def test_the_master_pass_group_is_set_once_a_boot() -> None:
    async def main() -> None:
        world = World()
        async with world.station(script=accepting) as station:
            await station.boot()
            await asyncio.sleep(1)
        async with world.station(script=accepting) as again:
            await asyncio.sleep(1)
            assert again.asked == []
            await again.boot()
            await asyncio.sleep(1)
        (request,) = station.asked
        assert isinstance(request, m.SetVariablesRequest)
        assert request.set_variable_data[0].variable.name == "MasterPassGroupId"
        assert request.set_variable_data[0].attribute_value == "MASTER"
        assert len(again.asked) == 1

    run(main)


def test_without_a_master_pass_group_the_station_is_left_alone() -> None:
    async def main() -> None:
        async with World(with_settings(master_pass_group="")).station() as station:
            await station.boot()
            await asyncio.sleep(1)
        assert station.asked == []

    run(main)


def test_connector_states_are_kept() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            for status in (m.ConnectorStatusEnum.Occupied, m.ConnectorStatusEnum.Available):
                await station.call(
                    m.StatusNotificationRequest(timestamp=START, connector_status=status, evse_id=2, connector_id=1)
                )
            assert dict(world.csms.stations()[0].connectors) == {"2.1": "Available"}
            assert world.csms.stations()[0].connected

    run(main)


def test_a_second_connection_replaces_the_first() -> None:
    async def main() -> None:
        world = World()
        first = await world.dial()
        async with world.station() as station:
            with pytest.raises(LinkLost):
                await first.receive()
            await station.call(m.HeartbeatRequest())
            assert world.csms.stations()[0].connected

    run(main)


def test_a_station_that_lost_its_power_is_noticed() -> None:
    async def main() -> None:
        world = World(with_settings(ping_interval=10.0))
        link = await world.dial()
        await asyncio.sleep(15)
        assert world.csms.stations()[0].connected
        link.drop()
        await asyncio.sleep(30)
        assert not world.csms.stations()[0].connected

    run(main)


def test_iso_15118_is_not_supported_and_a_vendor_extension_unknown() -> None:
    async def main() -> None:
        async with World().station() as station:
            needs = m.ChargingNeeds(requested_energy_transfer=m.EnergyTransferModeEnum.DC)
            with pytest.raises(CallFailed, match="NotSupported"):
                await station.call(m.NotifyEVChargingNeedsRequest(evse_id=1, charging_needs=needs))
            transfer = await station.call(m.DataTransferRequest(vendor_id="org.example"))
        assert transfer.status is m.DataTransferStatusEnum.UnknownVendorId

    run(main)


def test_a_command_of_the_csms_is_not_served_by_it() -> None:
    async def main() -> None:
        async with World().station() as station:
            with pytest.raises(CallFailed, match="NotSupported"):
                await station.call(m.ResetRequest(type=m.ResetEnum.Immediate))

    run(main)


def test_a_report_is_collected_until_it_is_complete() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            for seq_no, tbc in ((0, True), (2, None), (1, True)):
                report = world.csms.report("CP1", 7)
                assert report is None or not report.complete
                await station.call(part(seq_no, tbc))
        report = world.csms.report("CP1", 7)
        assert report is not None and report.complete
        assert [entry.variable.name for entry in report.entries] == ["V0", "V1", "V2"]

    run(main)


def test_a_certificate_is_signed_and_sent_after_the_response() -> None:
    async def main() -> None:
        authority = Authority.generate()
        issued: list[Request[Response]] = []

        def script(request: Request[Response]) -> Response:
            issued.append(request)
            return m.CertificateSignedResponse(status=m.CertificateSignedStatusEnum.Accepted)

        world = World(with_settings(master_pass_group=""), sign_csr=authority.sign_csr)
        async with world.station(script=script) as station:
            await station.boot()
            response = await station.call(m.SignCertificateRequest(csr=csr("CP1")))
            assert (response.status, issued) == (m.GenericStatusEnum.Accepted, [])
            await asyncio.sleep(1)
        (request,) = issued
        assert isinstance(request, m.CertificateSignedRequest)
        assert request.certificate_chain.startswith("-----BEGIN CERTIFICATE-----")
        assert world.csms.notices("CP1")[-1] == "CertificateSigned: Accepted"

    run(main)


@pytest.mark.parametrize(
    "text", ["no CSR", "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----"]
)
def test_what_is_no_csr_is_rejected(text: str) -> None:
    async def main() -> None:
        world = World(sign_csr=Authority.generate().sign_csr)
        async with world.station() as station:
            response = await station.call(m.SignCertificateRequest(csr=text))
        assert response.status is m.GenericStatusEnum.Rejected

    run(main)


def test_a_certificate_in_another_stations_name_is_rejected() -> None:
    async def main() -> None:
        world = World(sign_csr=Authority.generate().sign_csr)
        async with world.station() as station:
            response = await station.call(m.SignCertificateRequest(csr=csr("CP2")))
        assert response.status is m.GenericStatusEnum.Rejected
        assert response.status_info is not None
        assert response.status_info.additional_info == "the common name CP2 is not the station's"

    run(main)


def test_a_certificate_for_an_organization_that_would_not_be_admitted_is_rejected() -> None:
    """Signed, it would lock the station out (A00.FR.404)."""

    async def main() -> None:
        world = World(with_settings(organizations=("Volt",)), sign_csr=Authority.generate().sign_csr)
        async with world.station() as station:
            response = await station.call(m.SignCertificateRequest(csr=csr("CP1")))
        assert response.status is m.GenericStatusEnum.Rejected
        assert response.status_info is not None and "A00.FR.404" in (response.status_info.additional_info or "")

    run(main)


def test_a_certificate_and_a_serial_number_that_differ_end_the_connection() -> None:
    async def main() -> None:
        world = World()
        certificate = Authority.generate().issue_client("CP1").chain
        async with world.station(certificate=certificate) as station:
            response = await station.boot(serial_number="SN-9")
            await asyncio.sleep(1)
            assert response.status is REJECTED
            assert station.link.close_code == 1008
        async with world.station(certificate=certificate) as station:
            assert (await station.boot(serial_number="CP1")).status is RegistrationStatusEnum.Accepted

    run(main)


def accepting(request: Request[Response]) -> Response:
    assert isinstance(request, m.SetVariablesRequest)
    return set_variables(request, m.SetVariableStatusEnum.Accepted)


def triggered(request: Request[Response]) -> Response:
    if isinstance(request, m.TriggerMessageRequest):
        return m.TriggerMessageResponse(status=m.TriggerMessageStatusEnum.Accepted)
    return refuse(request)


def part(seq_no: int, tbc: bool | None) -> m.NotifyReportRequest:
    data = m.ReportData(
        component=m.Component(name="C"),
        variable=m.Variable(name=f"V{seq_no}"),
        variable_attribute=(m.VariableAttribute(value="1"),),
    )
    return m.NotifyReportRequest(request_id=7, generated_at=START, seq_no=seq_no, tbc=tbc, report_data=(data,))


def csr(name: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    return request.public_bytes(Encoding.PEM).decode()
