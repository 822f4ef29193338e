"""The rows behind `features`: id, kind, functional block, component or variable, meaning.

Kind is `?` for a line answered Yes or No, `=` for one answered with a value, `#` for a heading.
"""

Row = tuple[str, str, str, str, str]

HARDWARE: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Hardware",
        (
            ("HFS-1", "?", "", "", "Detachable cable"),
            ("HFS-2", "?", "", "OCPPCommCtrlr.UnlockOnEVSideDisconnect", "Fixed cable"),
            ("HFS-3", "?", "", "EVSE.SupplyPhases", "Charges with AC"),
            ("HFS-4", "?", "", "EVSE.SupplyPhases", "Charges with DC"),
            ("HFS-5", "?", "", "EVSE.SupplyPhases", "One phase"),
            ("HFS-6", "?", "", "EVSE.SupplyPhases", "Two phases"),
            ("HFS-7", "?", "", "EVSE.SupplyPhases", "Three phases"),
            ("HFS-8", "=", "", "EVSE", "Number of EVSEs"),
            ("HFS-9", "=", "B", "OCPPCommCtrlr", "Ways to reach the CSMS"),
            ("HFS-10", "=", "C", "TokenReader", "RFID readers"),
            ("HFS-11", "=", "", "EVSE.Power", "DC power in kW"),
            ("HFS-12", "=", "O", "Display", "Number of displays"),
        ),
    ),
)

