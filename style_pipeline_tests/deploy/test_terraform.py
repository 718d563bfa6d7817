import inspect
import re
from datetime import datetime

import dagster as dg
import pytest
from dagster._daemon import sensor
from dagster._daemon.monitoring import run_monitoring

from pipeline_kit.execution import starting
from scoring_service.films import RECORDS
from sensor_pipeline.readings.names import FOLDER, arrival_of, hub_of
from style_pipeline.intake import names, paintings
from style_pipeline.sensors.new_videos import new_videos
from style_pipeline_tests.deploy.terraform import DEPLOY, TEXT, blocks, local_values, resources


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
    # It signs links, and opens nothing by itself.
    links = scopes.pop("azurerm_role_assignment.studio_links")
    assert "azurerm_storage_account" in links
    assert scopes
    assert all("azurerm_storage_container.this[" in scope for scope in scopes.values()), scopes


def test_who_drops_videos_is_let_into_media_alone_and_no_pod_can_change_what_was_dropped() -> None:
    grants = local_values()["grants"]
    assert grants["media"] == {"media": ["*"]}
    assert set(local_values()["containers"]) == {"media", "ops", "logs"}
    for who in ("services", "cpu", "gpu", "sensors", "faq", "scoring"):
        changed = {pattern.split("/")[0] for pattern in grants[who].get("media", [])}
        assert not changed & {"*", names.FOLDER, paintings.FOLDER, "readings", "detectors", "faq"}
    assert "styled/*" not in grants["gpu"]["media"]


def test_the_plan_s_own_test_has_every_role_and_which_are_bound_to_folders() -> None:
    """Terraform, which runs that test, is not at hand everywhere."""
    plan = (DEPLOY / "terraform" / "tests" / "plan.tftest.hcl").read_text()
    roles = {
        f"{who}-{container}": changes
        for who, containers in local_values()["grants"].items()
        for container, changes in containers.items()
    }
    bound = {role for role, changes in roles.items() if changes and "*" not in changes}
    listed = re.search(r"condition != null\s*\]\) == toset\(\[(.*?)\]\)", plan, re.DOTALL)
    assert listed
    assert set(re.findall(r'"([\w-]+)"', listed[1])) == bound
    assert set(re.findall(r"^ *([\w-]+) += \"Storage Blob Data", plan, re.MULTILINE)) == set(roles)


def test_a_studio_adds_videos_and_records_and_its_page_alone_reaches_the_account() -> None:
    (declared,) = (block["studio"] for block in blocks("variable") if "studio" in block)
    assert declared["default"] is False
    local = local_values()["studio"]
    assert f'"{names.FOLDER}/*"' in local
    assert f'"{RECORDS}/*"' in local
    assert all("var.studio" in each for each in (local, TEXT.partition("cors_rule")[2][:200]))
    rule = resources("azurerm_storage_account")["azurerm_storage_account.this"]
    cors = rule["blob_properties"][0]["dynamic"][0]["cors_rule"]
    assert "service_host" in str(cors["for_each"])
    content = cors["content"][0]
    assert content["allowed_methods"] == ["PUT"]
    assert set(content["allowed_headers"]) == {"content-type", "x-ms-blob-type"}


def test_the_lifecycle_rules_touch_work_files_and_logs_and_no_models() -> None:
    policy = resources("azurerm_storage_management_policy")["azurerm_storage_management_policy.ops"]
    prefixes = [rule["filters"][0]["prefix_match"] for rule in policy["rule"]]
    assert prefixes == [["ops/work/"], ["logs/"]]


def default(variable: str) -> object:
    (declared,) = (block[variable] for block in blocks("variable") if variable in block)
    return declared["default"]


def test_no_gpu_node_waits_for_work_unless_that_is_asked_for() -> None:
    pools = resources("azurerm_kubernetes_cluster_node_pool")
    pool = pools["azurerm_kubernetes_cluster_node_pool.gpu"]
    assert pool["auto_scaling_enabled"] is True
    assert (pool["min_count"], default("gpu_min_nodes")) == ("${var.gpu_min_nodes}", 0)


def test_no_node_for_sensors_waits_between_two_hours_unless_that_is_asked_for() -> None:
    pools = resources("azurerm_kubernetes_cluster_node_pool")
    pool = pools["azurerm_kubernetes_cluster_node_pool.sensors"]
    assert pool["auto_scaling_enabled"] is True
    assert (pool["min_count"], default("sensor_min_nodes")) == ("${var.sensor_min_nodes}", 0)


def test_an_event_hub_is_off_and_captures_to_where_readings_are_looked_for() -> None:
    assert default("event_hubs") is False
    found = {
        **resources("azurerm_eventhub"),
        **resources("azurerm_eventhub_namespace"),
        **{
            address: role
            for address, role in resources("azurerm_role_assignment").items()
            if address.endswith(".capture")
        },
    }
    assert len(found) == 3
    assert {each["count"] for each in found.values()} == {"${var.event_hubs ? 1 : 0}"}
    assert found["azurerm_eventhub_namespace.this"]["local_authentication_enabled"] is False
    capture = found["azurerm_eventhub.readings"]["capture_description"][0]
    form = capture["destination"][0]["archive_name_format"]
    name = form
    for word, value in {
        "Namespace": "ns",
        "EventHub": "readings",
        "PartitionId": "3",
        "Year": "2026",
        "Month": "03",
        "Day": "01",
        "Hour": "10",
        "Minute": "05",
        "Second": "07",
    }.items():
        name = name.replace(f"{{{word}}}", value)
    assert name.startswith(f"{FOLDER}/")
    assert arrival_of(f"{name}.avro") == datetime(2026, 3, 1, 10, 5, 7)
    assert hub_of(f"{name}.avro") == "readings/ns/readings/3"


def test_regular_gpu_nodes_are_off_and_take_what_spot_nodes_take_but_for_the_spot_taint() -> None:
    pools = resources("azurerm_kubernetes_cluster_node_pool")
    spot = pools["azurerm_kubernetes_cluster_node_pool.gpu"]
    regular = pools["azurerm_kubernetes_cluster_node_pool.gpu_fallback"]
    assert default("gpu_fallback") is False
    assert regular["count"] == "${var.gpu_fallback ? 1 : 0}"
    assert regular["min_count"] == 0
    for same in ("vm_size", "vnet_subnet_id", "host_encryption_enabled", "os_disk_type"):
        assert regular[same] == spot[same]
    assert regular["node_labels"] == {"style-pipeline/pool": "gpu"}
    assert regular["node_taints"] == ["${local.gpu_taint}"]


def test_alerts_look_for_words_that_are_printed() -> None:
    """The three kinds of lost runs, the runs' own word, and each look of the sensor."""
    printed = "".join(
        inspect.getsource(module) for module in (run_monitoring, sensor, starting, new_videos)
    )
    printed += " ".join(event.value for event in dg.DagsterEventType)
    alerts = local_values()["alerts"]
    words = re.findall(r"'([^']+)'", alerts["run-failed"]["query"].partition("has_any")[2])
    assert len(words) == 4
    for word in words:
        assert word in printed.replace("PIPELINE_FAILURE", "RUN_FAILURE"), word
    looks, _, name = re.findall(r"has '([^']+)'", alerts["daemon-stopped"]["query"])[0].rpartition(
        " "
    )
    assert looks in printed
    assert name == new_videos.name


def test_no_secret_is_written_down() -> None:
    assigned = re.findall(r"^\s*\w*(?:password|secret|token|key)\w*\s*=\s*\"[^$\"]", TEXT, re.M)
    assert not assigned
