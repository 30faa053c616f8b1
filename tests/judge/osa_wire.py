"""How OSA's APS controller talks: an HTTP(S) face for look-ups and pushes, and a signed or certified client; stock libraries only."""
import datetime
import ipaddress
import json
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint
from requests_oauthlib import OAuth1


def self_signed(folder, name):
    """A self-signed certificate for loopback; answers the PEM of certificate and key, and the path of a file with both."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    cert = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    cert_pem = cert.public_bytes(serialization.Encoding.PEM).decode()
    key_pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    path = os.path.join(folder, name + ".pem")
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
        f.write(cert_pem + key_pem)
    return cert_pem, key_pem, path


class Validator(RequestValidator):
    """One key and secret; a timestamp and nonce are used once."""

    enforce_ssl = False

    def __init__(self, key, secret):
        super().__init__()
        self.key, self.secret, self.seen = key, secret, set()

    dummy_client = "dummy"
    nonce_length = (1, 128)
    timestamp_lifetime = 300

    def check_client_key(self, key):
        return True

    def check_nonce(self, nonce):
        return 0 < len(nonce) <= 128

    def validate_client_key(self, key, request):
        return key == self.key

    def get_client_secret(self, key, request):
        return self.secret

    def validate_timestamp_and_nonce(self, key, timestamp, nonce, request, request_token=None, access_token=None):
        fresh = (timestamp, nonce) not in self.seen
        self.seen.add((timestamp, nonce))
        return fresh


class Auth:
    """One of the two ways, for both directions."""

    def __init__(self, mode, folder, key="", secret=""):
        self.mode, self.folder, self.key, self.secret = mode, folder, key, secret
        if mode == "mtls":
            self.controller_cert, self.controller_key, self.controller_path = self_signed(folder, "controller")
            self.application_cert, self.application_key, self.application_path = self_signed(folder, "application")
            self.server_cert, self.server_key, self.server_path = self_signed(folder, "server")
            self.trusted = os.path.join(folder, "trusted.pem")
            with open(self.trusted, "w") as f:
                f.write(self.application_cert)
        else:
            self.endpoint = SignatureOnlyEndpoint(Validator(key, secret))

    def scheme(self):
        return "https" if self.mode == "mtls" else "http"

    def credentials(self):
        """What a correct request of the controller carries, as arguments of requests."""
        if self.mode == "mtls":
            return {"cert": self.controller_path, "verify": self.server_path}
        return {"auth": OAuth1(self.key, self.secret)}

    def no_credentials(self):
        return {"verify": self.server_path} if self.mode == "mtls" else {}

    def wrong_credentials(self):
        if self.mode == "mtls":
            return {"cert": self_signed(self.folder, "stranger" + os.urandom(3).hex())[2], "verify": self.server_path}
        return {"auth": OAuth1(self.key, self.secret + "x")}

    def x509(self):
        return {"x509": {"self": self.application_cert + self.application_key, "controller": self.controller_cert}} if self.mode == "mtls" else {}

    def wrap(self, server):
        if self.mode == "mtls":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.controller_path)
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.trusted)
            context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
            # the handshake belongs to the connection's own thread, not to accept()
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)

    def accepts(self, method, url, headers):
        if self.mode == "mtls":
            return True
        valid, _ = self.endpoint.validate_request(url, http_method=method, body=None, headers={k.title(): v for k, v in headers.items() if k.lower() == "authorization"})
        return valid


def serve(auth, answer, address=("127.0.0.1", 0)):
    """Serves `answer(method, path, query, headers, body) -> (status, json, headers)` on a loopback port; answers (server, url)."""

    class Face(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"{auth.scheme()}://{self.headers['Host']}{self.path}"
            path, _, query = self.path.partition("?")
            if not auth.accepts(self.command, url, dict(self.headers)):
                return self.send(*answer("UNSIGNED", path, query, self.headers, None))
            try:
                self.send(*answer(self.command, path, query, self.headers, json.loads(body) if body else None))
            except json.JSONDecodeError:
                self.send(400, {"error": "Bad", "message": "not JSON"})

        do_GET = do_PUT = do_POST = do_DELETE = do

        def send(self, status, payload=None, headers=None):
            text = b"" if payload is None else json.dumps(payload).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(address, Face)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    auth.wrap(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"{auth.scheme()}://127.0.0.1:{server.server_address[1]}/"


def send(auth, method, url, headers, body=None, how=None, raw=None, timeout=30):
    """One request of the controller. `how` replaces the credentials, `raw` the JSON body."""
    data = raw if raw is not None else (None if body is None else json.dumps(body))
    headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    return requests.request(method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False, **(auth.credentials() if how is None else how))
