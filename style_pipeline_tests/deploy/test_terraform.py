import re

import pytest

from style_pipeline.intake import paintings, videos
from style_pipeline_tests.deploy.terraform import TEXT, blocks, local_values, resources


@pytest.mark.parametrize(("kind", "prefix"), [("variable", "var"), ("locals", "local")])
def test_every_variable_and_local_value_is_declared_and_used(kind: str, prefix: str) -> None:
    declared = {name for block in blocks(kind) for name in block}
    used = set(re.findall(rf"\b{prefix}\.(\w+)", TEXT))
    assert declared == used


def test_every_resource_that_is_spoken_of_is_declared() -> None:
    spoken_of = set(re.findall(r"(?<!data\.)\b((?:azurerm|random)_\w+\.\w+)", TEXT))
    ephemeral = {
        f"{kind}.{name}" for block in blocks("ephemeral") for kind in block for name in block[kind]
    }
    assert spoken_of - {"azurerm_client_config.current"} <= set(resources()) | ephemeral


def test_storage_is_closed_encrypted_on_the_way_and_entered_by_identity_alone() -> None:
    account = resources("azurerm_storage_account")["azurerm_storage_account.this"]
    assert account["min_tls_version"] == "TLS1_2"
    assert account["https_traffic_only_enabled"] is True
    assert account["allow_nested_items_to_be_public"] is False
    assert account["shared_access_key_enabled"] is False
    assert account["network_rules"][0]["default_action"] == "Deny"
    assert local_values()["stores"]["ops"]["open_to"] == []


def test_roles_on_blobs_are_given_on_containers_and_never_on_accounts() -> None:
    scopes = {
        name: role["scope"]
        for name, role in resources("azurerm_role_assignment").items()
        if "Blob" in role["role_definition_name"]
        or "each.value.role" in role["role_definition_name"]
        or "local.write" in role["role_definition_name"]
    }
    assert scopes
    assert all("azurerm_storage_container.this[" in scope for scope in scopes.values()), scopes


def test_who_drops_videos_is_let_into_media_alone_and_no_pod_can_change_what_was_dropped() -> None:
    grants = local_values()["grants"]
    assert grants["media"] == {"media": ["*"]}
    assert set(local_values()["containers"]) == {"media", "ops", "logs"}
    for who in ("services", "cpu", "gpu"):
        changed = {pattern.split("/")[0] for pattern in grants[who]["media"]}
        assert not changed & {"*", videos.FOLDER, paintings.FOLDER}
    assert "styled/*" not in grants["gpu"]["media"]


def test_the_lifecycle_rules_touch_work_files_and_logs_and_no_models() -> None:
    policy = resources("azurerm_storage_management_policy")["azurerm_storage_management_policy.ops"]
    prefixes = [rule["filters"][0]["prefix_match"] for rule in policy["rule"]]
    assert prefixes == [["ops/work/"], ["logs/"]]


def test_no_gpu_node_waits_for_work() -> None:
    pool = resources("azurerm_kubernetes_cluster_node_pool")[
        "azurerm_kubernetes_cluster_node_pool.gpu"
    ]
    assert pool["auto_scaling_enabled"] is True
    assert pool["min_count"] == 0


def test_no_secret_is_written_down() -> None:
    assigned = re.findall(r"^\s*\w*(?:password|secret|token|key)\w*\s*=\s*\"[^$\"]", TEXT, re.M)
    assert not assigned
