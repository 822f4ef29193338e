"""Block B, network profiles: slots are set, put in order, proven and pruned (B09, B10, A05)."""

from ohmstead.blocks.context import Access, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Settings, Work
from ohmstead.model.device import DeviceModel, OCPPCommCtrlr, validator
from ohmstead.model.device.choices import NETWORK_SLOTS
from ohmstead.model.events import Accepted, SecurityEvent, SettingChanged
from ohmstead.model.network import (
    KIND,
    PROVEN,
    PROVISIONED,
    TLS_PROFILES,
    Slot,
    wrong_profile,
)
from ohmstead.model.trust_store import CSMS
from ohmstead.ports.certificate_reader import CertificateRefused
from ohmstead.ports.store import Delete, Put, StoreFailed, Write
from ohmstead.wire.messages import (
    NetworkConnectionProfile,
    SetNetworkProfileRequest,
    SetNetworkProfileResponse,
    SetNetworkProfileStatusEnum,
    StatusInfo,
)


class BNetwork:
    """Decides on the slots; the route in runtime goes through them."""

    def __init__(self, work: Work, device: DeviceModel, settings: Settings, access: Access, world: World) -> None:
        self._work = work
        self._device = device
        self._settings = settings
        self._access = access
        self._world = world

    def start(self) -> None:
        """Take over a new provisioning: its slot is the first to be tried."""
        network = self._access.network
        if not network.reprovisioned:
            return
        row = network.provisioned.row()
        number = str(network.provisioned.number)
        self._work.write(Put(KIND, PROVISIONED, row), Put(KIND, number, row), Delete(KIND, PROVEN))
        self._work.announce(SettingChanged(_told(network.provisioned, "provisioned")))
        priority = self._device.ocpp_comm.network_configuration_priority
        if priority[:1] != (number,):
            others = (slot for slot in priority if slot != number)
            self._settings.assign(OCPPCommCtrlr.network_configuration_priority, (number, *others))

    @serves(SetNetworkProfileRequest)
    async def on_set_network_profile(self, request: SetNetworkProfileRequest) -> SetNetworkProfileResponse:
        """B09: check and store; it is used after the next boot, or when its turn comes.

        A coroutine, so that its unit of work is its own and a store that fails is an answer (B09.FR.03).
        """
        slot = Slot(request.configuration_slot, request.connection_data)
        objection = self._objection(slot)
        if objection is not None:
            return _response(SetNetworkProfileStatusEnum.Rejected, *objection)
        try:
            with self._work.unit():
                self._work.write(Put(KIND, str(slot.number), slot.row()))
                self._work.announce(SettingChanged(_told(slot, "set")))
                self._work.after(lambda: self._access.network.slots.update({slot.number: slot}))
        except StoreFailed:
            return _response(SetNetworkProfileStatusEnum.Failed, "OutOfStorage", "the profile could not be stored")
        return SetNetworkProfileResponse(status=SetNetworkProfileStatusEnum.Accepted)

    def _objection(self, slot: Slot) -> tuple[str, str] | None:
        """Return reason code and text why a profile is not taken (B09.FR.02, B09.FR.04, B09.FR.05)."""
        if str(slot.number) not in NETWORK_SLOTS:
            return "InvalidConfSlot", f"there is no slot {slot.number}"
        if slot.security_profile < self._access.network.security_profile:
            return "NoSecurityDowngrade", f"the station has reached {self._access.network.security_profile}"
        wrong = wrong_profile(slot.profile, self._world.product)
        if wrong is None and str(slot.number) in self._device.ocpp_comm.network_configuration_priority:
            wrong = self._missing(slot.profile)
        return None if wrong is None else ("InvalidNetworkConf", wrong)

    def _missing(self, profile: NetworkConnectionProfile) -> str | None:
        """Say what a higher security profile lacks here (A05.FR.02, A05.FR.03)."""
        if profile.security_profile <= self._access.network.security_profile:
            return None
        if profile.security_profile in TLS_PROFILES and not self._has_valid_root():
            return "no valid CSMS root certificate is installed"
        if profile.security_profile == 3 and self._access.credentials.client_certificate is None:
            return "no charging station certificate is installed"
        return None

    def _has_valid_root(self) -> bool:
        now = self._world.clock.now()
        for root in self._access.trust.of(CSMS):
            try:
                facts = self._access.certificates.read(root.pem)
            except CertificateRefused:
                continue
            if facts.not_before <= now <= facts.not_after:
                return True
        return False

    @validator(OCPPCommCtrlr.network_configuration_priority)
    def wrong_priority(self, priority: tuple[str, ...]) -> str | None:
        """Every slot holds a profile that could be used (B10.FR.02, A05.FR.02, A05.FR.03, A05.FR.10)."""
        network = self._access.network
        for number in priority:
            slot = network.slots.get(int(number))
            if slot is None:
                return f"slot {number} holds no network profile"
            if slot.security_profile < network.security_profile:
                return f"slot {number} would lower the security profile"
            missing = self._missing(slot.profile)
            if missing is not None:
                return f"slot {number}: {missing}"
        return None

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """The slot in use is proven: lower security profiles are gone for good (A05.FR.06)."""
        network = self._access.network
        active, before = network.active, network.security_profile
        if network.proven == active:
            return
        gone = network.below(active.security_profile)
        writes: list[Write] = [Put(KIND, PROVEN, active.row()), *(Delete(KIND, str(number)) for number in gone)]
        self._work.write(*writes)
        self._work.announce(SettingChanged(_told(active, "proven")))
        if gone:
            self._prune_priority(gone, active.number)
        if active.security_profile > before:
            self._work.announce(SecurityEvent("ReconfigurationOfSecurityParameters", "SecurityProfile"))

        def adopt() -> None:
            network.proven = active
            for number in gone:
                del network.slots[number]

        self._work.after(adopt)

    def _prune_priority(self, gone: tuple[int, ...], active: int) -> None:
        priority = self._device.ocpp_comm.network_configuration_priority
        left = tuple(number for number in priority if int(number) not in gone)
        if left != priority:
            self._settings.assign(OCPPCommCtrlr.network_configuration_priority, left or (str(active),))


def _told(slot: Slot, what: str) -> str:
    return f"network profile {slot.number} {what}, security profile {slot.security_profile}"


def _response(status: SetNetworkProfileStatusEnum, code: str, text: str) -> SetNetworkProfileResponse:
    return SetNetworkProfileResponse(status=status, status_info=StatusInfo(reason_code=code, additional_info=text))