CORE: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Core",
        (
            ("C-01", "?", "C", "AuthCtrlr.LocalAuthorizeOffline", "Authorizes transactions while offline"),
            ("C-02", "?", "C", "AuthCtrlr.OfflineTxForUnknownIdEnabled", "Accepts unknown tokens while offline"),
            ("C-03", "?", "C", "TxCtrlr.MaxEnergyOnInvalidId", "Limits the energy given on an invalid token"),
            ("C-04", "?", "G", "OCPPCommCtrlr.MinimumStatusDuration", "Holds back short-lived statuses"),
            ("C-06", "#", "E", "TxCtrlr.StopTxOnEVSideDisconnect", "When the cable leaves the EV"),
            ("C-06.1", "?", "E", "TxCtrlr.StopTxOnEVSideDisconnect", "The authorization stays"),
            ("C-06.2", "?", "E", "TxCtrlr.StopTxOnEVSideDisconnect", "The authorization ends"),
            ("C-07", "?", "C", "AuthCtrlr.MasterPassGroupId", "Master pass on a station with a user interface"),
            ("C-08", "?", "C", "AuthCtrlr.MasterPassGroupId", "Master pass on a station without one"),
            ("C-09", "#", "E", "TxCtrlr.TxStartPoint", "A transaction can start at"),
            ("C-09.1", "?", "E", "TxCtrlr.TxStartPoint", "EVConnected"),
            ("C-09.2", "?", "E", "TxCtrlr.TxStartPoint", "Authorized"),
            ("C-09.3", "?", "E", "TxCtrlr.TxStartPoint", "DataSigned"),
            ("C-09.4", "?", "E", "TxCtrlr.TxStartPoint", "PowerPathClosed"),
            ("C-09.5", "?", "E", "TxCtrlr.TxStartPoint", "EnergyTransfer"),
            ("C-09.6", "?", "E", "TxCtrlr.TxStartPoint", "ParkingBayOccupancy"),
            ("C-10", "#", "E", "TxCtrlr.TxStopPoint", "A transaction can stop at the loss of"),
            ("C-10.1", "?", "E", "TxCtrlr.TxStopPoint", "EVConnected"),
            ("C-10.2", "?", "E", "TxCtrlr.TxStopPoint", "Authorized"),
            ("C-10.3", "?", "E", "TxCtrlr.TxStopPoint", "PowerPathClosed"),
            ("C-10.4", "?", "E", "TxCtrlr.TxStopPoint", "EnergyTransfer"),
            ("C-10.5", "?", "E", "TxCtrlr.TxStopPoint", "ParkingBayOccupancy"),
            ("C-11", "?", "F", "", "UnlockConnector on a detachable cable (asked of a CSMS)"),
            ("C-12", "#", "E", "OCPPCommCtrlr.UnlockOnEVSideDisconnect", "Connector lock when the cable leaves the EV"),
            ("C-12.1", "?", "E", "OCPPCommCtrlr.UnlockOnEVSideDisconnect", "The connector unlocks"),
            ("C-12.2", "?", "E", "OCPPCommCtrlr.UnlockOnEVSideDisconnect", "The connector stays locked"),
            ("C-13", "?", "B", "EVSE.AllowReset", "Resets a single EVSE"),
            ("C-14", "?", "N", "", "Customer information by customer identifier"),
            ("C-15", "?", "L", "", "Firmware updates at a set time (asked of a CSMS)"),
            ("C-16", "?", "E", "", "Asks for the status of a transaction (asked of a CSMS)"),
            ("C-17", "?", "B", "", "Configuration inventory (asked of a CSMS)"),
            (
                "C-20",
                "?",
                "L",
                "ChargingStation.AllowNewSessionsPendingFirmwareUpdate",
                "New sessions while an update waits",
            ),
            ("C-21", "?", "E", "OCPPCommCtrlr.QueueAllMessages", "Can queue all messages, not only transactions"),
            ("C-23", "=", "B", "ClockCtrlr.TimeSource", "Time sources"),
            ("C-25", "?", "B", "ClockCtrlr.TimeOffset", "Time offset can be set"),
            ("C-26", "?", "B", "ClockCtrlr.TimeZone", "Time zone can be set"),
            ("C-28", "?", "J", "AlignedDataCtrlr.SendDuringIdle", "Clock-aligned values can be kept to idle times"),
            ("C-29", "#", "F", "", "TriggerMessage can ask for"),
            ("C-29.1", "?", "F", "", "MeterValues"),
            ("C-29.2", "?", "F", "", "TransactionEvent"),
            ("C-29.3", "?", "F", "", "LogStatusNotification"),
            ("C-29.4", "?", "F", "", "FirmwareStatusNotification"),
            ("C-29.5", "?", "F", "", "StatusNotification"),
            ("C-29.6", "?", "F", "", "BootNotification"),
        ),
    ),
    (
        "Local start",
        (
            ("C-30", "?", "C", "TokenReader", "RFID card, ISO 14443"),
            ("C-31", "?", "C", "TokenReader", "RFID card, ISO 15693"),
            ("C-32", "?", "C", "", "Key code"),
            ("C-33", "?", "C", "", "Token made by the station"),
            ("C-34", "?", "C", "", "MAC address of the EV"),
            ("C-35", "?", "C", "", "No authorization"),
        ),
    ),
    (
        "Local stop",
        (
            ("C-70", "?", "E", "TokenReader", "RFID card, ISO 14443"),
            ("C-71", "?", "E", "TokenReader", "RFID card, ISO 15693"),
            ("C-72", "?", "E", "", "Key code"),
            ("C-75", "?", "E", "", "No authorization"),
        ),
    ),
    (
        "Remote start",
        (
            ("C-36", "?", "F", "", "RFID card, ISO 14443"),
            ("C-37", "?", "F", "", "RFID card, ISO 15693"),
            ("C-38", "?", "F", "", "Token made by the CSMS"),
            ("C-39", "?", "F", "", "No authorization"),
        ),
    ),
    (
        "Meter values",
        (
            ("C-40", "#", "J", "", "Measurands"),
            ("C-40.1", "=", "J", "SampledDataCtrlr.TxStartedMeasurands", "Sampled at the start"),
            ("C-40.2", "=", "J", "SampledDataCtrlr.TxUpdatedMeasurands", "Sampled during a transaction"),
            ("C-40.3", "=", "J", "SampledDataCtrlr.TxEndedMeasurands", "Sampled for the end"),
            ("C-40.4", "=", "J", "AlignedDataCtrlr.Measurands", "Clock-aligned"),
            ("C-40.5", "=", "J", "AlignedDataCtrlr.TxEndedMeasurands", "Clock-aligned for the end"),
        ),
    ),
    ("Cipher suites", (("C-41", "=", "A", "", "TLS cipher suites"),)),
    (
        "Core, continued",
        (
            ("C-42", "?", "J", "SampledDataCtrlr.SignReadings", "Signed meter values"),
            ("C-43", "?", "L", "", "Installs firmware during a transaction"),
            ("C-44", "?", "B", "", "BootNotification answered Pending first (asked of a CSMS)"),
            ("C-45", "?", "B", "", "Several variables in one GetVariables (asked of a CSMS)"),
            ("C-46", "?", "B", "", "Several variables in one SetVariables (asked of a CSMS)"),
            ("C-47", "?", "B", "OCPPCommCtrlr.NetworkProfileConnectionAttempts", "Falls back to another profile"),
            ("C-48", "#", "F", "AuthCtrlr.AuthorizeRemoteStart", "A remote start"),
            ("C-48.1", "?", "F", "AuthCtrlr.AuthorizeRemoteStart", "Can be authorized first"),
            ("C-48.2", "?", "F", "AuthCtrlr.AuthorizeRemoteStart", "Can go without authorization"),
            ("C-58", "?", "C", "AuthCtrlr.DisableRemoteAuthorization", "Remote authorization can be switched off"),
            ("C-49", "?", "C", "AuthCacheCtrlr.Enabled", "Authorization cache"),
            ("C-50", "#", "B", "", "Full inventory (asked of a CSMS)"),
            ("C-50.1", "?", "B", "", "During onboarding (asked of a CSMS)"),
            ("C-50.2", "?", "B", "", "By hand (asked of a CSMS)"),
            ("C-59", "?", "C", "AuthCacheCtrlr.DisablePostAuthorize", "Cached invalid tokens are not asked again"),
            ("C-51", "?", "E", "TxCtrlr.TxStartPoint", "TxStartPoint can be set"),
            ("C-52", "?", "E", "TxCtrlr.TxStopPoint", "TxStopPoint can be set"),
            ("C-53", "?", "C", "AuthCacheCtrlr.LifeTime", "Cached tokens grow old"),
            ("C-54", "?", "C", "AuthCacheCtrlr.Policy", "The policy for replacing cached tokens can be set"),
            ("C-56", "?", "B", "", "Summary inventory"),
            ("C-57", "?", "N", "", "A running log upload can be cancelled"),
            ("C-60", "?", "L", "", "A running firmware update can be cancelled"),
            ("C-61", "?", "A", "SecurityCtrlr.SecurityProfile", "Security profile 1, Basic authentication without TLS"),
        ),
    ),
)

