"""The words of the form that are no answers: labels of the header, sections, names of the figures."""

KEYS = (
    "certificate holder", "certificate number", "product type", "product subtype", "product designation",
    "firmware version", "certification date", "test laboratory", "location", "test report reference", "vendor name",
    "device under test", "config id", "octt version", "octt instance id", "firmware image hash",
    "communication technology used during performance measurement",
)  # fmt: skip
"""What stands beside a value outside the tables with ids."""
SECTIONS = (
    "abstract of the test report", "test report ocpp 2.0.1 certification",
    "test result summary for the certified functionalities", "hardware feature set", "optional features",
    "core", "advanced security", "smart charging", "iso 15118 support", "iso 15118", "reservation", "reservations",
    "local authorization list management", "advanced device management", "advanced user interface",
    "additional questions", "other relevant settings", "performance measurement result",
    "performance measurement results", "statement of approval",
)  # fmt: skip
FIGURES = {
    "ocppresponsetime": "response",
    "ocpptriggeredfunctionresponsetime": "triggered",
    "transactionauthorizationtimebyrequeststarttransactionrequest": "start",
    "transactionauthorizationendtimebyrequeststoptransactionrequest": "stop",
}
"""The names of the rows of both tables, without the blanks that a narrow column puts into them."""
