"""Reports that come in parts: NotifyReport and its kin, collected by requestId. In memory, the newest few only."""

from collections import OrderedDict

from ohmstead.wire.messages import NotifyReportRequest, ReportData

KEPT = 8
"""Reports kept for each station."""
MAX_ENTRIES = 20_000
"""Entries kept of one report; what comes beyond is counted, not kept."""

MAX_PARTS = 20_000
"""Parts kept of one report, empty ones included."""


class DeviceModelReport:
    """One device model report.

    Attributes:
        parts: seqNo -> its entries.
        last: seqNo of the part that said that nothing follows (`tbc` absent or false).
        dropped: entries beyond `MAX_ENTRIES`.
    """

    def __init__(self, request_id: int) -> None:
        self.request_id = request_id
        self.parts: dict[int, tuple[ReportData, ...]] = {}
        self.last: int | None = None
        self.dropped = 0

    @property
    def entries(self) -> tuple[ReportData, ...]:
        """Everything reported so far, in the order of the parts."""
        return tuple(entry for number in sorted(self.parts) for entry in self.parts[number])

    @property
    def complete(self) -> bool:
        """Say whether every part from 0 to the last is here (B07.FR.09)."""
        return self.last is not None and all(number in self.parts for number in range(self.last + 1))

    def take(self, request: NotifyReportRequest) -> None:
        """Add a part; one that came before is replaced."""
        data = request.report_data or ()
        if request.seq_no not in self.parts and len(self.parts) >= MAX_PARTS:
            self.dropped += len(data)
            return
        room = MAX_ENTRIES - sum(len(part) for number, part in self.parts.items() if number != request.seq_no)
        self.dropped += max(0, len(data) - room)
        self.parts[request.seq_no] = data[: max(0, room)]
        if not request.tbc:
            self.last = request.seq_no


class Reports:
    """The newest reports of one station."""

    def __init__(self) -> None:
        self._reports: OrderedDict[int, DeviceModelReport] = OrderedDict()

    def take(self, request: NotifyReportRequest) -> DeviceModelReport:
        """Add a part to its report; a part 0 after a complete report begins it anew."""
        known = self._reports.get(request.request_id)
        if known is None or (request.seq_no == 0 and known.complete):
            known = DeviceModelReport(request.request_id)
        self._reports[request.request_id] = known
        self._reports.move_to_end(request.request_id)
        while len(self._reports) > KEPT:
            self._reports.popitem(last=False)
        known.take(request)
        return known

    def get(self, request_id: int) -> DeviceModelReport | None:
        """Return a report that is still kept."""
        return self._reports.get(request_id)
