"""What a campaign by hand will take, said before it begins."""

from collections.abc import Iterable

from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.persistent import unfit
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.needs import Effort, effort
from ohmstead.lab.rig import PersistentStation, Provisioning
from ohmstead.lab.rigs.hand import needless_for
from ohmstead.product.profile import Product


def effort_of(cases: Iterable[Case], product: Product, provisioning: Provisioning) -> Effort:
    """Return what running these cases on a station of somebody else asks of a person.

    Cases that do not apply, or cannot begin with what the station was given, ask for nothing.
    """
    station = PersistentStation(number=0, provisioning=provisioning, attended=True)
    run = (case for case in cases if not_applicable(case, product) is None and unfit(case, station) is None)
    return effort(run, [kind.path() for kind in needless_for(product)])
