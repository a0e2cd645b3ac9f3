"""`scim-bridge simulator`: its command's faults; what it does when it runs is tested with the simulator."""

import socket

import pytest


@pytest.mark.parametrize("bind", ["nonsense", ":8099", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x"])
def test_a_malformed_bind_is_said(fault, bind):
    assert f"{bind!r} is not HOST:PORT" in fault("simulator", "--bind", bind)


def test_a_port_in_use_is_said(fault):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        assert fault("simulator", "--bind", bind) == f"Cannot listen at {bind}: Address already in use."


def test_an_empty_key_is_said(fault):
    assert fault("simulator", "--bind", "127.0.0.1:0", "--api-key", "") == "The API key must not be empty."


@pytest.mark.parametrize("size", ["-1", "200001", "many"])
def test_a_size_out_of_range_is_said(cli, size):
    result = cli("simulator", "--users", size)
    assert result.exit_code == 2
    assert "Invalid value for '--users'" in result.stderr
