"""One asyncio shell around the RPC peer, for station, lab and CSMS alike; sockets come in through the Link port."""

from ohmstead.ports.calls import Answer, CallFailed, CallTimeout
from ohmstead.rpc.connection import Direction, Handler, RpcConnection

__all__ = ["Answer", "CallFailed", "CallTimeout", "Direction", "Handler", "RpcConnection"]
