"""Block J: meter values."""

from ohmstead.lab.reading import Reading

FROM_MIDNIGHT = Reading(
    name="from-midnight",
    requirements=("J01.FR.14",),
    specification="Clock-aligned values are taken at whole multiples of their interval since midnight.",
    tool="They are one interval apart, wherever they begin.",
)
ALIGNED_EVERYWHERE = Reading(
    name="aligned-everywhere",
    requirements=("J01.FR.14",),
    specification="At each instant every EVSE without a transaction has its values.",
    tool="Messages one interval apart will do, whichever EVSEs they are of.",
)
MEASURED_ELSEWHERE = Reading(
    name="measured-elsewhere",
    requirements=("J01.FR.14",),
    specification="A measurand that a place cannot have, such as SoC of the main meter, is left out there.",
    tool="Every message has an element for each configured measurand.",
)
BEGIN_VALUES = Reading(
    name="begin-values",
    requirements=("E01.FR.17", "E02.FR.21", "E03.FR.11"),
    specification="The values of the begin may wait for the event in which the energy starts to flow.",
    tool="They come with the first event that names the EVSE.",
)
