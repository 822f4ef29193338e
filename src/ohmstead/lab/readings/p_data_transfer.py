"""Block P: vendor extensions."""

from ohmstead.lab.reading import Reading

UNKNOWN_VENDOR = Reading(
    name="unknown-vendor",
    requirements=("P01.FR.05",),
    specification="DataTransfer of a vendor that the station does not know is answered UnknownVendorId.",
    tool="UnknownMessageId and Rejected will do as well.",
)
ASKED_ATTRIBUTE = Reading(
    name="asked-attribute",
    requirements=("B05.FR.03", "B06.FR.03"),
    specification="The result for a request with an attributeType has the same one.",
    tool="It may leave it out, and the one of SetVariables is not looked at.",
)
