"""What type checkers see; run_mypy.py reads this, nothing runs it."""

from datetime import datetime, timedelta
from typing import Dict, List, Optional, Tuple

from wsman_client import (AsyncClient, Client, Config, Data, Effective, Epr,
                          Identity, Items, Result, Setting, SettingValue,
                          Stream, Value, WsmanError, settings)


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


def configuring(client: Client) -> Config:
    """The settings of WinRM."""
    client.configure({"Client/TrustedHosts": ["a"], "MaxTimeoutms": 1})
    config: Config = client.config(deadline="2s")
    value: SettingValue = config["MaxTimeoutms"]
    known: Optional[Setting] = next(settings(), None)
    print(value, known, config.policies)
    return config


def managing(client: Client) -> Optional[Value]:
    """The verbs."""
    service = Epr("wmicimv2/Win32_Service", {"Name": "WinRM"})
    state: Optional[Value] = client.get(service).find("State")
    arguments: Dict[str, Data] = {
        "CommandLine": "x", "Words": ["a", 1, None], "Part": {"a": [b"b"]},
        "When": datetime.now(), "Span": timedelta(1), "Target": service}
    words: List[str] = ["a", "b"]
    flat: Dict[str, str] = {"a": "b"}
    made: Epr = client.create("wmicimv2/X", {"Words": words, "Flat": flat})
    client.delete(made, deadline="5s")
    client.put(made, Value("X", arguments, ns="urn:x"))
    code: Optional[int] = client.invoke(
        made, "Create", arguments)["ReturnValue"].to_int()
    items: Items = client.enumerate("wmicimv2/*", "select * from X", "wql")
    with items:
        for value in items:
            name: Optional[str] = value.name
            time: Optional[datetime] = value.to_datetime()
    print(state, code, name, time, made.selectors["Name"])
    return client.update("winrm/config/client", flat)


async def awaiting_verbs(client: AsyncClient) -> Epr:
    """The same for asyncio."""
    config: Value = await client.get("winrm/config", fragment="a")
    after: Optional[Value] = await client.update("winrm/config", {"a": True})
    async with client.enumerate("wmicimv2/X") as items:
        async for value in items:
            number: Optional[int] = value.to_int()
    print(config, after, number, await client.invoke("wmi/x", "Method"))
    await client.delete("wmicimv2/X?a=b")
    return await client.create("wmicimv2/X", config)


def failing(error: WsmanError) -> Tuple[int, str, Optional[str], bool]:
    """What an error tells."""
    return error.code, error.name, error.remedy, error.retriable
