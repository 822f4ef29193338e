"""Block P: vendor extensions."""

from ohmstead.lab.reading import Reading

UNKNOWN_VENDOR = Reading(
    name="unknown-vendor",
    requirements=("P01.FR.05",),
    specification="DataTransfer of a vendor that the station does not know is answered UnknownVendorId.",
    tool="UnknownMessageId and Rejected will do as well.",
)
