"""Certificates for workers, so that nobody else can hand them work.

Whoever can speak to a Dask scheduler can run any code as its user, and any local user can reach its port.
For a scheduler elsewhere `python -m core.jobs.certificates FOLDER` makes the three files.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

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


def write_certificates(folder: Path) -> dict[str, Path]:
    """Write a fresh key and its certificate into a folder, for all roles of one cluster.

    Returns
    -------
    dict of str to Path
        The files, by the variable that names them to the app.

    Raises
    ------
    OSError
        If that cannot be done, or there are such files already.
    """
    made = temporary_security()
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "ca": made.tls_ca_file,
        "cert": made.tls_client_cert,
        "key": made.tls_client_key,
    }
    files = {f"DIGITLAB_TLS_{name.upper()}_FILE": folder / f"{name}.pem" for name in contents}
    for path, content in zip(files.values(), contents.values(), strict=True):
        # Nobody else may read the key, not for a moment either.
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
    return files


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


if __name__ == "__main__":
    for variable, path in write_certificates(Path(sys.argv[1]).absolute()).items():
        print(f"{variable}={path}")
