"""How the stations of a fleet reach a CSMS that is not ours: files read, and tried before anything starts."""

from pathlib import Path

from ohmstead.cli.run.data import read_text
from ohmstead.cli.run.options import RunRefused
from ohmstead.cli.run.passwords import check_password
from ohmstead.cli.run.provisioning import certificates
from ohmstead.edge.tls import client_context
from ohmstead.fleet.plan import EMBEDDED, FleetPlan, stations
from ohmstead.fleet.reading import FleetFileWrong, profile_of
from ohmstead.fleet.station import FleetAccess
from ohmstead.ports.link import Credentials, Target
from ohmstead.product.load import load


def access_of(plan: FleetPlan) -> FleetAccess:
    """Return how stations reach the CSMS of a plan; the passwords of the embedded one are made when it starts.

    Raises FleetFileWrong: files that are of no use, without what is in them.
    """
    profile = profile_of(plan)
    if plan.csms.url == EMBEDDED:
        return FleetAccess(url=EMBEDDED, security_profile=profile)
    try:
        roots = _roots(plan.csms.root) if profile == 2 else ()
        passwords = _passwords(plan) if profile else {}
    except RunRefused as refused:
        raise FleetFileWrong([str(refused)]) from None
    shared = passwords.pop("", "")
    return FleetAccess(url=plan.csms.url, security_profile=profile, roots=roots, password=shared, passwords=passwords)


def _roots(path: str) -> tuple[str, ...]:
    roots = certificates(read_text(Path(path)))
    try:
        client_context(Target(url="", identity="", security_profile=2, credentials=Credentials(), roots=roots))
    except ValueError as error:
        raise FleetFileWrong([f"csms.root: {path}: {error}"]) from None
    return roots


def _passwords(plan: FleetPlan) -> dict[str, str]:
    """Return passwords by identity; that of the empty identity is everybody's."""
    path = plan.csms.password_file
    lines = [line for line in read_text(Path(path)).splitlines() if line.strip()]
    if not lines:
        raise FleetFileWrong([f"csms.password_file: {path} is empty; right would be a password, or IDENTITY:PASSWORD"])
    fleet = list(stations(plan))
    known = {one.identity for one in fleet}
    found = {identity: password for identity, colon, password in (line.partition(":") for line in lines) if colon}
    if len(lines) == 1 and not known & set(found):
        found = {"": lines[0].strip()}
    elif missing := sorted(known - set(found)):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise FleetFileWrong(
            [f"csms.password_file: {path} has no line for {missing[0]}{more}; right would be IDENTITY:PASSWORD"]
        )
    products = {group.product: load(group.product) for group in plan.group}
    for one in fleet:
        password = found.get(one.identity, found.get("", ""))
        check_password(password, f"{path} ({one.identity})", products[one.group.product])
    return {identity: password for identity, password in found.items() if not identity or identity in known}
