"""A certificate authority of the tests' own, and servers' certificates that are right or wrong in one thing each."""

from __future__ import annotations

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
_DAY = timedelta(days=1)


@cache
def authority() -> trustme.CA:
    """The authority that clients trust."""
    return trustme.CA()


@cache
def _wrong(which: str) -> trustme.LeafCert:
    now = datetime.now(UTC)
    if which == "wrong host":
        return authority().issue_cert("service.example")
    if which == "expired":
        return authority().issue_cert(HOST, not_before=now - 9 * _DAY, not_after=now - _DAY)
    if which == "not yet valid":
        return authority().issue_cert(HOST, not_before=now + _DAY, not_after=now + 9 * _DAY)
    if which == "unknown authority":
        return trustme.CA().issue_cert(HOST)
    if which == "localhost":
        return authority().issue_cert("localhost")
    assert which == "right"
    return authority().issue_cert(HOST)


@cache
def _self_signed() -> trustme.LeafCert:
    """A certificate that vouches for itself; trustme makes none."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return trustme.LeafCert(private, certificate.public_bytes(serialization.Encoding.PEM), [])


def server_context(which: str = "right") -> ssl.SSLContext:
    """What a server shows: a certificate that is `right`, for `localhost`, `self-signed`, `expired` and so on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (_self_signed() if which == "self-signed" else _wrong(which)).configure_cert(context)
    return context


def outdated_context(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A server that speaks nothing newer than some version of TLS."""
    context = server_context()
    with warnings.catch_warnings():
        # Python says of these versions what this is about.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
    return context


def client_context() -> ssl.SSLContext:
    """What a client takes that trusts the authority."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


def careless_context() -> ssl.SSLContext:
    """What a client takes that would speak even the oldest versions."""
    context = client_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context
