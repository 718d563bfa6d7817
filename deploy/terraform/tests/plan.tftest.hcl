# `terraform test` plans with Azure mocked: it needs the providers, and no account.
mock_provider "azurerm" {}

run "closed_by_default" {
  command = plan

  assert {
    condition     = !anytrue([for account in azurerm_storage_account.this : account.public_network_access_enabled])
    error_message = "A storage account can be reached from outside."
  }

  assert {
    condition     = !anytrue([for account in azurerm_storage_account.this : account.shared_access_key_enabled])
    error_message = "A storage account can be entered with its key."
  }

  assert {
    condition     = alltrue([for container in azurerm_storage_container.this : container.container_access_type == "private"])
    error_message = "A container can be read by anybody."
  }
}

run "media_opened_to_an_office" {
  command = plan

  variables {
    media_ip_ranges = ["203.0.113.7/32"]
  }

  assert {
    condition     = azurerm_storage_account.this["media"].public_network_access_enabled
    error_message = "The office cannot reach the media account."
  }

  assert {
    condition     = one(azurerm_storage_account.this["media"].network_rules[0].ip_rules) == "203.0.113.7"
    error_message = "The media account lets in others than the office."
  }

  assert {
    condition     = !azurerm_storage_account.this["ops"].public_network_access_enabled
    error_message = "The ops account can be reached from outside."
  }
}

run "least_privilege" {
  command = plan

  assert {
    condition = {
      for name, assignment in azurerm_role_assignment.blobs : name => assignment.role_definition_name
      } == {
      services-media = "Storage Blob Data Contributor"
      services-ops   = "Storage Blob Data Contributor"
      services-logs  = "Storage Blob Data Contributor"
      faq-media      = "Storage Blob Data Reader"
      faq-ops        = "Storage Blob Data Contributor"
      faq-logs       = "Storage Blob Data Contributor"
      scoring-ops    = "Storage Blob Data Reader"
      cpu-media      = "Storage Blob Data Contributor"
      cpu-ops        = "Storage Blob Data Contributor"
      cpu-logs       = "Storage Blob Data Contributor"
      gpu-media      = "Storage Blob Data Contributor"
      gpu-ops        = "Storage Blob Data Contributor"
      gpu-logs       = "Storage Blob Data Contributor"
      sensors-media  = "Storage Blob Data Contributor"
      sensors-ops    = "Storage Blob Data Contributor"
      sensors-logs   = "Storage Blob Data Contributor"
      media-media    = "Storage Blob Data Contributor"
    }
    error_message = "An identity may do more, or less, than it should."
  }

  assert {
    condition = toset([
      for name, assignment in azurerm_role_assignment.blobs : name if assignment.condition != null
    ]) == toset(["services-media", "services-ops", "cpu-media", "gpu-media", "sensors-media", "sensors-ops", "faq-ops"])
    error_message = "A pod may change what was dropped, or an identity less than it should."
  }

  assert {
    condition = azurerm_role_assignment.blobs["services-media"].condition == join(" OR ", [
      join(" AND ", [
        "(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})",
        "!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'})",
        "!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'})",
        "!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action'}))",
      ]),
      "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike 'rejected/*'",
    ])
    error_message = "The services may change more than reports on what was not taken."
  }

  assert {
    condition     = endswith(azurerm_role_assignment.blobs["services-ops"].condition, ":path] StringLike 'work/*'")
    error_message = "The services may change more than work files."
  }
}

run "no_studio_unless_it_is_asked_for" {
  command = plan

  assert {
    condition     = length(azurerm_role_assignment.studio) + length(azurerm_role_assignment.studio_links) == 0
    error_message = "The scoring service may add videos without a studio."
  }

  assert {
    condition     = length(azurerm_storage_account.this["media"].blob_properties[0].cors_rule) == 0
    error_message = "Pages of others may reach the media account."
  }
}

run "a_studio" {
  command = plan

  variables {
    studio       = true
    service_host = "studio.example.org"
  }

  assert {
    condition     = toset(keys(azurerm_role_assignment.studio)) == toset(["media", "ops"])
    error_message = "The studio may add too much, or too little."
  }

  assert {
    condition     = endswith(azurerm_role_assignment.studio["media"].condition, ":path] StringLike 'videos/*'")
    error_message = "The studio may change more than videos."
  }

  assert {
    condition     = one(azurerm_storage_account.this["media"].blob_properties[0].cors_rule).allowed_origins == tolist(["https://studio.example.org"])
    error_message = "Other pages than the studio's may put videos there."
  }

  assert {
    condition     = length(azurerm_storage_account.this["ops"].blob_properties[0].cors_rule) == 0
    error_message = "A page may reach the ops account."
  }
}

run "gpu_nodes_come_and_go" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.gpu.min_count == 0 && azurerm_kubernetes_cluster_node_pool.gpu.priority == "Spot"
    error_message = "GPU nodes are kept while there is no work, or are not spot machines."
  }
}

run "gpu_nodes_that_stay" {
  command = plan

  variables {
    gpu_spot = false
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.gpu.priority == "Regular" && length(azurerm_kubernetes_cluster_node_pool.gpu.node_taints) == 1
    error_message = "Regular GPU nodes should bear the GPU taint alone."
  }
}

run "a_bad_name_is_refused" {
  command = plan

  variables {
    name = "Style Pipeline"
  }

  expect_failures = [var.name]
}

run "regular_gpu_nodes_where_there_are_no_spot_machines" {
  command = plan

  variables {
    gpu_fallback = true
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster_node_pool.gpu_fallback).min_count == 0 && azurerm_kubernetes_cluster.this.auto_scaler_profile[0].expander == "priority"
    error_message = "Regular GPU nodes are kept, or come before spot machines are tried."
  }
}

run "a_fall_back_of_what_does_not_fail_is_refused" {
  command = plan

  variables {
    gpu_spot     = false
    gpu_fallback = true
  }

  expect_failures = [var.gpu_fallback]
}

run "no_event_hub_by_default_and_no_node_for_sensors" {
  command = plan

  assert {
    condition     = length(azurerm_eventhub_namespace.this) == 0 && azurerm_kubernetes_cluster_node_pool.sensors.min_count == 0
    error_message = "An event hub, or a node for sensors, costs money though nobody asked for it."
  }
}

run "an_event_hub_for_readings" {
  command = plan

  variables {
    event_hubs = true
  }

  assert {
    condition     = one(azurerm_eventhub.readings).capture_description[0].enabled && !one(azurerm_eventhub_namespace.this).local_authentication_enabled
    error_message = "Readings are not captured, or can be sent with a key."
  }
}
