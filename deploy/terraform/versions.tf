terraform {
  required_version = ">= 1.11" # the first with write-only arguments

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

# The subscription is that of ARM_SUBSCRIPTION_ID, the person that of `az login`.
provider "azurerm" {
  storage_use_azuread = true

  features {
    resource_group {
      # Container Insights adds things of its own, which `destroy` must not stumble over.
      prevent_deletion_if_contains_resources = false
    }
  }
}
