"""The world as Protocols: what the station asks of clocks, links, stores and machines."""
