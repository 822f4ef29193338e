"""What travels: the typed OCPP 2.0.1 messages, OCPP-J frames, the RPC peer without I/O, error codes.

`messages` and `actions` are generated from the official JSON schemas; `codec` turns payloads into them and back;
`frames` are the CALL, CALLRESULT and CALLERROR around payloads; `peer` pairs, times and checks them; `errors` says
what is wrong with what.
"""
