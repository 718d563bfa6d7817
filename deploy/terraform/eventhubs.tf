# Readings: an event hub, whose events Capture writes into the media account as Avro. Off by default.
resource "azurerm_eventhub_namespace" "this" {
  count = var.event_hubs ? 1 : 0

  name                          = "evhns-${local.unique}"
  resource_group_name           = azurerm_resource_group.this.name
  location                      = var.location
  sku                           = "Standard" # the least that captures
  capacity                      = 1
  auto_inflate_enabled          = true
  maximum_throughput_units      = 10
  local_authentication_enabled  = false
  minimum_tls_version           = "1.2"
  public_network_access_enabled = length(var.media_ip_ranges) > 0

  identity {
    type = "SystemAssigned"
  }

  network_rulesets {
    default_action                 = "Deny"
    public_network_access_enabled  = length(var.media_ip_ranges) > 0
    trusted_service_access_enabled = true

    ip_rule = [
      for range in var.media_ip_ranges : { ip_mask = trimsuffix(range, "/32"), action = "Allow" }
    ]
  }
}

resource "azurerm_eventhub" "readings" {
  count = var.event_hubs ? 1 : 0

  name              = "readings"
  namespace_id      = azurerm_eventhub_namespace.this[0].id
  partition_count   = var.event_hub_partitions
  message_retention = 1

  capture_description {
    enabled             = true
    encoding            = "Avro"
    interval_in_seconds = 300
    size_limit_in_bytes = 314572800
    skip_empty_archives = true

    destination {
      name                = "EventHubArchive.AzureBlockBlob"
      archive_name_format = "readings/{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}"
      blob_container_name = azurerm_storage_container.this["media"].name
      storage_account_id  = azurerm_storage_account.this["media"].id
    }
  }

  depends_on = [azurerm_role_assignment.capture]
}

# What Capture may do: add files to the media container, and nothing elsewhere.
resource "azurerm_role_assignment" "capture" {
  count = var.event_hubs ? 1 : 0

  scope                = azurerm_storage_container.this["media"].id
  role_definition_name = local.write
  principal_id         = azurerm_eventhub_namespace.this[0].identity[0].principal_id
  principal_type       = "ServicePrincipal"
}

# Who may send readings: operators, until devices have identities of their own.
resource "azurerm_role_assignment" "operators_readings" {
  for_each = var.event_hubs ? local.operators : toset([])

  scope                = azurerm_eventhub_namespace.this[0].id
  role_definition_name = "Azure Event Hubs Data Sender"
  principal_id         = each.value
}
