"""What the reusable states of Part 6 rest on: a case that fails on its way names these, not what it is about itself."""

STATE_REQUIREMENTS = {
    "Authorized": ("C01.FR.02", "E02.FR.01", "E01.FR.03", "E03.FR.01", "F01.FR.19", "F02.FR.01", "F01.FR.13"),
    "Booted": ("B01.FR.01", "B01.FR.03", "B01.FR.05", "B01.FR.09", "A04.FR.01"),
    "Booting": ("B11.FR.01", "B11.FR.03", "B11.FR.04"),
    "CertificateInstalled": ("M05.FR.01", "M05.FR.02"),
    "Deauthorized": ("E05.FR.09", "E05.FR.10", "E06.FR.04"),
    "EVConnectedPostSession": ("E06.FR.06", "E02.FR.13", "E02.FR.17"),
    "EVConnectedPreSession": ("E02.FR.05", "E02.FR.06", "E01.FR.02", "E01.FR.05", "E02.FR.17"),
    "EVDisconnected": ("E06.FR.02", "E02.FR.17", "G01.FR.01", "E06.FR.08"),
    "EnergyTransferStarted": ("E02.FR.05", "E02.FR.06", "E02.FR.13", "E02.FR.17", "E01.FR.05", "E01.FR.06"),
    "EnergyTransferSuspended": ("E02.FR.13", "E02.FR.17"),
    "GetInstalledCertificates": ("M03.FR.01", "M03.FR.03", "M03.FR.04"),
    "IdTokenCached": ("C10.FR.04", "C10.FR.05"),
    "ParkingBayOccupied": ("E01.FR.01", "E02.FR.17"),
    "ParkingBayUnoccupied": ("E06.FR.01", "E02.FR.17"),
    "RenewChargingStationCertificate": ("A02.FR.02", "A02.FR.03", "A02.FR.06", "A02.FR.08"),
    "StopAuthorized": ("E07.FR.02", "E06.FR.03", "F03.FR.02", "F03.FR.03", "E06.FR.08", "E07.FR.04"),
    "Unavailable": ("G03.FR.02", "G03.FR.04", "G04.FR.05", "G03.FR.03"),
    "boot": ("B01.FR.01", "B01.FR.03", "B01.FR.05", "B01.FR.09", "A04.FR.01"),
    "plug": ("E01.FR.04", "E02.FR.05", "E02.FR.17", "F01.FR.19"),
}
"""State of Part 6, `states.txt` -> requirements of Part 2 that its steps look at."""
