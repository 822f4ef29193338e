"""A product of which some cases fail, without a mutant: what a campaign in a child process can be given."""

from importlib.resources import files
from pathlib import Path

import ohmstead.product

EVERY_PROTOCOL = "HTTP,HTTPS,FTP,FTPS"


def only_ftp(folder: Path) -> Path:
    """Write the reference product to a file, as one that takes files over FTP only; the lab offers HTTP."""
    text = (files(ohmstead.product) / "data" / "sec1000-240y.toml").read_text("utf-8")
    assert EVERY_PROTOCOL in text
    path = folder / "only-ftp.toml"
    path.write_text(text.replace(EVERY_PROTOCOL, "FTP"), "utf-8")
    return path
