"""What a station of somebody else was given: its identity, its password and its security profile."""

from pathlib import Path

from ohmstead.cli.run.data import read_text
from ohmstead.cli.run.options import RunRefused
from ohmstead.lab.rig import Provisioning


def provided(identity: str, password_file: Path | None, security_profile: int) -> Provisioning:
    """Return it, with the usual password where no file has one. Raises RunRefused for a file that holds no password."""
    password = Provisioning().password
    if password_file is not None:
        password = read_text(password_file).strip()
        if not password or not password.isprintable():
            raise RunRefused(
                f"{password_file}: it should hold one line, the station's password (A00.FR.205: 16 to 40 "
                "characters; the length is for TC_A_01_CS to judge)"
            )
    return Provisioning(identity=identity, password=password, security_profile=security_profile)
