"""The deployment files, held against their schemas and the program they start; nginx's against a real nginx."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import kubernetes_validate
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.sync.client import connect

from engine.server.settings import ROLES
from tests.engine.server.harness import free_port, program
from tests.services import Postgres

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "packaging" / "server"
COMPOSE = ROOT / "packaging" / "compose.yaml"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
OLDEST_CLUSTER = "1.30"


def manifests() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((SERVER / "kubernetes").glob("*.yaml")):
        found += [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]
    return found


def test_the_compose_file_is_one() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("manifest", manifests(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_manifest_is_what_its_kind_says(manifest: dict[str, Any]) -> None:
    assert kubernetes_validate.validate(manifest, OLDEST_CLUSTER, strict=True)


def test_a_wrong_manifest_would_be_found() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": "many"}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, OLDEST_CLUSTER, strict=True)


def test_every_role_that_is_deployed_is_one_of_the_server() -> None:
    composed = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    told = [each["command"][-1] for each in composed.values() if "--role" in each.get("command", ())]
    pods = [each["spec"]["template"]["spec"] for each in manifests() if each["kind"] in ("Deployment", "StatefulSet")]
    told += [pod["containers"][0]["args"][-1] for pod in pods]

    assert set(told) == {"core", "api", "ws"} <= set(ROLES)


def test_every_file_that_is_named_is_there() -> None:
    composed = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    configs = [COMPOSE.parent / each["file"] for each in composed["configs"].values()]
    dockerfile = (SERVER / "Dockerfile").read_text(encoding="utf-8")
    copied = [
        ROOT / each for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M) for each in line.split()
    ]

    assert [path for path in (*configs, *copied) if not path.exists()] == []


@pytest.mark.integration
def test_the_servers_database_user_is_no_superuser(postgres: Postgres, tmp_path: Path) -> None:
    composed = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["postgres"]
    assert "POSTGRES_USER" not in composed["environment"], "it would be a superuser"
    told = (SERVER / "postgres" / "crs.sql").read_text(encoding="utf-8")
    for shipped, here in (
        ("/run/secrets/postgres_password", str(tmp_path / "word")),
        ("ROLE crs ", "ROLE deployed "),  # the tests' own superuser is called crs
        ("CREATE DATABASE crs OWNER crs", "CREATE DATABASE deployed OWNER deployed"),
        ("DATABASE crs FROM", "DATABASE deployed FROM"),
    ):
        assert shipped in told, shipped
        told = told.replace(shipped, here)
    (tmp_path / "word").write_text("it's a word")
    (tmp_path / "crs.sql").write_text(told)
    try:
        command = ["psql", "-v", "ON_ERROR_STOP=1", "-f", str(tmp_path / "crs.sql"), postgres.url()]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr
        may = postgres.execute(
            "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'deployed'"
        )
        owned = postgres.execute("SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = 'deployed'")
    finally:
        postgres.drop("deployed")
        postgres.execute("DROP ROLE IF EXISTS deployed")

    assert may == [(True, False, False, False)]
    assert owned == [("deployed",)]


def test_the_entrypoint_is_a_script_that_the_shell_understands() -> None:
    said = subprocess.run(["/bin/sh", "-n", str(SERVER / "entrypoint.sh")], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = tmp_path / "crs-server.service"
    text = (SERVER / "systemd" / "crs-server.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/crs/bin/crs", sys.executable), encoding="utf-8")

    said = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)

    assert [line for line in said.stderr.splitlines() if "crs-server.service" in line] == []


def certificate(where: Path) -> Path:
    """Make a certificate for 127.0.0.1 and its key; return the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (where / "tls.key").write_bytes(private)
    (where / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return where / "tls.crt"


def configured(where: Path, port: int, tls: int, plain: int) -> Path:
    """Write the shipped configuration with this machine's ports and files in place of the containers'."""
    text = (SERVER / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    for shipped, here in (
        ("server api:8080", f"server 127.0.0.1:{port}"),
        ("server ws:8080", f"server 127.0.0.1:{port}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/run/secrets/", f"{where}/"),
        ("/tmp/nginx.pid", f"{where}/nginx.pid"),  # noqa: S108 - the text of the shipped file
        ("http {", f"http {{\n    client_body_temp_path {where}/body; proxy_temp_path {where}/proxy;\n"
         f"    fastcgi_temp_path {where}/f; uwsgi_temp_path {where}/u; scgi_temp_path {where}/s;"),
    ):  # fmt: skip
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    path = where / "nginx.conf"
    path.write_text("daemon off;\nmaster_process off;\n" + text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int, ssl.SSLContext]]:
    """A server behind nginx: the ports of TLS and of plain HTTP, and what trusts its certificate."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    where = tmp_path_factory.mktemp("nginx")
    trust = ssl.create_default_context(cafile=str(certificate(where)))
    tls, plain = free_port(), free_port()
    with program(where / "data") as server:
        conf = configured(where, server.port, tls, plain)
        with (where / "nginx.log").open("wb") as log:
            process = subprocess.Popen([NGINX, "-p", str(where), "-c", str(conf)], stdout=log, stderr=log)
        try:
            wait_for(f"https://127.0.0.1:{tls}/v1/time", trust, where / "nginx.log")
            yield tls, plain, trust
        finally:
            process.terminate()
            process.wait(10)


def wait_for(url: str, trust: ssl.SSLContext, log: Path) -> None:
    for _ in range(100):
        try:
            httpx.get(url, verify=trust)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(log.read_text(errors="replace"))


@pytest.mark.integration
def test_requests_pass_through_nginx_over_tls_and_operators_routes_do_not(
    proxied: tuple[int, int, ssl.SSLContext],
) -> None:
    tls, plain, trust = proxied
    with httpx.Client(base_url=f"https://127.0.0.1:{tls}", verify=trust) as http:
        through, metrics, control = (
            http.get(path).status_code for path in ("/v1/markets", "/metrics", "/control/state")
        )
        secure = http.get("/v1/time").headers.get_list("strict-transport-security")
    in_the_open = httpx.get(f"http://127.0.0.1:{plain}/v1/time")

    assert (through, metrics, control) == (200, 404, 404)
    assert secure == ["max-age=31536000; includeSubDomains"]
    assert (in_the_open.status_code, in_the_open.json()["type"]) == (403, "/problems/https_only")
    assert "location" not in in_the_open.headers


@pytest.mark.integration
def test_nginx_speaks_no_old_tls_and_no_cipher_without_forward_secrecy(
    proxied: tuple[int, int, ssl.SSLContext],
) -> None:
    tls, _, _ = proxied

    def spoken(version: ssl.TLSVersion, ciphers: str) -> str | None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only how it speaks is asked
        with warnings.catch_warnings():  # of versions that nobody should speak
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers)
        with socket.create_connection(("127.0.0.1", tls), timeout=5) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
                    return wrapped.version()
            except (ssl.SSLError, OSError):
                return None

    everything = "ALL:@SECLEVEL=0"
    assert spoken(ssl.TLSVersion.TLSv1_1, everything) is None
    assert spoken(ssl.TLSVersion.TLSv1_2, "AES128-SHA:AES256-GCM-SHA384:@SECLEVEL=0") is None
    assert spoken(ssl.TLSVersion.TLSv1_2, everything) == "TLSv1.2"
    assert spoken(ssl.TLSVersion.TLSv1_3, everything) == "TLSv1.3"


@pytest.mark.integration
def test_a_stream_passes_through_nginx(proxied: tuple[int, int, ssl.SSLContext]) -> None:
    tls, _, trust = proxied
    with connect(f"wss://127.0.0.1:{tls}/v1/ws", ssl=trust) as stream:
        stream.send('{"op":"subscribe","id":1,"channels":["book:BTC/USDT"]}')
        heard = [str(stream.recv(timeout=10)) for _ in range(2)]

    assert any('"ok":true' in each for each in heard)
    assert any('"ch":"book:BTC/USDT"' in each for each in heard)
