"""Rasa and its actions speak in clear: nobody but this machine may reach them."""

from ipaddress import ip_address

import psutil
import pytest

from tests.support.running_service import RunningService


@pytest.mark.parametrize(("part", "setting"), [("rasa", "RASA"), ("actions", "ACTIONS")])
def test_only_this_machine_reaches_the_assistant(
    service: RunningService, part: str, setting: str
) -> None:
    process = psutil.Process(service.pid_of(part))
    family = [process, *process.children(recursive=True)]
    # IPv6 too; of both the port that was asked for, and any other.
    listening = [
        connection.laddr
        for each in family
        for connection in each.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    wanted = int(service.environment[f"INTERCUP_{setting}_URL"].rpartition(":")[2])
    assert {address.port for address in listening} == {wanted}
    assert all(ip_address(address.ip).is_loopback for address in listening)
