"""A small OpenID provider: authorization codes with PKCE, for one person who says yes at once."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from pipeline_kit_tests.http_server import serving

CLIENT_ID, CLIENT_SECRET = "studio", "a secret of the test's"
REGISTERED = ("http://127.0.0.1/signin/callback", "https://studio.example.org/signin/callback")
"""Where it sends people back to; on this machine to any port."""


@dataclass
class Person:
    """Who signs in, and what the provider does wrong about it."""

    subject: str = "ann"
    claims: dict[str, Any] = field(default_factory=dict)
    is_forged: bool = False
    """Signed by a key that is not the provider's."""
    says_no: bool = False


class OpenIdProvider(ThreadingHTTPServer):
    """At `issuer`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.person = Person()
        self.key, self.other_key = (
            RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
            for _ in range(2)
        )
        self.codes: dict[str, dict[str, str]] = {}
        self.metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the person is sent."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        back = urlsplit(asked["redirect_uri"])
        host = back.hostname if back.hostname == "127.0.0.1" else back.netloc
        assert f"{back.scheme}://{host}{back.path}" in REGISTERED
        answer = {"state": asked["state"]}
        if self.person.says_no:
            answer["error"] = "access_denied"
        else:
            answer["code"] = token_urlsafe()
            self.codes[answer["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """For a code, once, to who knows the secret and began it."""
        begun = self.codes.pop(asked.get("code", ""), None)
        secret = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        verifier = sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if authorization != f"Basic {secret}":
            return 401, {"error": "invalid_client"}
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            **{"iss": self.issuer, "sub": self.person.subject, "aud": CLIENT_ID},
            **{"iat": now, "exp": now + 300, "nonce": begun["nonce"]},
            **self.person.claims,
        }
        key = self.other_key if self.person.is_forged else self.key
        id_token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, key)
        return 200, {"access_token": token_urlsafe(), "token_type": "Bearer", "id_token": id_token}


class _Handler(BaseHTTPRequestHandler):
    server: OpenIdProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.server.authorize(dict(parse_qsl(parts.query))))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts.path == "/keys":
            self._answer(200, {"keys": [self.server.key.as_dict(private=False)]})
        else:
            assert parts.path == "/.well-known/openid-configuration"
            self._answer(200, self.server.metadata)

    def do_POST(self) -> None:
        assert self.path == "/token"
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = self.headers.get("Authorization", "")
        self._answer(*self.server.token(dict(parse_qsl(body)), given))

    def _answer(self, status: int, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    with serving(OpenIdProvider()) as server:
        yield server
