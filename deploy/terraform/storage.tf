locals {
  # Media is where videos are dropped and films delivered; nobody from outside is let into ops.
  stores = {
    media = { redundancy = "ZRS", open_to = var.media_ip_ranges }
    ops   = { redundancy = "LRS", open_to = [] }
  }
  # The account of each container.
  containers = { media = "media", ops = "ops", logs = "ops" }
}

resource "azurerm_storage_account" "this" {
  for_each = local.stores

  name                     = "${var.name}${substr(each.key, 0, 3)}${random_string.suffix.result}"
  resource_group_name      = azurerm_resource_group.this.name
  location                 = var.location
  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = each.value.redundancy

  https_traffic_only_enabled        = true
  min_tls_version                   = "TLS1_2"
  infrastructure_encryption_enabled = true

  # Identities alone. A SAS can still be made, signed by an identity and for a week at most.
  shared_access_key_enabled        = false
  default_to_oauth_authentication  = true
  local_user_enabled               = false
  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false

  public_network_access_enabled = length(each.value.open_to) > 0

  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
    # A single address has to be written bare.
    ip_rules = [for range in each.value.open_to : trimsuffix(range, "/32")]
  }

  sas_policy {
    expiration_period = "7.00:00:00"
  }

  blob_properties {
    delete_retention_policy {
      days = 7
    }

    container_delete_retention_policy {
      days = 7
    }

    # The studio's page alone puts videos there from a browser.
    dynamic "cors_rule" {
      for_each = each.key == "media" && var.studio ? ["https://${var.service_host}"] : []

      content {
        allowed_origins    = [cors_rule.value]
        allowed_methods    = ["PUT"]
        allowed_headers    = ["content-type", "x-ms-blob-type"]
        exposed_headers    = [""]
        max_age_in_seconds = 3600
      }
    }
  }
}

resource "azurerm_storage_container" "this" {
  for_each = local.containers

  name                  = each.key
  storage_account_id    = azurerm_storage_account.this[each.value].id
  container_access_type = "private"
}

resource "azurerm_storage_management_policy" "ops" {
  storage_account_id = azurerm_storage_account.this["ops"].id

  # What can be made again from the videos: indexes, looks, audio, segments. Models stay.
  rule {
    name    = "work"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["ops/work/"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = var.work_days
      }
    }
  }

  rule {
    name    = "logs"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["logs/"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = var.log_days
      }
    }
  }
}

resource "azurerm_private_endpoint" "blob" {
  for_each = azurerm_storage_account.this

  name                = "pe-${each.value.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  subnet_id           = azurerm_subnet.endpoints.id

  private_service_connection {
    name                           = "blob"
    private_connection_resource_id = each.value.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "blob"
    private_dns_zone_ids = [azurerm_private_dns_zone.this["blob"].id]
  }
}
