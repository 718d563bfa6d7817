# Who may do what. Roles are given on containers, never on accounts.
locals {
  read  = "Storage Blob Data Reader"
  write = "Storage Blob Data Contributor"

  # What each may change; everything else in these containers it may read. The pods of a service
  # account get its identity by a token that the cluster signs: no secret. None may change what was
  # dropped.
  grants = {
    # Web server, daemon and code server: list videos, tell why one was not taken, show logs, and
    # delete the work files of videos that are forgotten.
    services = { media = ["rejected/*"], ops = ["work/*"], logs = ["*"] }
    # Audio, frames, films.
    cpu = { media = ["images/*", "rejected/*", "styled/*"], ops = ["*"], logs = ["*"] }
    # Chunks and trainings.
    gpu = { media = ["images/*", "rejected/*"], ops = ["*"], logs = ["*"] }
    # Hours of sensors: what is unusual in them, and all work in between.
    sensors = { media = ["anomalies/*"], ops = ["sensors/*"], logs = ["*"] }
    # FAQs and their models; and what answers with them, which changes nothing.
    faq     = { media = [], ops = ["faq/*", "faq_models/*"], logs = ["*"] }
    scoring = { ops = [] }
    # For whoever drops videos and fetches films from outside. It has no service account.
    media = { media = ["*"] }
  }

  service_accounts = { for who in ["services", "cpu", "gpu", "sensors", "faq", "scoring"] : who => "style-pipeline-${who}" }

  assignments = merge([
    for who, containers in local.grants : {
      for container, changes in containers : "${who}-${container}" => {
        who       = who
        container = container
        role      = length(changes) > 0 ? local.write : local.read
        # Of a role that writes: what it may do elsewhere than in those folders.
        condition = length(changes) == 0 || contains(changes, "*") ? null : join(" OR ", concat(
          ["(${join(" AND ", [for action in local.changing : "!(ActionMatches{'${local.blobs}/${action}'})"])})"],
          [for folder in changes : "@Resource[${local.blobs}:path] StringLike '${folder}'"],
        ))
      }
    }
  ]...)

  blobs    = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
  changing = ["write", "add/action", "delete", "move/action"]
}

resource "azurerm_user_assigned_identity" "this" {
  for_each = local.grants

  name                = "id-${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
}

resource "azurerm_role_assignment" "blobs" {
  for_each = local.assignments

  scope                = azurerm_storage_container.this[each.value.container].id
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.this[each.value.who].principal_id
  principal_type       = "ServicePrincipal"
  condition            = each.value.condition
  condition_version    = each.value.condition == null ? null : "2.0"
}

resource "azurerm_federated_identity_credential" "this" {
  for_each = local.service_accounts

  name                = each.value
  resource_group_name = azurerm_resource_group.this.name
  parent_id           = azurerm_user_assigned_identity.this[each.key].id
  issuer              = azurerm_kubernetes_cluster.this.oidc_issuer_url
  subject             = "system:serviceaccount:${local.namespace}:${each.value}"
  audience            = ["api://AzureADTokenExchange"]
}

# People: the cluster, and the videos.
resource "azurerm_role_assignment" "operators_cluster" {
  for_each = local.operators

  scope                = azurerm_kubernetes_cluster.this.id
  role_definition_name = "Azure Kubernetes Service RBAC Cluster Admin"
  principal_id         = each.value
}

resource "azurerm_role_assignment" "operators_media" {
  for_each = local.operators

  scope                = azurerm_storage_container.this["media"].id
  role_definition_name = local.write
  principal_id         = each.value
}
