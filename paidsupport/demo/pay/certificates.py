"""Certificates of an authority of our own, with which stand-ins sign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS = 3650


class Signer:
    """An authority, and a certificate for one name that it has signed.

    Attributes:
        root: The authority's own certificate.
        leaf: The certificate for the name.
    """

    def __init__(self, name: str = "messageverificationcerts.paypal.com") -> None:
        authority, self._key = (generate_private_key(65537, 2048) for _ in range(2))
        self.root = _made("Test authority", authority, "Test authority", authority)
        self.leaf = _made(name, self._key, "Test authority", authority)

    @property
    def pem(self) -> bytes:
        """The certificate, and after it that of its authority."""
        return self.leaf.public_bytes(Encoding.PEM) + self.root.public_bytes(Encoding.PEM)

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        return self._key.sign(message, PKCS1v15(), SHA256())


def _made(name: str, key: RSAPrivateKey, issuer: str, by: RSAPrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    is_root = key is by
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(_usage(is_root=is_root), critical=True)
    )
    if not is_root:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return builder.sign(by, SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
