import base64
import json
import ssl
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.credentials import AccessToken
from azure.storage.blob import BlobServiceClient, ContainerClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT, ACCOUNT_KEY, AzureContainer, emulator

TENANT = "ab1f708d-50f6-404c-a006-d71b2ac7a606"
PRINCIPAL = "23657296-5cd5-45b0-a809-d972a7f4dfe1"
CLIP = "videos/brushwork/Ferien 1.mp4"


def ask(
    url: str, method: str, data: bytes | None = None, *, trust: ssl.SSLContext | None = None
) -> int:
    """The HTTP status that someone outside gets, who has nothing but the link."""
    headers = {"x-ms-blob-type": "BlockBlob"} if method == "PUT" else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, context=trust) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def elsewhere(link: str, name: str, query: str = "") -> str:
    """The same token on another object's address."""
    container, _, token = link.partition("/videos/")
    return f"{container}/{name}?{token.partition('?')[2]}{query}"


def test_a_link_adds_its_one_file(azure_container: AzureContainer) -> None:
    store = azure_container.store()
    assert ask(store.upload_link(CLIP, hours=1), "PUT", b"film") == 201
    assert store.read(CLIP) == b"film"


def test_a_link_is_of_the_store_s_prefix(azure_container: AzureContainer) -> None:
    link = azure_container.store("team").upload_link(CLIP, hours=1)
    assert ask(link, "PUT", b"film") == 201
    assert azure_container.store().read(f"team/{CLIP}") == b"film"


def test_a_link_replaces_reads_lists_and_deletes_nothing(azure_container: AzureContainer) -> None:
    store = azure_container.store()
    link = store.upload_link(CLIP, hours=1)
    assert ask(link, "PUT", b"film") == 201
    for method, data in (("PUT", b"another"), ("GET", None), ("HEAD", None), ("DELETE", None)):
        assert ask(link, method, data) == 403, method
    listing = elsewhere(link, "", "&restype=container&comp=list").replace("/?", "?")
    assert ask(listing, "GET") == 403
    assert ask(f"{link}&comp=metadata", "PUT") == 403
    assert store.read(CLIP) == b"film"


@pytest.mark.parametrize(
    "name",
    [
        "videos/brushwork/other.mp4",
        "videos/ink/Ferien%201.mp4",
        "styles/ink.jpg",
        "styled/brushwork/Ferien%201.mp4",
        "rejected/brushwork/Ferien%201.mp4.json",
        "videos/brushwork/Ferien%201.mp4/more.mp4",
    ],
)
def test_a_link_opens_nothing_else(azure_container: AzureContainer, name: str) -> None:
    link = azure_container.store().upload_link(CLIP, hours=1)
    assert ask(elsewhere(link, name), "PUT", b"film") == 403
    assert azure_container.store().list() == []


def test_a_link_ends(azure_container: AzureContainer) -> None:
    link = azure_container.store().upload_link(CLIP, hours=0.5 / 3600)
    time.sleep(1.5)
    assert ask(link, "PUT", b"film") == 403


@pytest.mark.parametrize("hours", [0, -1, 169])
def test_a_link_holds_for_a_week_at_most(azure_container: AzureContainer, hours: float) -> None:
    wrong = f"a link can hold for up to 168 hours, not {hours}"
    with pytest.raises(StoreError, match=f"^{wrong}$"):
        azure_container.store().upload_link(CLIP, hours=hours)


def test_a_link_to_read_opens_one_object_and_changes_nothing(
    azure_container: AzureContainer,
) -> None:
    store = azure_container.store()
    store.write(CLIP, b"film")
    store.write("videos/other.mp4", b"other")
    link = store.download_link(CLIP, hours=1)
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"film"
    assert ask(link, "PUT", b"x") == 403
    assert ask(link, "DELETE") == 403
    assert ask(elsewhere(link, "videos/other.mp4"), "GET") == 403
    assert store.read(CLIP) == b"film"


