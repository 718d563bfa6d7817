# Nobody knows this password: deploy.sh sets one that only the cluster keeps. Neither is in the state.
ephemeral "random_password" "postgres" {
  length = 32
}

resource "azurerm_postgresql_flexible_server" "this" {
  name                = "psql-${local.unique}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  version             = "16"

  # A run keeps a few connections open, and there may be dozens of runs.
  sku_name          = "B_Standard_B2s"
  storage_mb        = 32768
  auto_grow_enabled = true

  administrator_login               = "dagster"
  administrator_password_wo         = ephemeral.random_password.postgres.result
  administrator_password_wo_version = 1

  public_network_access_enabled = false
  delegated_subnet_id           = azurerm_subnet.database.id
  private_dns_zone_id           = azurerm_private_dns_zone.this["postgres"].id
  backup_retention_days         = 7

  depends_on = [azurerm_private_dns_zone_virtual_network_link.this]

  lifecycle {
    ignore_changes = [zone] # Azure chooses one
  }
}

resource "azurerm_postgresql_flexible_server_database" "dagster" {
  name      = "dagster"
  server_id = azurerm_postgresql_flexible_server.this.id
}
