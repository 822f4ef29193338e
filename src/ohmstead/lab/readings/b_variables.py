"""Block B: variables and reports."""

from ohmstead.lab.reading import Reading

VALUE_OF_NOTHING = Reading(
    name="value-of-nothing",
    requirements=("B06.FR.06", "B06.FR.07", "B06.FR.08"),
    specification="The result for something that is not there has no attributeValue.",
    tool="Nobody looks at its attributeValue.",
)
ATTRIBUTE_TYPE = Reading(
    name="attribute-type-of-refused",
    requirements=("B05.FR.12", "B06.FR.11"),
    specification="Every result for a request without attributeType says Actual, also one that is not Accepted.",
    tool="Nobody looks at the attributeType of a refused one.",
)
REASON_CODE = Reading(
    name="reason-code",
    requirements=("B05.FR.07", "B07.FR.02"),
    specification="Which reasonCode says more is left to the station.",
    tool="Where a reasonCode is given, it is the one of the text.",
)
TOO_MANY_ITEMS = Reading(
    name="too-many-items",
    requirements=("B05.FR.11", "B06.FR.05", "B06.FR.16"),
    specification="More items than ItemsPerMessage are not to be sent, and may be answered by a CALLERROR.",
    tool="Two items in a request are served, whatever ItemsPerMessage says.",
)
