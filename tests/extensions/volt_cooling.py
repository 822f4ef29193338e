"""A vendor's package that uses all that an extension may, and does some of it wrong when it is asked to."""

from ohmstead.ports.extensions import (
    EVSE,
    READ_WRITE,
    Component,
    DataTransferStatusEnum,
    Decimal,
    Extension,
    Integer,
    NotTransferred,
    OptionList,
    VendorAnswer,
    VendorMessage,
    VendorStation,
    answers,
    changed,
    validator,
)


class Fan(Component, name="VoltFan"):
    """Blows."""

    mode = OptionList("Mode", "Auto", values=("Auto", "Silent"), mutability=READ_WRITE, source="Volt 3.1")
    speed = Integer("Speed", 40, unit="Percent", minimum=0, maximum=100, mutability=READ_WRITE, source="Volt 3.2")
    starts = Integer("Starts", 0, minimum=0, mutability=READ_WRITE, source="Volt 3.3")
    temperature = Decimal("Temperature", 0.0, unit="Celsius", maximum=200, computed=True, source="Volt 3.4")


class Pump(Component, name="VoltPump"):
    """One at each EVSE."""

    flow = Integer("Flow", 5, mutability=READ_WRITE, source="Volt 4.1")
    pressure = Integer("Pressure", 7, computed=True, source="Volt 4.2")


class Cooling:
    """One life."""

    def __init__(self, station: VendorStation) -> None:
        self._station = station
        self._fan = station.component(Fan)
        self._turned: list[int] = []
        self._states: list[str] = []
        self._warmed: list[float] = []
        self._outcome = "nothing yet"
        station.assign(Fan.starts, self._fan.starts + 1)
        station.bind(Fan.temperature, lambda: 20 + self._fan.speed / 4)
        station.bind(Pump.pressure, lambda: 1 // 0, evse_id=1)
        station.bind(Pump.pressure, lambda: 10 + station.component(Pump, 2).flow, evse_id=2)
        station.later(1.0, lambda: station.spawn("early", self._ask))
        station.when_online(lambda: station.spawn("hello", self._greet))

    async def _greet(self) -> None:
        await self._station.transfer("hello", {"identity": self._station.identity})

    @answers("state")
    def tell_state(self, _message: VendorMessage) -> VendorAnswer:
        """Tell what the extension sees."""
        fan = self._fan
        data = {"speed": fan.speed, "mode": fan.mode, "turned": self._turned, "outcome": self._outcome}
        return VendorAnswer(data={**data, "flow": self._station.component(Pump, 2).flow})

    @changed(EVSE.availability_state)
    def hear_states(self) -> None:
        """Remember what became of EVSE 1."""
        self._states.append(self._station.read(EVSE.availability_state, 1))

    @changed(Fan.temperature)
    def hear_warmth(self) -> None:
        """Remember each temperature."""
        self._warmed.append(self._fan.temperature)

    @answers("heard")
    def tell_what_was_heard(self, _message: VendorMessage) -> VendorAnswer:
        """Tell what the extension has heard of computed variables."""
        return VendorAnswer(data={"states": self._states, "warmed": self._warmed})

    @answers("echo", "Echo")
    def echo(self, message: VendorMessage) -> VendorAnswer:
        """Say the same."""
        return VendorAnswer(data=[message.message_id, message.data, message.raw.decode()])

    @answers()
    def take_any(self, message: VendorMessage) -> VendorAnswer:
        """Refuse what has no messageId."""
        return VendorAnswer(DataTransferStatusEnum.Rejected, None, "NoMessageId", f"{message.data} of what")

    @answers("blow")
    def blow(self, message: VendorMessage) -> VendorAnswer:
        """Set the speed."""
        self._station.assign(Fan.speed, int(str(message.data)))
        return VendorAnswer()

    @answers("blow and break")
    def blow_and_break(self, _message: VendorMessage) -> VendorAnswer:
        """Set the speed, begin something, and break."""
        self._station.assign(Fan.speed, 99)
        self._station.spawn("never", self._greet)
        self._station.later(1.0, lambda: self._station.assign(Fan.speed, 98))
        raise RuntimeError("the fan is stuck")

    @answers("nonsense")
    def answer_nonsense(self, _message: VendorMessage) -> VendorAnswer:
        """Answer with what is none."""
        return 42  # type: ignore[return-value]  # what the tests are about

    @answers("long")
    def answer_at_length(self, _message: VendorMessage) -> VendorAnswer:
        """Answer with a reason code that is too long to travel."""
        return VendorAnswer(DataTransferStatusEnum.Rejected, reason_code="x" * 21)

    @answers("unwritable")
    def answer_what_cannot_be_written(self, _message: VendorMessage) -> VendorAnswer:
        """Answer with what is no JSON."""
        return VendorAnswer(data=object())

    @answers("odd status")
    def answer_with_an_odd_status(self, _message: VendorMessage) -> VendorAnswer:
        """Answer with a status that there is not."""
        return VendorAnswer("Perhaps")  # type: ignore[arg-type]  # what the tests are about

    @answers("exit")
    def leave(self, _message: VendorMessage) -> VendorAnswer:
        """Break with what is not caught by most."""
        raise RecursionError

    @answers("ask")
    def ask(self, _message: VendorMessage) -> VendorAnswer:
        """Answer, then ask the CSMS."""
        return VendorAnswer(then=lambda: self._station.spawn("ask", self._ask))

    @answers("ask later")
    def ask_later(self, _message: VendorMessage) -> VendorAnswer:
        """Ask the CSMS in a minute."""
        return VendorAnswer(then=self._later)

    @answers("ask too much")
    def ask_too_much(self, _message: VendorMessage) -> VendorAnswer:
        """Ask the CSMS twelve times at once."""
        return VendorAnswer(then=self._ask_often)

    def _ask_often(self) -> None:
        for _ in range(12):
            self._station.spawn("ask", self._ask)

    @answers("break afterwards")
    def break_afterwards(self, _message: VendorMessage) -> VendorAnswer:
        """Answer well, and break in what follows."""
        return VendorAnswer(then=self._set_and_break)

    def _set_and_break(self) -> None:
        self._station.assign(Fan.speed, 97)
        raise RuntimeError("too late")

    def _later(self) -> None:
        self._station.later(60.0, lambda: self._station.spawn("ask", self._ask))

    async def _ask(self) -> None:
        try:
            answer = await self._station.transfer("question", {"speed": self._fan.speed})
        except NotTransferred as failure:
            self._outcome = f"not transferred: {failure}"
        else:
            self._outcome = f"{answer.status.value} {answer.data} {answer.reason_code} {answer.additional_info}"

    @changed(Fan.speed)
    def turn(self) -> None:
        """Hear of a new speed."""
        self._turned.append(self._fan.speed)

    @validator(Fan.speed)
    def judge_speed(self, speed: int) -> str | None:
        """Say what is wrong with a speed; 66 breaks it."""
        if speed == 66:
            raise RuntimeError("cannot judge")
        return "unlucky" if speed == 13 else None


def factory() -> Extension:
    """Return the extension."""
    return Extension(vendor_id="com.volt", life=Cooling, components=(Fan,), evse_components=(Pump,))