@pytest.mark.parametrize("name", ["", "../ops/x", "videos//x.mp4", "videos/a\nb.mp4"])
def test_a_link_is_to_an_object(azure_container: AzureContainer, name: str) -> None:
    with pytest.raises(StoreError, match="is not the name of an object"):
        azure_container.store().upload_link(name, hours=1)


def test_a_link_to_a_folder_needs_an_account_that_knows_folders(
    azure_container: AzureContainer,
) -> None:
    with pytest.raises(StoreError, match=r"no hierarchical namespace.*ask for a link to one file"):
        azure_container.store().upload_folder_link("videos/brushwork", hours=1)


def test_a_link_to_a_folder_adds_below_it_and_no_more(
    azure_container: AzureContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is signed: the emulator has no hierarchical namespace to enter with it."""
    monkeypatch.setattr(
        BlobServiceClient, "get_account_information", lambda client: {"is_hns_enabled": True}
    )
    link = azure_container.store("team").upload_folder_link("videos/brushwork", hours=1)
    assert urlsplit(link).path.endswith(f"/{azure_container.name}/team/videos/brushwork")
    signed = parse_qs(urlsplit(link).query)
    assert (signed["sr"], signed["sdd"], signed["sp"]) == (["d"], ["3"], ["c"])


def test_there_are_no_links_to_a_local_folder(tmp_path: Path) -> None:
    store = Store(url=tmp_path.as_uri())
    for link in (store.upload_link, store.upload_folder_link):
        with pytest.raises(StoreError, match="is a folder: there are links to containers only"):
            link("videos/brushwork", hours=1)


def test_a_token_makes_no_further_token(azure_container: AzureContainer) -> None:
    token = azure_container.sas_token("read", "list", "write", "create", "delete")
    store = Store(url=azure_container.url, endpoint=azure_container.endpoint, sas_token=token)
    for link in (store.upload_link, store.upload_folder_link):
        with pytest.raises(StoreError, match="a token cannot make another one: enter with") as said:
            link("videos/brushwork", hours=1)
        assert "sig=" not in str(said.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine for itself, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path.with_name("key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture(scope="module")
def secure_endpoint(certificate: Path) -> Iterator[str]:
    """An emulator with TLS, which takes the bearer tokens of identities."""
    tls = ["--cert", str(certificate), "--key", str(certificate.with_name("key.pem"))]
    with emulator("--oauth", "basic", *tls) as endpoint:
        yield endpoint


class Identity:
    """In the place of azure-identity's: gives what Entra would, signed by nobody."""

    def get_token(self, *_: object, **__: object) -> AccessToken:
        now = int(time.time())
        claims = {
            "aud": "https://storage.azure.com",
            "iss": f"https://sts.windows-ppe.net/{TENANT}/",
            "nbf": now - 60,
            "iat": now - 60,
            "exp": now + 3600,
            "oid": PRINCIPAL,
            "tid": TENANT,
        }
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
        token = b".".join(part.rstrip(b"=") for part in (*encoded, b"bm9ib2R5"))
        return AccessToken(token.decode(), now + 3600)


def test_an_identity_signs_links_without_any_account_key(
    secure_endpoint: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Identity)
    trust = ssl.create_default_context(cafile=str(certificate))
    with ContainerClient(secure_endpoint, "media", ACCOUNT_KEY) as client:
        client.create_container()
        link = Store(url=f"az://{ACCOUNT}/media", endpoint=secure_endpoint).upload_link(
            CLIP, hours=1
        )
        signed = parse_qs(urlsplit(link).query)
        assert (signed["skoid"], signed["spr"]) == (
            [PRINCIPAL],
            ["https"],
        )
        other = elsewhere(link, "videos/brushwork/other.mp4")
        assert [ask(url, "PUT", b"film", trust=trust) for url in (other, link, link)] == [
            403,
            201,
            403,
        ]
        assert list(client.list_blob_names()) == [CLIP]
