"""One EVSE of the demonstration, the cars that come to it, and the cards of their drivers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ohmstead.ports.bench import (
    Card,
    ConnectorView,
    EvModel,
    EvseView,
    SessionView,
    mask,
)

EPOCH = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
CARDS = (
    Card(id_token="04A2B3C4D5E601", type="ISO14443", label="Ada", status="Accepted"),
    Card(id_token="04A2B3C4D5E602", type="ISO14443", label="Ben (Ada's group)", status="Accepted", group="ADA"),
    Card(id_token="04A2B3C4D5E603", type="ISO14443", label="Lost card", status="Blocked"),
    Card(id_token="04A2B3C4D5E604", type="ISO14443", label="Old card", status="Expired"),
    Card(id_token="04A2B3C4D5E6FF", type="ISO14443", label="Master pass", status="Accepted", master=True),
)
EVS = (
    EvModel(name="hatchback-58", label="Hatchback, 58 kWh", battery_kwh=58, max_power_w=135_000),
    EvModel(name="sedan-77", label="Sedan, 77 kWh", battery_kwh=77, max_power_w=236_000),
    EvModel(name="truck-400", label="Truck, 400 kWh", battery_kwh=400, max_power_w=350_000),
)


@dataclass
class Bay:
    """One EVSE of the demonstration."""

    id: int
    ev: EvModel | None = None
    supply: str = "Off"
    power_w: float = 0.0
    soc: float = 18.0
    energy_wh: float = 0.0
    register_wh: float = 1_234_567.0
    authorized: str | None = None
    transaction: str | None = None
    seq_no: int = 0
    started_at: datetime | None = None
    occupied: bool = False
    faults: dict[int, str] = field(default_factory=dict)

    def facts(self) -> tuple[str, ...]:
        """Return the facts that hold."""
        holds = {
            "ParkingBayOccupancy": self.occupied,
            "EVConnected": self.ev is not None,
            "Authorized": self.authorized is not None,
            "PowerPathClosed": self.ev is not None and self.authorized is not None,
            "EnergyTransfer": self.supply == "Delivering",
        }
        return tuple(name for name, true in holds.items() if true)

    def flow(self, seconds: float) -> None:
        """Let energy flow for a while."""
        if self.supply != "Delivering" or self.ev is None:
            self.power_w = 0.0
            return
        taper = max(0.08, min(1.0, (100 - self.soc) / 45))
        self.power_w = min(self.ev.max_power_w, 240_000) * taper
        gained = self.power_w * seconds / 3600
        self.energy_wh += gained
        self.register_wh += gained
        self.soc = min(100.0, self.soc + gained / self.ev.battery_kwh / 10)

    def view(self) -> EvseView:
        """Return what the bench shows of it."""
        status = "Faulted" if self.faults else "Occupied" if self.ev else "Available"
        session = SessionView(
            id=f"s{self.id}",
            facts=self.facts(),
            id_token=mask(self.authorized) if self.authorized else None,
            transaction_id=self.transaction,
            seq_no=self.seq_no if self.transaction else None,
            charging_state=("Charging" if self.supply == "Delivering" else self.supply) if self.transaction else None,
            energy_wh=self.energy_wh,
            started_at=self.started_at,
        )
        return EvseView(
            id=self.id,
            connectors=(ConnectorView(id=1, type="cCCS2", status=status, plugged=self.ev is not None),),
            supply=self.supply,
            bay_occupied=self.occupied,
            ev=self.ev.name if self.ev else None,
            soc_percent=round(self.soc, 1) if self.ev else None,
            power_w=self.power_w,
            max_power_w=240_000,
            voltage_v=400.0 if self.power_w else 0.0,
            current_a=self.power_w / 400,
            energy_wh=self.register_wh,
            session=session if self.facts() else None,
        )
