resource "azurerm_virtual_network" "this" {
  name                = "vnet-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  address_space       = ["10.60.0.0/16"]

  dynamic "ddos_protection_plan" {
    for_each = azurerm_network_ddos_protection_plan.this

    content {
      id     = ddos_protection_plan.value.id
      enable = true
    }
  }
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = ["10.60.0.0/20"]
}

resource "azurerm_subnet" "endpoints" {
  name                              = "endpoints"
  resource_group_name               = azurerm_resource_group.this.name
  virtual_network_name              = azurerm_virtual_network.this.name
  address_prefixes                  = ["10.60.16.0/24"]
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_subnet" "database" {
  name                 = "database"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = ["10.60.17.0/28"]

  delegation {
    name = "postgres"

    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

# Azure's default rules: in from the virtual network and the load balancer alone.
resource "azurerm_network_security_group" "this" {
  name                = "nsg-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
}

resource "azurerm_subnet_network_security_group_association" "this" {
  for_each = {
    nodes     = azurerm_subnet.nodes.id
    endpoints = azurerm_subnet.endpoints.id
    database  = azurerm_subnet.database.id
  }

  subnet_id                 = each.value
  network_security_group_id = azurerm_network_security_group.this.id
}

resource "azurerm_private_dns_zone" "this" {
  for_each = {
    blob     = "privatelink.blob.core.windows.net"
    postgres = "${var.name}.private.postgres.database.azure.com"
  }

  name                = each.value
  resource_group_name = azurerm_resource_group.this.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  for_each = azurerm_private_dns_zone.this

  name                  = each.key
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = each.value.name
  virtual_network_id    = azurerm_virtual_network.this.id
}

# Azure's basic protection is always there, and costs nothing.
resource "azurerm_network_ddos_protection_plan" "this" {
  count = var.ddos_protection ? 1 : 0

  name                = "ddos-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
}

# Of the whole subscription: there is none of a resource group.
resource "azurerm_security_center_subscription_pricing" "this" {
  for_each = toset(var.defender ? ["Containers", "StorageAccounts"] : [])

  tier          = "Standard"
  resource_type = each.key
}
