"""The keyless live tree, with the simulated exchange in Coinbase's place: over TLS, without a single variable else."""

import json
from pathlib import Path

import pytest

from tests.support.free_port import free_port
from tests.support.processes import ROOT, Exchange, Process, get_json, until

pytestmark = pytest.mark.system


def start(folder: Path, exchange: Exchange, **variables: str) -> Process:
    addresses = {
        "LIVERMORE_EXCHANGE_WS_URL": exchange.urls["websocket_url"],
        "LIVERMORE_EXCHANGE_REST_URL": exchange.urls["rest_url"],
        "API_PORT": str(free_port()),
        "HEALTH_PORT": str(free_port()),
    }
    arguments = ["-m", "livermore", "--tree", str(ROOT / "supervisors.local.yaml")]
    return Process(arguments, folder, {**addresses, **variables}, "live")


def test_the_live_tree_needs_no_key_and_reads_an_exchange_over_tls(tmp_path: Path) -> None:
    exchange = Exchange(tmp_path / "exchange", options=("--symbols", "2", "--tls-dir", str(tmp_path / "tls")))
    assert exchange.urls["websocket_url"].startswith("wss://")
    assert exchange.urls["rest_url"].startswith("https://")
    live = start(tmp_path, exchange, SSL_CERT_FILE=exchange.urls["ca_file"])
    try:
        file = tmp_path / ".livermore-live" / "local-exchange.json"
        until(file.exists, f"{file}; {live.log}")
        facts = json.loads(file.read_text(encoding="utf-8"))
        status, body = get_json(
            f"{facts['base_url']}/candles/coinbase/ETH-USD/5m?limit=10", {"X-API-Key": facts["api_key"]}
        )
        assert status == 200
        assert len(body["data"]) == 10
        assert "simulated" not in body["meta"]
    finally:
        live.end()
        exchange.end()


def test_an_exchange_whose_certificate_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    exchange = Exchange(tmp_path / "exchange", options=("--symbols", "2", "--tls-dir", str(tmp_path / "tls")))
    live = start(tmp_path, exchange)
    try:
        until(lambda: "CERTIFICATE_VERIFY_FAILED" in live.written(), "the certificate to be refused")
    finally:
        live.end()
        exchange.end()


def test_a_folder_of_simulated_data_refuses_a_live_feed(tmp_path: Path) -> None:
    exchange = Exchange(tmp_path / "exchange", options=("--symbols", "2"))
    demo = Process(["-m", "livermore", "--demo"], tmp_path, {}, "demo")
    try:
        until((tmp_path / ".livermore" / "demo-exchange.json").exists, f"the demo to be up; {demo.log}")
    finally:
        demo.end()
    live = start(tmp_path, exchange, LIVERMORE_LOCAL_FOLDER=str(tmp_path / ".livermore"))
    try:
        assert live.wait(30) == 69
        assert "these stores hold simulated data" in live.written()
    finally:
        live.end()
        exchange.end()
