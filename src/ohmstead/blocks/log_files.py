"""What the log files of GetLog hold (N01.FR.03, N01.FR.04)."""

from datetime import datetime

from ohmstead.blocks.context import Charging, Csms, World
from ohmstead.model.device import DeviceModel, reports
from ohmstead.model.journal import KIND as JOURNAL
from ohmstead.model.journal import JournalLine, Topic
from ohmstead.model.security_log import KIND as SECURITY
from ohmstead.model.security_log import entries
from ohmstead.wire.messages import LogEnum
from ohmstead.wire.printable import printable
from ohmstead.wire.rows import from_row, to_row
from ohmstead.wire.secrets import redact_text


def security_log(world: World, oldest: datetime | None, latest: datetime | None) -> list[bytes]:
    """Return the security events of a time, one JSON line each with the hashes that prove the chain."""
    return [to_row(entry) + b"\n" for entry in entries(world.store.rows(SECURITY)) if _within(entry.at, oldest, latest)]


def is_known(world: World, kind: LogEnum, oldest: datetime | None, latest: datetime | None) -> bool:
    """Say whether a log has anything of a time; looks no further than at the first line that is of it."""
    if kind is LogEnum.SecurityLog:
        return any(_within(entry.at, oldest, latest) for entry in entries(world.store.rows(SECURITY)))
    if _within(world.clock.now(), oldest, latest):
        return True
    return any(_within(from_row(row, JournalLine).at, oldest, latest) for _, row in world.store.rows(JOURNAL))


def diagnostics(
    charging: Charging,
    csms: Csms,
    device: DeviceModel,
    world: World,
    oldest: datetime | None,
    latest: datetime | None,
) -> list[bytes]:
    """Return the journal of a time, and if that time reaches until now, how the station stands."""
    now = world.clock.now()
    journal = [from_row(value, JournalLine) for _, value in world.store.rows(JOURNAL)]
    lines = [f"{line.at.isoformat()} {_shown(line)}" for line in journal if _within(line.at, oldest, latest)]
    standing = _standing(charging, csms, device, world, now) if _within(now, oldest, latest) else []
    told = [printable(redact_text(line)) for line in standing]
    return [f"{line}\n".encode() for line in (*told, *(["journal:", *lines] if lines else []))]


def _shown(line: JournalLine) -> str:
    """Return what a line says; those of this version were made fit to be shown when they were written."""
    return printable(redact_text(line.text)) if line.topic == Topic.Unknown else line.text


def _standing(charging: Charging, csms: Csms, device: DeviceModel, world: World, now: datetime) -> list[str]:
    identity = world.product.identity
    return [
        f"station: {world.identity}, {identity.vendor_name} {identity.model} {identity.firmware_version}",
        f"at: {now.isoformat()}, registration: {csms.registration}, online: {csms.calls.online}",
        *(f"connector {evse}.{connector}: {status}" for (evse, connector), status in charging.statuses().items()),
        *(f"fault of {one.scope}: {one.code}" for one in sorted(charging.faults)),
        *(
            f"session at EVSE {session.evse_id}: {' '.join(sorted(session.facts))}, {session.charging_state}"
            for session in charging.sessions
        ),
        f"messages waiting: {len(csms.calls.waiting)}",
        *(f"variable: {to_row(entry).decode()}" for entry in reports.full(device)),
    ]


def _within(at: datetime, oldest: datetime | None, latest: datetime | None) -> bool:
    return (oldest is None or at >= oldest) and (latest is None or at <= latest)
