"""nginx with the configuration of docs/nginx.conf, on loopback and ports of its own."""

import re
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from core.jobs.certificates import temporary_security
from tests.support.cluster.server import Server
from tests.support.serve import ROOT, free_port, wait_until

NAME = "lab.example.org"
_OWN = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {ours}
}}
"""


def find_nginx() -> str | None:
    """Return the program, None where it is not installed."""
    return shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@contextmanager
def nginx_before(url: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Serve what is at `url` behind nginx, as docs/nginx.conf says; yield the ports of http and https."""
    program = find_nginx()
    assert program is not None
    plain, secure = free_port(), free_port()
    made = temporary_security()
    for name, content in (("certificate.pem", made.tls_ca_file), ("key.pem", made.tls_client_key)):
        (folder / name).write_text(content)
    ours = (ROOT / "docs" / "nginx.conf").read_text()
    for ours_is, here in {
        "127.0.0.1:8501": urlsplit(url).netloc,
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        f"/etc/ssl/certs/{NAME}.pem": str(folder / "certificate.pem"),
        f"/etc/ssl/private/{NAME}.key": str(folder / "key.pem"),
    }.items():
        assert ours.count(ours_is) == 1, f"docs/nginx.conf does not say {ours_is!r} once"
        ours = ours.replace(ours_is, here)
    # Whoever starts this as root: the files are for a lesser user.
    folder.chmod(0o755)
    configuration = folder / "nginx.conf"
    configuration.write_text(_OWN.format(folder=folder, ours=re.sub(r"^", "    ", ours, flags=re.M)))
    command = [program, "-p", folder, "-c", configuration, "-e", "stderr"]

    def answers() -> bool:
        try:
            ssl.get_server_certificate(("127.0.0.1", secure), timeout=2)
        except OSError:
            return False
        return True

    with Server(command, folder / "nginx.log", answers):
        wait_until(answers, 10, "nginx")
        yield plain, secure
