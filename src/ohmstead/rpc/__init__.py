"""One asyncio shell around the RPC peer, for station, lab and CSMS alike; sockets come in through the Link port."""