ADVANCED: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Reservation",
        (
            ("R-0", "?", "H", "ReservationCtrlr.Available", "Reservation"),
            ("R-1", "?", "H", "", "Of a connector type"),
            ("R-2", "?", "H", "ReservationCtrlr.NonEvseSpecific", "Of any EVSE"),
            ("R-3", "?", "H", "ReservationCtrlr.Enabled", "Can be switched off"),
        ),
    ),
    (
        "Advanced device management",
        (
            ("DM-0", "?", "N", "MonitoringCtrlr.Available", "Advanced device management"),
            ("DM-3", "?", "N", "MonitoringCtrlr.OfflineQueuingSeverity", "Queues events by severity while offline"),
        ),
    ),
    (
        "Local authorization list",
        (
            ("LA-0", "?", "D", "LocalAuthListCtrlr.Available", "Local authorization list"),
            ("LA-1", "?", "D", "LocalAuthListCtrlr.Enabled", "Can be switched off"),
            ("LA-2", "?", "D", "", "Asks for the version of the list (asked of a CSMS)"),
            ("LA-3", "?", "D", "LocalAuthListCtrlr.DisablePostAuthorize", "Listed invalid tokens are not asked again"),
        ),
    ),
    (
        "Advanced user interface",
        (
            ("UI-0", "?", "O", "DisplayMessageCtrlr.Available", "Messages from the CSMS on the display"),
            ("UI-1", "#", "O", "DisplayMessageCtrlr.SupportedPriorities", "Message priorities"),
            ("UI-1.1", "?", "O", "DisplayMessageCtrlr.SupportedPriorities", "AlwaysFront"),
            ("UI-1.2", "?", "O", "DisplayMessageCtrlr.SupportedPriorities", "InFront"),
            ("UI-1.3", "?", "O", "DisplayMessageCtrlr.SupportedPriorities", "NormalCycle"),
            ("UI-2", "#", "O", "DisplayMessageCtrlr.SupportedFormats", "Message formats"),
            ("UI-2.1", "?", "O", "DisplayMessageCtrlr.SupportedFormats", "ASCII"),
            ("UI-2.2", "?", "O", "DisplayMessageCtrlr.SupportedFormats", "HTML"),
            ("UI-2.3", "?", "O", "DisplayMessageCtrlr.SupportedFormats", "URI"),
            ("UI-2.4", "?", "O", "DisplayMessageCtrlr.SupportedFormats", "UTF8"),
        ),
    ),
    (
        "Advanced security",
        (
            ("AS-2", "?", "M", "SecurityCtrlr.AdditionalRootCertificateCheck", "Additional check of root certificates"),
            ("AS-3", "?", "A", "SecurityCtrlr.CertSigningWaitMinimum", "Asks again for an unsigned certificate"),
        ),
    ),
    (
        "Smart charging",
        (
            ("SC-2", "#", "K", "SmartChargingCtrlr.RateUnit", "Units of charging schedules"),
            ("SC-2.1", "?", "K", "SmartChargingCtrlr.RateUnit", "A"),
            ("SC-2.2", "?", "K", "SmartChargingCtrlr.RateUnit", "W"),
            ("SC-4", "?", "K", "", "Default profile for all EVSEs (asked of a CSMS)"),
        ),
    ),
    (
        "ISO 15118",
        (
            ("ISO-3", "?", "A", "", "One certificate for OCPP and ISO 15118 (now AQ-11)"),
            ("ISO-4", "?", "N", "", "Customer information by customer certificate"),
            ("ISO-5", "?", "C", "ISO15118Ctrlr.CentralContractValidationAllowed", "The CSMS validates contracts"),
        ),
    ),
)

