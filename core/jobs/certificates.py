"""Certificates for the embedded workers, so that nobody else on this machine can hand them work.

Whoever can speak to a Dask scheduler can run any code as its user, and any local user can reach its port.
"""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from distributed import Security

# Whatever becomes of the clock: a worker that starts anew must find the certificate valid.
_VALID = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def temporary_security() -> Security:
    """Return a fresh key with a certificate that only it has signed, for all roles of one cluster.

    They exist in memory only: Dask hands them to its workers through the pipe by which it starts them.
    `Security.temporary` does the same with an RSA key, which takes 0.3 s to find, valid from now on
    for a year: a clock set back would keep workers from starting again.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "digitlab-workers")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID[0])
        .not_valid_after(_VALID[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return _security(certificate, certificate, secret)


def security_from_files(ca_file: str, cert_file: str, key_file: str) -> Security:
    """Return what these PEM files prove to a scheduler elsewhere, and ask of it."""
    return _security(ca_file, cert_file, key_file)


def _security(ca: str, certificate: str, key: str) -> Security:
    roles = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=ca,
        **{f"tls_{role}_cert": certificate for role in roles},
        **{f"tls_{role}_key": key for role in roles},
    )
