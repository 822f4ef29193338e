"""Block L: firmware."""

from ohmstead.lab.reading import Reading

PLACE_LEFT_BEFORE_INSTALLING = Reading(
    name="place-left-before-installing",
    requirements=("L01.FR.07",),
    specification="A connector that is left while firmware waits to be installed turns Unavailable.",
    tool="It may turn Available first.",
)
INSTALLED_FIRST = Reading(
    name="installed-before-reboot",
    requirements=("L01.FR.28", "L01.FR.32"),
    specification="Installed may be told before the reboot that activates the firmware, or without any.",
    tool="The station comes back over a new connection before it tells Installed.",
)
SCHEDULE_UNTOLD = Reading(
    name="waiting-untold",
    requirements=("L01.FR.34",),
    specification="A station whose installation waits for transactions only may tell InstallScheduled.",
    tool="It tells InstallScheduled, or Installing where it can install meanwhile.",
)
REBOOT_AHEAD = Reading(
    name="reboot-announced-ahead",
    requirements=("L01.FR.32", "L01.FR.33"),
    specification="InstallRebooting may be told as soon as the firmware is in its place, for a reboot once idle.",
    tool="It is told when the transactions have ended.",
)
UNTRUSTED_SIGNER = Reading(
    name="untrusted-signer",
    requirements=("L01.FR.22",),
    specification="A signing certificate that is not to be trusted is answered InvalidCertificate.",
    tool="RevokedCertificate will do as well.",
)
DOWNLOADING_AGAIN = Reading(
    name="downloading-again",
    requirements=("L01.FR.30",),
    specification="Downloading may be told for every attempt.",
    tool="It is told once, or not at all.",
)
DOWNLOAD_UNTOLD = Reading(
    name="download-wait-untold",
    requirements=("L01.FR.13",),
    specification="A download that waits because the station charges is told as DownloadScheduled.",
    tool="It need not be told: only a retrieveDateTime in the future asks for it.",
)
ACTIVATED_LATER = Reading(
    name="activated-when-idle",
    requirements=("L01.FR.33",),
    specification="Firmware that is active only after a reboot waits for the transactions to end.",
    tool="The station makes a new connection and tells Installed while the transaction runs.",
)
