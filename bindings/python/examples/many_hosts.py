"""One command on many hosts at once, with one identity for all of them.

usage: many_hosts.py USER COMMAND HOST...     password: $WSC_PASSWORD
$WSC_OPTIONS: further options, NAME=VALUE or just NAME to switch it on,
separated by blanks
"""

import asyncio
import os
import sys
from typing import List

from wsman_client import (AsyncClient, AsyncContext, Identity, Stream,
                          WsmanError)


async def one(host: str, who: Identity, command: str) -> bool:
    """Run it on one host; tell whether all went well."""
    try:
        async with AsyncClient(host, identity=who) as client:
            async with client.start(command) as run:
                run.write_eof()
                async for stream, data in run:
                    out = sys.stdout if stream is Stream.STDOUT else sys.stderr
                    for line in data.decode(errors="replace").splitlines():
                        print("%s| %s" % (host, line), file=out)
                code = await run.wait()
    except WsmanError as error:
        print("%s: %s" % (host, error), file=sys.stderr)
        if error.remedy:
            print("try: " + error.remedy, file=sys.stderr)
        return False
    print("%s: exit code %d" % (host, code))
    return code == 0


async def main(user: str, command: str, *hosts: str) -> int:
    """Run it on all of them."""
    words: List[str] = os.environ.get("WSC_OPTIONS", "").split()
    options = dict((word if "=" in word else word + "=true").split("=", 1)
                   for word in words)
    async with AsyncContext(**options) as context:
        who = Identity(context, user, os.environ.get("WSC_PASSWORD"))
        good = await asyncio.gather(*(
            one(host, who, command) for host in hosts))
    return 0 if all(good) else 1


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        sys.exit(asyncio.run(main(*sys.argv[1:])))
    except WsmanError as wrong:  # before any host: password, options
        sys.exit("%s\ntry: %s" % (wrong, wrong.remedy))
