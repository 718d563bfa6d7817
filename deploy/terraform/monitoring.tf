resource "azurerm_log_analytics_workspace" "this" {
  name                = "log-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  sku                 = "PerGB2018"
  retention_in_days   = var.log_days
}

# What Container Insights collects: the state of nodes and pods, events, and what containers print.
resource "azurerm_monitor_data_collection_rule" "cluster" {
  name                = "MSCI-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  kind                = "Linux"

  destinations {
    log_analytics {
      name                  = "workspace"
      workspace_resource_id = azurerm_log_analytics_workspace.this.id
    }
  }

  data_flow {
    streams      = ["Microsoft-ContainerInsights-Group-Default"]
    destinations = ["workspace"]
  }

  data_sources {
    extension {
      name           = "ContainerInsightsExtension"
      extension_name = "ContainerInsights"
      streams        = ["Microsoft-ContainerInsights-Group-Default"]
      extension_json = jsonencode({
        dataCollectionSettings = {
          interval               = "1m"
          namespaceFilteringMode = "Off"
          enableContainerLogV2   = true
        }
      })
    }
  }
}

resource "azurerm_monitor_data_collection_rule_association" "cluster" {
  name                    = "ContainerInsightsExtension"
  target_resource_id      = azurerm_kubernetes_cluster.this.id
  data_collection_rule_id = azurerm_monitor_data_collection_rule.cluster.id
}

resource "azurerm_monitor_diagnostic_setting" "cluster" {
  name                       = "workspace"
  target_resource_id         = azurerm_kubernetes_cluster.this.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  # Why a node came or did not, and who changed what.
  dynamic "enabled_log" {
    for_each = ["cluster-autoscaler", "kube-audit-admin"]

    content {
      category = enabled_log.value
    }
  }
}

resource "azurerm_monitor_diagnostic_setting" "blobs" {
  for_each = azurerm_storage_account.this

  name                       = "workspace"
  target_resource_id         = "${each.value.id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  dynamic "enabled_log" {
    for_each = ["StorageRead", "StorageWrite", "StorageDelete"]

    content {
      category = enabled_log.value
    }
  }
}

# Alerts are sent by e-mail; without an address they are in the portal alone.
resource "azurerm_monitor_action_group" "operators" {
  count = length(var.alert_emails) > 0 ? 1 : 0

  name                = "ag-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  short_name          = "stylepipe"

  dynamic "email_receiver" {
    for_each = var.alert_emails

    content {
      name          = email_receiver.value
      email_address = email_receiver.value
    }
  }
}

locals {
  logs = "ContainerLogV2 | where PodNamespace == '${local.namespace}'"

  # What Dagster and this project print: tests look for these words in both.
  alerts = {
    run-failed = {
      description = "A run failed, by its own word or as its pod was lost. `style-pipeline status` says of which video."
      minutes     = 15
      operator    = "GreaterThan"
      threshold   = 0
      query       = "${local.logs} | where LogMessage has_any ('RUN_FAILURE', 'Marking run', 'did not start', 'Run timed out') | summarize found = count()"
    }
    daemon-stopped = {
      description = "The sensor that takes videos has not looked for a quarter of an hour: it, or the daemon, stopped."
      minutes     = 15
      operator    = "LessThan"
      threshold   = 1
      query       = "${local.logs} | where LogMessage has 'Checking for new runs for sensor: new_videos' | summarize found = count()"
    }
    no-gpu-node = {
      description = "Pods have waited for an hour, and there was no GPU node: no quota, or no spot machines."
      minutes     = 60
      operator    = "GreaterThan"
      threshold   = 0
      query       = <<-KQL
        let nodes = toscalar(KubeNodeInventory
            | where Labels has '"style-pipeline/pool":"gpu"' and Status has 'Ready' | count);
        KubePodInventory
        | where Namespace == '${local.namespace}' and PodStatus == 'Pending'
        | summarize waited = dcount(bin(TimeGenerated, 10m))
        | summarize found = countif(waited >= 6 and nodes == 0)
      KQL
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each = local.alerts

  name                 = "alert-${var.name}-${each.key}"
  resource_group_name  = azurerm_resource_group.this.name
  location             = var.location
  description          = each.value.description
  scopes               = [azurerm_log_analytics_workspace.this.id]
  severity             = 2
  evaluation_frequency = "PT15M"
  window_duration      = "PT${each.value.minutes}M"

  criteria {
    query                   = each.value.query
    time_aggregation_method = "Total"
    metric_measure_column   = "found"
    operator                = each.value.operator
    threshold               = each.value.threshold
  }

  dynamic "action" {
    for_each = azurerm_monitor_action_group.operators

    content {
      action_groups = [action.value.id]
    }
  }
}

# In the workspace, under Logs, Queries: how busy each GPU is, and how full its memory.
resource "azurerm_log_analytics_saved_search" "gpus" {
  name                       = "gpus"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
  category                   = "Style pipeline"
  display_name               = "GPUs"
  query                      = <<-KQL
    InsightsMetrics
    | where Namespace == 'prometheus' and Name startswith 'DCGM_FI_DEV_'
    | extend tags = todynamic(Tags)
    | summarize avg(Val) by Name, gpu = strcat(tags.Hostname, ' ', tags.gpu), bin(TimeGenerated, 5m)
    | render timechart
  KQL
}

resource "azurerm_application_insights" "this" {
  count = var.application_insights ? 1 : 0

  name                = "appi-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  application_type    = "other"
  workspace_id        = azurerm_log_analytics_workspace.this.id
}
