"""`--hardware package:factory`: finds a vendor's factory, and lets it make the machine."""

import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ohmstead.cli.run.options import RunRefused
from ohmstead.ports.firmware import MachineFirmware
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.machine import Machine
from ohmstead.ports.machine_log import MachineLog
from ohmstead.product.profile import Product


def _methods(protocol: type) -> tuple[str, ...]:
    return tuple(sorted(name for name in vars(protocol) if not name.startswith("_")))


METHODS = _methods(Hardware)
"""What a machine has to answer to."""
PARTS = {"firmware": MachineFirmware, "log": MachineLog}
"""What a Machine may have beside it, by its field."""

_log = logging.getLogger(__name__)


def factory_of(spec: str, product: Product, folder: Path) -> Callable[[], Machine]:
    """Return what makes the machine of `package.module:factory`. Raises RunRefused; so does what is returned."""
    name, colon, attribute = spec.partition(":")
    if not colon or not all(part.isidentifier() for part in (*name.split("."), *attribute.split("."))):
        raise _refused(spec, "right would be package.module:factory")
    factory = _found(spec, name, attribute)
    if not callable(factory):
        raise _refused(spec, f"{attribute} is no function, but {_kind(factory)}")

    def make() -> Machine:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            made: object = factory(product, folder)
        except (Exception, SystemExit) as error:
            _log.info("--hardware %s", spec, exc_info=True)
            raise _refused(spec, _told(error)) from error
        return _checked(spec, made)

    return make


def _found(spec: str, name: str, attribute: str) -> object:
    try:
        found: object = import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise _refused(spec, f"there is no package {error.name} in this Python environment") from None
        raise _refused(spec, f"{name} needs {error.name}, which is not installed") from error
    except (Exception, SystemExit) as error:
        _log.info("--hardware %s", spec, exc_info=True)
        raise _refused(spec, f"{name} cannot be imported: {_told(error)}") from error
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise _refused(spec, f"there is no {part} in {name}") from None
    return found


def _checked(spec: str, made: object) -> Machine:
    machine = made if isinstance(made, Machine) else None
    hardware: object = machine.hardware if machine is not None else made
    missing = _missing(hardware, METHODS)
    if len(missing) == len(METHODS):
        raise _refused(spec, f"the factory has to return a Machine or a Hardware, and returned {_kind(made)}")
    if missing:
        raise _refused(spec, f"{type(hardware).__name__} has no {', '.join(missing)} (ports/hardware.Hardware)")
    for name, protocol in PARTS.items():
        part: object = getattr(machine, name, None)
        if part is not None and (missing := _missing(part, _methods(protocol))):
            raise _refused(spec, f"the {name} of its Machine has no {', '.join(missing)} ({protocol.__name__})")
    return machine if machine is not None else Machine(hardware=hardware)  # type: ignore[arg-type]  # just looked at


def _missing(part: object, methods: tuple[str, ...]) -> list[str]:
    return [method for method in methods if not callable(getattr(part, method, None))]


def _refused(spec: str, why: str) -> RunRefused:
    return RunRefused(f"--hardware {spec}: {why}")


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
