"""The application as a whole."""

from typing import Any

from scoring_service_tests.serving import Asked


def test_its_documentation_has_an_example_of_every_request(asked: Asked) -> None:
    told: dict[str, Any] = asked.get("/openapi.json").json()
    assert set(told["paths"]) == {
        "/livez",
        "/readyz",
        "/version",
        "/metrics",
        "/v1/faq/match",
        "/score",
        "/v1/images/classify",
        "/v1/images/styles",
        "/v1/images/stylize",
        "/v1/films",
        "/v1/films/{id}",
        "/v1/films/{id}/film",
        "/v1/films/{id}/frame",
        "/v1/films/{id}/style",
        "/v1/films/{id}/sheet",
    }
    for path in ("/v1/faq/match", "/score", "/v1/films"):
        body = told["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        model = told["components"]["schemas"][body["$ref"].rpartition("/")[2]]
        required = [model["properties"][name] for name in model["required"]]
        assert all(each.get("examples") for each in required)
    for path in ("/v1/images/classify", "/v1/images/stylize"):
        kinds = told["paths"][path]["post"]["requestBody"]["content"]
        assert set(kinds) == {"image/jpeg", "image/png", "image/webp"}


def test_an_answer_to_a_wrong_request_does_not_repeat_it(asked: Asked) -> None:
    answer = asked.post("/v1/faq/match", json={"question": ["4111 1111"], "top": "4111"})
    assert answer.status_code == 422
    assert "4111" not in answer.text
