# The studio, where it is wanted: its page puts videos into the media account, and shows films from
# there, by links that the scoring service signs.
locals {
  # What the service may add beside reading: videos, and whose they are.
  studio = var.studio ? { media = "videos/*", ops = "studio/*" } : {}
}

resource "azurerm_role_assignment" "studio" {
  for_each = local.studio

  scope                = azurerm_storage_container.this[each.key].id
  role_definition_name = local.write
  principal_id         = azurerm_user_assigned_identity.this["scoring"].principal_id
  principal_type       = "ServicePrincipal"
  condition_version    = "2.0"
  condition = join(" OR ", [
    "(${join(" AND ", [for action in local.changing : "!(ActionMatches{'${local.blobs}/${action}'})"])})",
    "@Resource[${local.blobs}:path] StringLike '${each.value}'",
  ])
}

# To sign links; it opens nothing by itself: a link may do what its signer may.
resource "azurerm_role_assignment" "studio_links" {
  count = var.studio ? 1 : 0

  scope                = azurerm_storage_account.this["media"].id
  role_definition_name = "Storage Blob Delegator"
  principal_id         = azurerm_user_assigned_identity.this["scoring"].principal_id
  principal_type       = "ServicePrincipal"
}
