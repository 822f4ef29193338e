"""For each cell of docs/limits.md a peer that overdoes it, one file for each kind of peer."""

from tests.hostile.overdone import command_line, control, csms, files, lab, stations
from tests.hostile.overdone.table import OVERDONE

__all__ = ["OVERDONE", "command_line", "control", "csms", "files", "lab", "stations"]
