"""Signing in at an OpenID provider: authorization code with PKCE, state and nonce, by authlib."""

from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request, Response
from joserfc.errors import JoseError

ASYMMETRIC: Final = ("RS", "PS", "ES", "Ed")
"""What algorithms begin with whose signatures the provider alone can make: `none` is not one."""
SECONDS: Final = 10.0


class NotSignedIn(Exception):
    """The provider, or whoever came from there, is not believed."""


class Provider:
    """The one that calls itself `issuer`."""

    def __init__(self, issuer: str, *, client_id: str, client_secret: str) -> None:
        self.issuer, self._client_id = issuer, client_id
        self._client: Any = OAuth().register(
            "studio",
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "timeout": SECONDS,
                "trust_env": False,
            },
        )

    async def redirect(self, request: Request, *, back: str) -> Response:
        """To where a person signs in, and comes back from. Raises `NotSignedIn`."""
        try:
            await self._check_metadata()
            answer: Response = await self._client.authorize_redirect(request, back)
        except (httpx2.HTTPError, RuntimeError, ValueError) as error:
            raise NotSignedIn(f"{self.issuer} does not answer ({type(error).__name__})") from None
        return answer

    async def subject(self, request: Request) -> str:
        """What the provider calls the person who came back. Raises `NotSignedIn`."""
        wanted = {
            "iss": {"essential": True, "values": [self.issuer]},
            "aud": {"essential": True, "values": [self._client_id]},
            "sub": {"essential": True},
        }
        try:
            await self._check_metadata()
            token = await self._client.authorize_access_token(request, claims_options=wanted)
        except (AuthlibBaseError, JoseError) as error:
            raise NotSignedIn(f"what came back is not believed: {error.error}") from None
        except (httpx2.HTTPError, RuntimeError, ValueError) as error:
            raise NotSignedIn(f"{self.issuer} does not answer ({type(error).__name__})") from None
        if "userinfo" not in token:
            raise NotSignedIn(f"{self.issuer} says not who it was")
        return str(token["userinfo"]["sub"])

    async def _check_metadata(self) -> None:
        metadata = await self._client.load_server_metadata()
        if metadata.get("issuer") != self.issuer:
            raise NotSignedIn(f"{self.issuer} calls itself {metadata.get('issuer')!r}")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [
            each for each in offered if each.startswith(ASYMMETRIC)
        ]
