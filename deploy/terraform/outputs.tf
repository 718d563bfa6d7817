output "resource_group" {
  value = azurerm_resource_group.this.name
}

output "cluster" {
  value = azurerm_kubernetes_cluster.this.name
}

output "namespace" {
  value = local.namespace
}

output "registry" {
  value = azurerm_container_registry.this.name
}

output "image" {
  description = "What images are called, but for -cpu or -gpu and the tag."
  value       = "${azurerm_container_registry.this.login_server}/style-pipeline"
}

output "chunks_at_a_time" {
  description = "As many as there may be GPUs in the pool that is tried first."
  value       = var.gpu_max_nodes * var.gpus_per_node
}

output "service" {
  value = var.service
}

output "service_canary" {
  value = var.service_canary
}

output "service_gpu" {
  value = var.service_gpu_max_nodes > 0
}

output "service_monitoring" {
  value = var.service_monitoring
}

output "service_host" {
  value = var.service_host
}

output "database_server" {
  value = azurerm_postgresql_flexible_server.this.name
}

output "database_host" {
  value = azurerm_postgresql_flexible_server.this.fqdn
}

output "media_account" {
  value = azurerm_storage_account.this["media"].name
}

output "cluster_objects" {
  description = "Kubernetes objects for `kubectl apply`."
  sensitive   = true # as Terraform holds a connection string of Application Insights to be
  value = templatefile("${path.module}/cluster.yaml.tftpl", {
    namespace        = local.namespace
    service_accounts = local.service_accounts
    gpu_fallback     = var.gpu_fallback
    client_ids       = { for who, identity in azurerm_user_assigned_identity.this : who => identity.client_id }
    settings = merge({
      STYLE_PIPELINE_MEDIA_URL = "az://${azurerm_storage_account.this["media"].name}/media"
      STYLE_PIPELINE_OPS_URL   = "az://${azurerm_storage_account.this["ops"].name}/ops"
      STYLE_PIPELINE_LOGS_URL  = "az://${azurerm_storage_account.this["ops"].name}/logs"
      STYLE_PIPELINE_CPU_POD   = jsonencode(merge({ service_account = local.service_accounts["cpu"] }, var.cpu_pod))
      # deploy.sh knows the tag.
      STYLE_PIPELINE_GPU_POD = jsonencode(merge({
        image           = "${azurerm_container_registry.this.login_server}/style-pipeline-gpu:TAG"
        service_account = local.service_accounts["gpu"]
      }, var.gpu_pod))
      SENSOR_PIPELINE_MEDIA_URL = "az://${azurerm_storage_account.this["media"].name}/media"
      SENSOR_PIPELINE_OPS_URL   = "az://${azurerm_storage_account.this["ops"].name}/ops"
      SENSOR_PIPELINE_POD       = jsonencode(merge({ service_account = local.service_accounts["sensors"] }, var.sensor_pod))
      FAQ_PIPELINE_MEDIA_URL    = "az://${azurerm_storage_account.this["media"].name}/media"
      FAQ_PIPELINE_OPS_URL      = "az://${azurerm_storage_account.this["ops"].name}/ops"
      FAQ_PIPELINE_POD          = jsonencode({ service_account = local.service_accounts["faq"] })
      SCORING_SERVICE_OPS_URL   = "az://${azurerm_storage_account.this["ops"].name}/ops"
      SCORING_SERVICE_MEDIA_URL = "az://${azurerm_storage_account.this["media"].name}/media"
      SCORING_SERVICE_FILMS     = tostring(var.studio)
      # A GPU node costs minutes before its first frame: see docs/scale-out.md.
      STYLE_PIPELINE_MIN_FRAMES = "3000"
      },
      { for insights in azurerm_application_insights.this : "STYLE_PIPELINE_TELEMETRY" => insights.connection_string },
    var.settings)
  })
}
