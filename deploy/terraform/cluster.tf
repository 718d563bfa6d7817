resource "azurerm_user_assigned_identity" "cluster" {
  name                = "id-${var.name}-cluster"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
}

resource "azurerm_role_assignment" "cluster_network" {
  scope                = azurerm_subnet.nodes.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_kubernetes_cluster" "this" {
  name                = "aks-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  dns_prefix          = var.name
  sku_tier            = "Standard"

  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "NodeImage"

  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  local_account_disabled    = true
  azure_policy_enabled      = true

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
    tenant_id          = data.azurerm_client_config.current.tenant_id
  }

  dynamic "api_server_access_profile" {
    for_each = length(var.api_server_ip_ranges) > 0 ? [var.api_server_ip_ranges] : []

    content {
      authorized_ip_ranges = api_server_access_profile.value
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  default_node_pool {
    name                         = "system"
    vm_size                      = "Standard_D2ds_v5"
    vnet_subnet_id               = azurerm_subnet.nodes.id
    auto_scaling_enabled         = true
    min_count                    = 1
    max_count                    = 3
    max_pods                     = 50
    os_disk_type                 = "Ephemeral"
    os_disk_size_gb              = 64
    host_encryption_enabled      = true
    only_critical_addons_enabled = true
    temporary_name_for_rotation  = "systemtmp"

    upgrade_settings {
      max_surge = "33%"
    }
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
  }

  oms_agent {
    log_analytics_workspace_id      = azurerm_log_analytics_workspace.this.id
    msi_auth_for_monitoring_enabled = true
  }

  # An idle node is kept for a while: the next chunk starts at once and pays for no image pull.
  auto_scaler_profile {
    expander                      = var.gpu_fallback ? "priority" : "random"
    scale_down_unneeded           = "${var.idle_minutes}m"
    scale_down_delay_after_add    = "${var.idle_minutes}m"
    skip_nodes_with_local_storage = false
  }

  depends_on = [azurerm_role_assignment.cluster_network]
}

resource "azurerm_kubernetes_cluster_node_pool" "cpu" {
  name                        = "cpu"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  vm_size                     = var.cpu_vm_size
  vnet_subnet_id              = azurerm_subnet.nodes.id
  auto_scaling_enabled        = true
  min_count                   = var.cpu_min_nodes
  max_count                   = var.cpu_max_nodes
  max_pods                    = 50
  os_disk_type                = "Ephemeral"
  host_encryption_enabled     = true # scratch volumes, with frames in them, lie on these disks
  temporary_name_for_rotation = "cputmp"
}

# Shards of sensors: from no nodes, apart from films, which would hold them up.
resource "azurerm_kubernetes_cluster_node_pool" "sensors" {
  name                        = "sensors"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  vm_size                     = var.sensor_vm_size
  vnet_subnet_id              = azurerm_subnet.nodes.id
  auto_scaling_enabled        = true
  min_count                   = var.sensor_min_nodes
  max_count                   = var.sensor_max_nodes
  max_pods                    = 50
  os_disk_type                = "Ephemeral"
  host_encryption_enabled     = true
  temporary_name_for_rotation = "sensorstmp"
  node_taints                 = [local.sensor_taint]
  node_labels                 = { "style-pipeline/pool" = "sensors" }
}

locals {
  sensor_taint = "style-pipeline/pool=sensors:NoSchedule"
  spot_taint   = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
  gpu_taint    = "nvidia.com/gpu=present:NoSchedule"
}

resource "azurerm_kubernetes_cluster_node_pool" "gpu" {
  name                        = "gpu"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  vm_size                     = var.gpu_vm_size
  vnet_subnet_id              = azurerm_subnet.nodes.id
  auto_scaling_enabled        = true
  min_count                   = var.gpu_min_nodes
  max_count                   = var.gpu_max_nodes
  max_pods                    = 50
  os_disk_type                = "Ephemeral"
  host_encryption_enabled     = true
  temporary_name_for_rotation = "gputmp"

  priority        = var.gpu_spot ? "Spot" : "Regular"
  eviction_policy = var.gpu_spot ? "Delete" : null
  spot_max_price  = var.gpu_spot ? -1 : null # up to the regular price

  # Azure sets the taint and the label of spot nodes itself; unless they are here, it is a change.
  node_taints = var.gpu_spot ? [local.gpu_taint, local.spot_taint] : [local.gpu_taint]
  node_labels = merge(
    { "style-pipeline/pool" = "gpu" },
    var.gpu_spot ? { "kubernetes.azure.com/scalesetpriority" = "spot" } : {},
  )
}

# For the scoring service: not spot, as requests wait for nobody to take a node away.
resource "azurerm_kubernetes_cluster_node_pool" "service_gpu" {
  count = var.service_gpu_max_nodes > 0 ? 1 : 0

  name                        = "servicegpu"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  vm_size                     = var.service_gpu_vm_size
  vnet_subnet_id              = azurerm_subnet.nodes.id
  auto_scaling_enabled        = true
  min_count                   = 0 # as many as there are pods: two, and more where the autoscaler wants them
  max_count                   = var.service_gpu_max_nodes
  max_pods                    = 50
  os_disk_type                = "Ephemeral"
  host_encryption_enabled     = true
  temporary_name_for_rotation = "servgputmp"
  node_taints                 = [local.gpu_taint]
  node_labels                 = { "style-pipeline/pool" = "service-gpu" }
}

# Where there are no spot machines. Pods tolerate and select both pools alike; the autoscaler tries the
# spot pool first, by the priorities in cluster.yaml.tftpl, and this one while it backs off from that.
resource "azurerm_kubernetes_cluster_node_pool" "gpu_fallback" {
  count = var.gpu_fallback ? 1 : 0

  name                        = "gpuregular"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  vm_size                     = var.gpu_vm_size
  vnet_subnet_id              = azurerm_subnet.nodes.id
  auto_scaling_enabled        = true
  min_count                   = 0
  max_count                   = var.gpu_max_nodes
  max_pods                    = 50
  os_disk_type                = "Ephemeral"
  host_encryption_enabled     = true
  temporary_name_for_rotation = "gpuregtmp"
  node_taints                 = [local.gpu_taint]
  node_labels                 = { "style-pipeline/pool" = "gpu" }
}
