data "azurerm_client_config" "current" {}

resource "random_string" "suffix" {
  length  = 6
  special = false
  upper   = false
}

locals {
  # Names of accounts, registries and servers are shared with the whole world.
  unique    = "${var.name}${random_string.suffix.result}"
  namespace = "style-pipeline"
  operators = setunion(var.operators, [data.azurerm_client_config.current.object_id])
}

resource "azurerm_resource_group" "this" {
  name     = "rg-${var.name}"
  location = var.location
}
