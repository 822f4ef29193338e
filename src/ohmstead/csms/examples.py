"""One valid payload for each action of the CSMS: what a form starts with."""

from collections.abc import Mapping

_TOKEN = {"idToken": "04A1B2C3", "type": "ISO14443"}
_TX = {"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut"}}
_FROM = "2030-01-01T00:00:00Z"
_PEM = "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----"
_HASH = {"hashAlgorithm": "SHA256", "issuerNameHash": "00", "issuerKeyHash": "00", "serialNumber": "1"}
_SCHEDULE = {
    "id": 1,
    "chargingRateUnit": "W",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 50000}],
}
_PROFILE = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": [_SCHEDULE],
}

EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "CancelReservation": {"reservationId": 1},
    "CertificateSigned": {"certificateChain": _PEM, "certificateType": "ChargingStationCertificate"},
    "ChangeAvailability": {"operationalStatus": "Inoperative", "evse": {"id": 1}},
    "ClearCache": {},
    "ClearChargingProfile": {"chargingProfileId": 1},
    "ClearDisplayMessage": {"id": 1},
    "ClearVariableMonitoring": {"id": [1]},
    "CostUpdated": {"totalCost": 1.5, "transactionId": "the id of a running transaction"},
    "CustomerInformation": {"requestId": 1, "report": True, "clear": False, "idToken": _TOKEN},
    "DataTransfer": {"vendorId": "org.example", "messageId": "hello", "data": {"any": "JSON"}},
    "DeleteCertificate": {"certificateHashData": _HASH},
    "GetBaseReport": {"requestId": 1, "reportBase": "FullInventory"},
    "GetChargingProfiles": {"requestId": 1, "evseId": 1, "chargingProfile": {"stackLevel": 0}},
    "GetCompositeSchedule": {"duration": 3600, "evseId": 1},
    "GetDisplayMessages": {"requestId": 1},
    "GetInstalledCertificateIds": {"certificateType": ["CSMSRootCertificate"]},
    "GetLocalListVersion": {},
    "GetLog": {
        "requestId": 1,
        "logType": "SecurityLog",
        "log": {"remoteLocation": "http://localhost:8080/upload/"},
    },
    "GetMonitoringReport": {"requestId": 1},
    "GetReport": {"requestId": 1, "componentVariable": [{"component": {"name": "TxCtrlr"}}]},
    "GetTransactionStatus": {},
    "GetVariables": {"getVariableData": [_TX]},
    "InstallCertificate": {"certificateType": "CSMSRootCertificate", "certificate": _PEM},
    "PublishFirmware": {"requestId": 1, "location": "http://localhost:8080/firmware.bin", "checksum": "0" * 32},
    "RequestStartTransaction": {"remoteStartId": 1, "evseId": 1, "idToken": _TOKEN},
    "RequestStopTransaction": {"transactionId": "the id of a running transaction"},
    "ReserveNow": {"id": 1, "expiryDateTime": _FROM, "idToken": _TOKEN, "evseId": 1},
    "Reset": {"type": "OnIdle"},
    "SendLocalList": {
        "versionNumber": 1,
        "updateType": "Full",
        "localAuthorizationList": [{"idToken": _TOKEN, "idTokenInfo": {"status": "Accepted"}}],
    },
    "SetChargingProfile": {"evseId": 1, "chargingProfile": _PROFILE},
    "SetDisplayMessage": {
        "message": {"id": 1, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Hello"}}
    },
    "SetMonitoringBase": {"monitoringBase": "FactoryDefault"},
    "SetMonitoringLevel": {"severity": 4},
    "SetNetworkProfile": {
        "configurationSlot": 2,
        "connectionData": {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": "wss://localhost:8443/ocpp",
            "messageTimeout": 30,
            "securityProfile": 2,
            "ocppInterface": "Wired0",
        },
    },
    "SetVariableMonitoring": {
        "setMonitoringData": [{"value": 1, "type": "Delta", "severity": 4, **_TX}],
    },
    "SetVariables": {"setVariableData": [{"attributeValue": "60", **_TX}]},
    "TriggerMessage": {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
    "UnlockConnector": {"evseId": 1, "connectorId": 1},
    "UnpublishFirmware": {"checksum": "0" * 32},
    "UpdateFirmware": {
        "requestId": 1,
        "firmware": {"location": "http://localhost:8080/firmware.bin", "retrieveDateTime": _FROM},
    },
}
