"""Throw-away certificates."""

import ssl
import time
from datetime import UTC, datetime, timedelta

from cryptography import x509

from livermore.simulator.tls import make_certificates


def test_the_authority_vouches_for_the_server_and_for_this_host_only(tmp_path):
    files = make_certificates(tmp_path / "tls", time.time_ns() // 1_000_000)
    authority, server = (x509.load_pem_x509_certificate(f.read_bytes()) for f in (files.authority, files.certificate))
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_certificates_hold_from_the_day_before_for_a_month(tmp_path):
    files = make_certificates(tmp_path, 1_786_309_548_000)
    server = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    now = datetime.fromtimestamp(1_786_309_548, UTC)
    assert server.not_valid_before_utc == now - timedelta(days=1)
    assert server.not_valid_after_utc == now + timedelta(days=29)


def test_the_key_is_for_its_owner_alone_and_fits_the_certificate(tmp_path):
    files = make_certificates(tmp_path, time.time_ns() // 1_000_000)
    assert files.key.stat().st_mode & 0o077 == 0
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.certificate, files.key)


def test_making_them_again_replaces_them(tmp_path):
    first = make_certificates(tmp_path, 1_786_309_548_000).certificate.read_bytes()
    assert make_certificates(tmp_path, 1_786_309_548_000).certificate.read_bytes() != first
