"""The station's network interfaces, each of which can be cut by hand."""

from collections.abc import Callable, Mapping

WIRED, WIRELESS = "Wired0", "Wireless0"
"""Ethernet and mobile network (names of OCPPInterfaceEnumType)."""


class InterfaceDown(Exception):
    """The interface is cut, or the station has none of that name; the text says which."""


class Interfaces:
    """Named network interfaces. A cut severs at once whatever goes over one; nothing goes over it until it is restored.

    Args:
        sources: name of each interface, with the local address that its connections start from (None: any).
    """

    def __init__(self, sources: Mapping[str, str | None] | None = None) -> None:
        self._sources = dict(sources) if sources is not None else {WIRED: None, WIRELESS: None}
        self._down: set[str] = set()
        self._users: dict[str, list[Callable[[str], None]]] = {name: [] for name in self._sources}

    @property
    def names(self) -> tuple[str, ...]:
        """Every interface of the station."""
        return tuple(self._sources)

    def is_up(self, name: str) -> bool:
        """Say whether the station has this interface and it is not cut."""
        return name in self._sources and name not in self._down

    def source(self, name: str) -> str | None:
        """Return the local address that connections over an interface start from. Raises InterfaceDown."""
        if name not in self._sources:
            raise InterfaceDown(f"there is no interface {name}")
        if name in self._down:
            raise InterfaceDown(f"interface {name} is down")
        return self._sources[name]

    def attach(self, name: str, sever: Callable[[str], None]) -> Callable[[], None]:
        """Call `sever` with a reason once the interface is cut, until the returned function is called.

        Raises InterfaceDown if it is cut already.
        """
        self.source(name)
        users = self._users[name]
        users.append(sever)

        def detach() -> None:
            if sever in users:
                users.remove(sever)

        return detach

    def cut(self, name: str | None = None) -> None:
        """Pull the plug of an interface; None: of all. Raises KeyError for a name that the station does not have."""
        for each in self._chosen(name):
            self._down.add(each)
            for sever in list(self._users[each]):
                sever(f"interface {each} is down")

    def restore(self, name: str | None = None) -> None:
        """Put it back; None: all. Raises KeyError for a name that the station does not have."""
        self._down.difference_update(self._chosen(name))

    def _chosen(self, name: str | None) -> tuple[str, ...]:
        if name is None:
            return self.names
        if name not in self._sources:
            raise KeyError(f"there is no interface {name}")
        return (name,)
