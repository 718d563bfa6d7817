variable "name" {
  description = "What everything is named after: 3 to 14 small letters and digits, a letter first."
  type        = string
  default     = "stylepipeline"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,13}$", var.name))
    error_message = "name should be 3 to 14 small letters and digits, a letter first."
  }
}

variable "location" {
  description = "The Azure region; it needs quota for gpu_vm_size at the spot price."
  type        = string
  default     = "westeurope"
}

variable "operators" {
  description = "Object ids of who runs the cluster and drops videos; the person who deploys is one."
  type        = set(string)
  default     = []
}

variable "api_server_ip_ranges" {
  description = "From where the cluster's API may be called, as CIDR; with none, from anywhere by who may."
  type        = set(string)
  default     = []
}

variable "media_ip_ranges" {
  description = "Public addresses that may reach the media account, as CIDR; with none, the virtual network alone."
  type        = set(string)
  default     = []
}

variable "cpu_vm_size" {
  description = "Nodes for Dagster and the steps without a GPU."
  type        = string
  default     = "Standard_D4ds_v5"
}

variable "cpu_max_nodes" {
  description = "CPU nodes at most; one is always there, for Dagster."
  type        = number
  default     = 4
}

variable "gpu_vm_size" {
  description = "Nodes for chunks and trainings: a size with one NVIDIA GPU."
  type        = string
  default     = "Standard_NC4as_T4_v3"
}

variable "gpu_max_nodes" {
  description = "GPU nodes at most; there are none while there is no work."
  type        = number
  default     = 8
}

variable "gpu_spot" {
  description = "Whether GPU nodes are spot machines: far cheaper, and taken away at any time."
  type        = bool
  default     = true
}

variable "work_days" {
  description = "Days after which work files are deleted, if nothing changed them."
  type        = number
  default     = 30
}

variable "log_days" {
  description = "Days that the logs of pods, and of the cluster, are kept."
  type        = number
  default     = 90
}

variable "cpu_pod" {
  description = "What pods without a GPU ask for, where it is not the default: docs/deployment.md."
  type        = any
  default     = {}
}

variable "gpu_pod" {
  description = "What the pods of chunks and trainings ask for, where it is not the default."
  type        = any
  default     = {}
}

variable "settings" {
  description = "Settings of the pods, STYLE_PIPELINE_..., as docs/deployment.md has them."
  type        = map(string)
  default     = {}
}