QUESTIONS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Questions of the laboratory",
        (
            ("AQ-1", "?", "M", "", "The last CSMS root certificate can be removed"),
            ("AQ-2", "?", "", "", "A lock keeps the cable away until the driver is authorized"),
            ("AQ-3", "?", "M", "", "The last charging station certificate can be removed"),
            ("AQ-4", "?", "", "", "Some number of phases is not supported"),
            ("AQ-5", "?", "N", "", "Has a monitor that cannot be changed"),
            ("AQ-6", "?", "N", "", "Has a monitor from the factory"),
            ("AQ-7", "?", "L", "", "Downloads firmware during a transaction"),
            ("AQ-8", "?", "C", "", "An EVSE must be chosen before authorization"),
            ("AQ-9", "?", "", "", "Charges by IEC 61851-1, mode 3"),
            ("AQ-10", "?", "N", "SecurityCtrlr.BasicAuthPassword", "Watches the password by a delta monitor"),
            ("AQ-11", "?", "A", "", "One certificate for OCPP and ISO 15118"),
            ("AQ-18", "?", "F", "", "A connector with a motor lock on the side of the station"),
        ),
    ),
)

SETTINGS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Settings",
        (
            ("ORS-1", "=", "B", "DeviceDataCtrlr.ItemsPerMessage[GetReport]", "Items in a GetReport"),
            ("ORS-2", "=", "B", "DeviceDataCtrlr.ItemsPerMessage[GetVariables]", "Items in a GetVariables"),
            ("ORS-3", "=", "B", "DeviceDataCtrlr.ItemsPerMessage[SetVariables]", "Items in a SetVariables"),
            ("ORS-4", "=", "B", "DeviceDataCtrlr.BytesPerMessage[GetReport]", "Bytes in a GetReport"),
            ("ORS-5", "=", "B", "DeviceDataCtrlr.BytesPerMessage[GetVariables]", "Bytes in a GetVariables"),
            ("ORS-6", "=", "B", "DeviceDataCtrlr.BytesPerMessage[SetVariables]", "Bytes in a SetVariables"),
            ("ORS-11", "=", "G", "OCPPCommCtrlr.HeartbeatInterval", "Shortest heartbeat interval, s"),
            ("ORS-12", "=", "G", "OCPPCommCtrlr.HeartbeatInterval", "Longest heartbeat interval, s"),
            ("ORS-14", "=", "", "OCPPCommCtrlr.WebSocketPingInterval", "Shortest ping interval, s"),
            ("ORS-15", "=", "", "OCPPCommCtrlr.WebSocketPingInterval", "Longest ping interval, s"),
            ("ORS-16", "=", "", "OCPPCommCtrlr.WebSocketPingInterval", "Ping interval, s"),
            ("ORS-17", "=", "M", "SecurityCtrlr.CertificateEntries", "Most certificates at a time"),
            ("ORS-18", "=", "A", "SecurityCtrlr.MaxCertificateChainSize", "Longest certificate chain, bytes"),
            ("ORS-24", "=", "L", "OCPPCommCtrlr.FileTransferProtocols", "File transfer protocols"),
        ),
    ),
)
