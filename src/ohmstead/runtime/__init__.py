"""How a station is kept going: units of work, dispatch, connection, outbox, and the host that gives it power."""
