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

variable "cpu_min_nodes" {
  description = "CPU nodes that are always there: one at least, for Dagster."
  type        = number
  default     = 1

  validation {
    condition     = var.cpu_min_nodes >= 1
    error_message = "cpu_min_nodes should be at least 1: Dagster itself runs there."
  }
}

variable "cpu_max_nodes" {
  description = "CPU nodes at most."
  type        = number
  default     = 4
}

variable "gpu_vm_size" {
  description = "Nodes for chunks and trainings: a size with NVIDIA GPUs."
  type        = string
  default     = "Standard_NC4as_T4_v3"
}

variable "gpus_per_node" {
  description = "GPUs of a node of gpu_vm_size: so many chunks run on it at a time."
  type        = number
  default     = 1
}

variable "gpu_min_nodes" {
  description = "GPU nodes that are kept while there is no work: see docs/scale-out.md."
  type        = number
  default     = 0
}

variable "gpu_max_nodes" {
  description = "GPU nodes at most, of each pool."
  type        = number
  default     = 8
}

variable "gpu_spot" {
  description = "Whether GPU nodes are spot machines: far cheaper, and taken away at any time."
  type        = bool
  default     = true
}

variable "gpu_fallback" {
  description = "Whether regular GPU nodes come, at the full price, where there are no spot machines."
  type        = bool
  default     = false

  validation {
    condition     = var.gpu_spot || !var.gpu_fallback
    error_message = "gpu_fallback is for gpu_spot: without it all GPU nodes are regular."
  }
}

variable "idle_minutes" {
  description = "Minutes that a node is kept without work: see docs/scale-out.md."
  type        = number
  default     = 10
}

variable "alert_emails" {
  description = "Who gets the alerts that a run failed, that Dagster stopped, or that no GPU node comes."
  type        = set(string)
  default     = []
}

variable "application_insights" {
  description = "Whether each step is reported to Application Insights, too."
  type        = bool
  default     = false
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

variable "sensor_vm_size" {
  description = "Nodes for the shards of sensors."
  type        = string
  default     = "Standard_D4ds_v5"
}

variable "sensor_min_nodes" {
  description = "Nodes for sensors that are kept between two hours: see docs/sensors.md."
  type        = number
  default     = 0
}

variable "sensor_max_nodes" {
  description = "Nodes for sensors at most."
  type        = number
  default     = 4
}

variable "sensor_pod" {
  description = "What the pods of sensors ask for, where it is not the default: docs/deployment.md."
  type        = any
  default     = {}
}

variable "event_hubs" {
  description = "Whether there is an event hub for readings, captured into the media account."
  type        = bool
  default     = false
}

variable "event_hub_partitions" {
  description = "Partitions of the event hub: files a capture, which can be read in parallel."
  type        = number
  default     = 4
}

variable "service" {
  description = "Whether the scoring service runs: docs/service.md."
  type        = bool
  default     = false
}

variable "studio" {
  description = "Whether the scoring service's page takes videos, and shows films: docs/studio.md."
  type        = bool
  default     = false
}

variable "service_host" {
  description = "The name that the scoring service is reached by, for its certificate."
  type        = string
  default     = "scoring.example.com"
}

variable "service_monitoring" {
  description = "Whether the cluster has Prometheus' operator, Grafana and KEDA, for deploy/service/monitoring.yaml."
  type        = bool
  default     = false
}

variable "service_canary" {
  description = "Digest of a published FAQ model that one more pod of the scoring service answers with; none by default."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9a-f]{64})?$", var.service_canary))
    error_message = "service_canary should be the 64 hexadecimal digits of a model's digest."
  }
}

variable "service_gpu_vm_size" {
  description = "Of the nodes with a GPU for each pod of the scoring service."
  type        = string
  default     = "Standard_NC4as_T4_v3"
}

variable "service_gpu_max_nodes" {
  description = "Nodes with a GPU that the scoring service may have, two at least; with 0 it computes on CPUs. A Standard_NC4as_T4_v3 costs about 0.6 US dollars an hour."
  type        = number
  default     = 0

  validation {
    condition     = var.service_gpu_max_nodes == 0 || var.service_gpu_max_nodes >= 2
    error_message = "service_gpu_max_nodes should be 0, or 2 or more: there are two pods, each with a GPU."
  }
}

variable "ddos_protection" {
  description = "Whether the network has a DDoS protection plan: about 3,000 US dollars a month, for up to 100 addresses."
  type        = bool
  default     = false
}

variable "defender" {
  description = "Whether Defender for Containers and for Storage watch the subscription: about 7 US dollars a month for each core of the cluster, and 10 for each account."
  type        = bool
  default     = false
}

variable "settings" {
  description = "Settings of the pods, STYLE_PIPELINE_... and those of the other systems, as docs/deployment.md has them."
  type        = map(string)
  default     = {}
}
