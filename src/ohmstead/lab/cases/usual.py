"""Intervals, durations and counts as most stations are delivered, for those that a product is delivered otherwise.

The texts of Part 6 leave such settings as they are, and wait for what follows from them; a station that holds back a
status for an hour, or forgets a token after a second, would keep no case waiting for less.
"""

from collections.abc import Mapping

from ohmstead.product.profile import Product, VariableSetting

USUAL: Mapping[str, int] = {
    "AlignedDataCtrlr.Interval": 900,
    "AlignedDataCtrlr.TxEndedInterval": 900,
    "AuthCacheCtrlr.LifeTime": 86400,
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": 10,
    "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": 5,
    "OCPPCommCtrlr.MinimumStatusDuration": 0,
    "OCPPCommCtrlr.NetworkProfileConnectionAttempts": 3,
    "OCPPCommCtrlr.OfflineThreshold": 60,
    "OCPPCommCtrlr.ResetRetries": 1,
    "OCPPCommCtrlr.RetryBackOffRandomRange": 10,
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": 3,
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": 10,
    "SampledDataCtrlr.TxEndedInterval": 0,
    "SampledDataCtrlr.TxUpdatedInterval": 30,
    "SecurityCtrlr.CertSigningRepeatTimes": 3,
    "SecurityCtrlr.CertSigningWaitMinimum": 60,
    "TxCtrlr.EVConnectionTimeOut": 120,
    "TxCtrlr.MaxEnergyOnInvalidId": 0,
}
"""Variable -> what it is set to before a case that does not set it itself; `docs/variables.md` has the units."""


def usual_settings(product: Product) -> dict[str, str]:
    """Return what is to be set: variables whose value the product says itself, within the limits that it says."""
    said = {key: product.variables[key] for key in USUAL if key in product.variables}
    wanted = {key: _within(USUAL[key], setting) for key, setting in said.items() if _settable(setting)}
    return {key: f"{value}" for key, value in wanted.items() if said[key].value not in (None, value)}


def _settable(setting: VariableSetting) -> bool:
    return not setting.absent and setting.mutability != "ReadOnly"


def _within(value: int, setting: VariableSetting) -> int:
    low = value if setting.min is None else max(value, int(setting.min))
    return low if setting.max is None else min(low, int(setting.max))
