"""A minimal charge point built on the package `ocpp`: `python -m benchmarks.ocpp_point URL IDENTITY ROOT on|off`."""

import ssl
import sys
from contextlib import suppress

import uvloop
from ocpp.v201 import ChargePoint, call_result
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Items = list[dict[str, object]]


def get_variables(get_variable_data: Items) -> object:
    """Answer GetVariables from a constant."""
    return call_result.GetVariables(
        get_variable_result=[
            {
                "attribute_status": "Accepted",
                "attribute_value": "300",
                "component": item["component"],
                "variable": item["variable"],
            }
            for item in get_variable_data
        ]
    )


async def main(url: str, identity: str, root: str, validation: str) -> None:
    """Connect and serve until the connection ends."""
    context = ssl.create_default_context(cafile=root)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256:AES256-GCM-SHA384")
    async with connect(
        f"{url}/{identity}",
        ssl=context,
        subprotocols=[Subprotocol("ocpp2.0.1")],
        compression=None,
        ping_interval=None,
        proxy=None,
    ) as connection:
        point = ChargePoint(identity, connection)
        handler = {"_on_action": get_variables, "_skip_schema_validation": validation == "off"}
        point.route_map = {"GetVariables": handler}
        with suppress(ConnectionClosed):
            await point.start()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:5]))
