"""What the unknown station hears on one connection, by the handlers of the PyPI package `ocpp`."""

from typing import TYPE_CHECKING

from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result
from websockets.asyncio.client import ClientConnection

from tests.first_hour.variables import Json

if TYPE_CHECKING:
    from tests.first_hour.station import UnknownStation

PART = 20
"""Variables in a part of a report."""


class Life(ChargePoint):  # type: ignore[misc]  # the package has no types
    """One connection."""

    def __init__(self, identity: str, connection: ClientConnection, station: "UnknownStation") -> None:
        super().__init__(identity, connection, response_timeout=30)
        self.station = station

    @on("GetVariables")  # type: ignore[untyped-decorator]
    def on_get_variables(self, get_variable_data: list[Json], **_: object) -> object:
        """Read variables."""
        now = self.station.now()
        return call_result.GetVariables(
            get_variable_result=[self.station.device.get(one, now) for one in get_variable_data]
        )

    @on("SetVariables")  # type: ignore[untyped-decorator]
    def on_set_variables(self, set_variable_data: list[Json], **_: object) -> object:
        """Set variables."""
        return call_result.SetVariables(set_variable_result=[self.station.device.set(one) for one in set_variable_data])

    @on("GetBaseReport")  # type: ignore[untyped-decorator]
    def on_get_base_report(self, request_id: int, report_base: str, **_: object) -> object:
        """Report variables, part by part."""
        if report_base not in ("FullInventory", "ConfigurationInventory"):
            return call_result.GetBaseReport(status="NotSupported")
        station, now = self.station, self.station.now()
        data = station.device.report(report_base, now)
        parts = [data[at : at + PART] for at in range(0, len(data), PART)]
        for number, part in enumerate(parts):
            more = number + 1 < len(parts) or station.has("report-without-end")
            station.later(
                call.NotifyReport(request_id=request_id, generated_at=now, seq_no=number, report_data=part, tbc=more)
            )
        return call_result.GetBaseReport(status="Accepted")

    @on("DataTransfer")  # type: ignore[untyped-decorator]
    def on_data_transfer(self, **_: object) -> object:
        """Nobody's extensions are known."""
        return call_result.DataTransfer(status="UnknownVendorId")

    @on("GetInstalledCertificateIds")  # type: ignore[untyped-decorator]
    def on_get_installed_certificate_ids(self, **_: object) -> object:
        """There are none."""
        return call_result.GetInstalledCertificateIds(status="NotFound")

    @on("ClearCache")  # type: ignore[untyped-decorator]
    def on_clear_cache(self, **_: object) -> object:
        """There is none."""
        return call_result.ClearCache(status="Rejected")

    @on("UnlockConnector")  # type: ignore[untyped-decorator]
    def on_unlock_connector(self, evse_id: int, connector_id: int, **_: object) -> object:
        """The cable is fixed."""
        known = (evse_id, connector_id) == (1, 1)
        return call_result.UnlockConnector(status="UnlockFailed" if known else "UnknownConnector")

    @on("SetNetworkProfile")  # type: ignore[untyped-decorator]
    def on_set_network_profile(self, configuration_slot: int, connection_data: Json, **_: object) -> object:
        """Slots 1 and 2 are there."""
        fits = configuration_slot in (1, 2) and connection_data.get("security_profile") == 1
        return call_result.SetNetworkProfile(status="Accepted" if fits else "Rejected")

    @on("TriggerMessage")  # type: ignore[untyped-decorator]
    def on_trigger_message(self, requested_message: str, **_: object) -> object:
        """Say something because the CSMS wants to hear it."""
        station = self.station
        if requested_message == "BootNotification":
            return call_result.TriggerMessage(status="Rejected")
        says = station.triggered(requested_message)
        if says is None:
            return call_result.TriggerMessage(status="NotImplemented")
        if not station.has("trigger-unheeded"):
            station.after(says)
        return call_result.TriggerMessage(status="Accepted")

    @on("GetTransactionStatus")  # type: ignore[untyped-decorator]
    def on_get_transaction_status(self, transaction_id: str | None = None, **_: object) -> object:
        """Say what waits, and whether a transaction runs."""
        waits = self.station.waiting(transaction_id)
        if transaction_id is None:
            return call_result.GetTransactionStatus(messages_in_queue=waits)
        running = transaction_id == self.station.transaction_id
        return call_result.GetTransactionStatus(messages_in_queue=waits, ongoing_indicator=running)

    @on("ChangeAvailability")  # type: ignore[untyped-decorator]
    def on_change_availability(self, operational_status: str, **_: object) -> object:
        """In service, or out of it, once no transaction runs."""
        station = self.station
        if operational_status == "Inoperative" and station.transaction_id and not station.has("away-at-once"):
            station.away_when_idle = True
            return call_result.ChangeAvailability(status="Scheduled")
        station.after(lambda: station.set_operative(operational_status == "Operative"))
        return call_result.ChangeAvailability(status="Accepted")

    @on("RequestStartTransaction")  # type: ignore[untyped-decorator]
    def on_request_start(self, id_token: Json, remote_start_id: int, **_: object) -> object:
        """Start from afar."""
        station = self.station
        if station.authorized is not None or not station.operative:
            return call_result.RequestStartTransaction(status="Rejected")
        station.after(lambda: station.grant(id_token, remote_start_id))
        return call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")  # type: ignore[untyped-decorator]
    def on_request_stop(self, transaction_id: str, **_: object) -> object:
        """Stop from afar."""
        station = self.station
        if transaction_id != station.transaction_id:
            return call_result.RequestStopTransaction(status="Accepted" if station.has("stops-unknown") else "Rejected")
        reason = "Local" if station.has("stopped-reason") else "Remote"
        station.after(lambda: station.end("RemoteStop", reason))
        return call_result.RequestStopTransaction(status="Accepted")

    @on("Reset")  # type: ignore[untyped-decorator]
    def on_reset(self, type: str, evse_id: int | None = None, **_: object) -> object:
        """Start anew: at once, or when no transaction runs any more."""
        station = self.station
        if evse_id is not None:
            return call_result.Reset(status="Rejected")
        if type == "OnIdle" and station.transaction_id and not station.has("reset-at-once"):
            station.reset_when_idle = True
            return call_result.Reset(status="Scheduled")
        station.after(lambda: station.reset("RemoteReset" if type == "Immediate" else "ScheduledReset"))
        return call_result.Reset(status="Accepted")
