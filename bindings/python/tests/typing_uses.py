"""What type checkers see; run_mypy.py reads this, nothing runs it."""

from datetime import timedelta
from typing import Dict, Optional, Tuple

from wsman_client import (AsyncClient, Client, Effective, Identity, Result,
                          Stream, WsmanError)


def blocking(client: Client) -> Tuple[int, str]:
    """All of the blocking calls."""
    result: Result = client.run("x", "y", input=b"z", env={"A": "1"},
                                deadline=timedelta(seconds=1))
    with client.shell() as shell, shell.start("x") as command:
        for stream, data in command:
            known: Tuple[Stream, bytes] = stream, data
        code: int = command.wait(timeout=1.5)
        maybe: Optional[int] = command.exit_code
    about: Dict[str, str] = client.identify()
    option: Effective = client.option("deadline")
    numbers: Dict[str, int] = client.stats()
    Client("host", identity=Identity(client.context)).close()
    print(known, maybe, about, option, numbers)
    return code, result.text


async def awaiting(client: AsyncClient) -> Tuple[int, str]:
    """All of those of asyncio."""
    result: Result = await client.run("x", "y", input=b"z", deadline="2s")
    async with client.shell() as shell, shell.start("x") as command:
        async for stream, data in command:
            known: Tuple[Stream, bytes] = stream, data
        code: int = await command.wait()
    about: Dict[str, str] = await client.identify()
    print(known, about)
    return code, result.text


def failing(error: WsmanError) -> Tuple[int, str, Optional[str], bool]:
    """What an error tells."""
    return error.code, error.name, error.remedy, error.retriable
